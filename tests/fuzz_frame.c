/*
 * Whatever comes over the bus, fields lie inside the packet and hold neither
 * controls nor TABs, and each line makes the packet shorter.
 */
#include "tests/fuzz.h"

#include "ws/frame.h"

static void
check_field(const struct frame *frame, size_t i, struct span packet)
{
	struct span field = frame->field[i];
	long long n = -1;

	if (i >= frame->count) {
		assert(field.len == 0);
		return;
	}
	assert(field.at >= packet.at &&
	       field.at + field.len <= packet.at + packet.len);
	for (size_t k = 0; k < field.len; k++)
		assert((unsigned char)field.at[k] >= 0x20);
	if (frame_number(frame, i, &n))
		assert(n >= 0 && field.len > 0);
	(void)frame_is(frame, i, "publish");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span packet = {(const char *)data, size}, rest = packet;
	struct frame frame;
	size_t before = rest.len;

	while (frame_next(&rest, &frame)) {
		assert(rest.len < before);
		assert(frame.count > 0 && frame.count <= FRAME_FIELDS);
		for (size_t i = 0; i < FRAME_FIELDS; i++)
			check_field(&frame, i, packet);
		before = rest.len;
	}
	assert(rest.len == 0);
	return 0;
}
