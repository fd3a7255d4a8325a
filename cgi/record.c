/*
 * record.c: see record.h.
 */
#include "cgi/record.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#define RECORD_MAX 65528 /* content bytes; the largest multiple of 8 */
#define BATCH 32         /* records in one writev(2): 2 MiB */

enum { VERSION = 1, END_REQUEST = 3, STDOUT = 6 };

struct header {
	uint8_t version, type, id[2], len[2], padding, reserved;
};

struct batch {
	int fd;
	uint16_t id;
	size_t headers, slices;
	struct header header[BATCH + 2]; /* and the two that end it */
	struct iovec slice[(BATCH + 2) * (1 + RECORD_PARTS_MAX)];
};

/* Where we are in the parts. */
struct cursor {
	const struct iovec *part;
	size_t at;
};

static void
add_slice(struct batch *b, const void *bytes, size_t len)
{
	b->slice[b->slices].iov_base = (void *)bytes;
	b->slice[b->slices].iov_len = len;
	b->slices++;
}

static void
add_header(struct batch *b, uint8_t type, size_t len)
{
	struct header *h = &b->header[b->headers++];

	*h = (struct header){
	    .version = VERSION,
	    .type = type,
	    .id = {(uint8_t)(b->id >> 8), (uint8_t)b->id},
	    .len = {(uint8_t)(len >> 8), (uint8_t)len},
	};
	add_slice(b, h, sizeof(*h));
}

/* The next len bytes of the parts, as slices of them. */
static void
add_content(struct batch *b, struct cursor *from, size_t len)
{
	while (len > 0) {
		size_t n = from->part->iov_len - from->at;

		if (n > len)
			n = len;
		if (n > 0)
			add_slice(
			    b, (char *)from->part->iov_base + from->at, n);
		from->at += n;
		len -= n;
		if (from->at == from->part->iov_len) {
			from->part++;
			from->at = 0;
		}
	}
}

/* Take what was written off the front of the slices. */
static struct iovec *
advance(struct iovec *slice, size_t wrote)
{
	while (wrote > 0 && wrote >= slice->iov_len) {
		wrote -= slice->iov_len;
		slice++;
	}
	if (wrote > 0) {
		slice->iov_base = (char *)slice->iov_base + wrote;
		slice->iov_len -= wrote;
	}
	return slice;
}

static bool
flush(struct batch *b)
{
	struct iovec *slice = b->slice;
	struct iovec *end = b->slice + b->slices;

	while (slice < end) {
		ssize_t wrote = writev(b->fd, slice, (int)(end - slice));

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return false;
		slice = advance(slice, (size_t)wrote);
	}
	b->headers = b->slices = 0;
	return true;
}

static void
add_end(struct batch *b)
{
	/* appStatus 0, protocolStatus FCGI_REQUEST_COMPLETE */
	static const uint8_t complete[8];

	add_header(b, STDOUT, 0);
	add_header(b, END_REQUEST, sizeof(complete));
	add_slice(b, complete, sizeof(complete));
}

bool
record_send(
    int fd, int request_id, const struct iovec *part, size_t parts, bool last)
{
	struct batch b = {.fd = fd, .id = (uint16_t)request_id};
	struct cursor from = {part, 0};
	size_t left = 0;

	assert(parts <= RECORD_PARTS_MAX);
	for (size_t i = 0; i < parts; i++)
		left += part[i].iov_len;

	while (left > 0) {
		size_t n = left < RECORD_MAX ? left : RECORD_MAX;

		add_header(&b, STDOUT, n);
		add_content(&b, &from, n);
		left -= n;
		if (b.headers == BATCH && !flush(&b))
			return false;
	}
	if (last)
		add_end(&b);
	return flush(&b);
}
