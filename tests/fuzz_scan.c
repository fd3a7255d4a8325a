/*
 * What the scanner passes, json-c reads, and spans find as json-c does; what
 * it refuses has a reason, at a place, with a path.
 */
#include "tests/fuzz.h"

#include "ws/scan.h"

static void
compare(struct span value, struct json_object *read)
{
	char text[64];

	assert(value.at && value.len > 0);
	if (json_object_is_type(read, json_type_array)) {
		size_t count = json_object_array_length(read);

		for (size_t i = 0; i < count; i++)
			compare(json_item(value, i),
			    json_object_array_get_idx(read, i));
		assert(!json_item(value, count).at);
	} else if (json_object_is_type(read, json_type_object)) {
		json_object_object_foreach(read, key, member)
		{
			compare(json_member(value, key), member);
		}
	} else if (json_object_is_type(read, json_type_string)) {
		size_t len = (size_t)json_object_get_string_len(read);

		assert(json_text(value, text, sizeof(text)) ==
		       (len < sizeof(text)));
		assert(len >= sizeof(text) ||
		       memcmp(text, json_object_get_string(read), len) == 0);
	} else {
		assert(strchr("tfn0", json_kind(value)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size};
	struct scan_flaw flaw = {.reason = NULL};
	struct json_object *read;

	if (!scan_check(text.at, size, &flaw)) {
		assert(flaw.reason && flaw.offset <= size);
		assert(memchr(flaw.path, '\0', sizeof(flaw.path)));
		return 0;
	}
	text = span_trimmed(text);
	read = second_opinion(text.at, text.len);
	assert(read);
	compare(text, read);
	json_object_put(read);
	return 0;
}
