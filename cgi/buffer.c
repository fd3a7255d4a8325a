/*
 * buffer.c: see buffer.h.
 */
#include "cgi/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 512

void
buffer_grow(struct buffer *b, size_t len)
{
	size_t need = b->len + len + 1;
	size_t cap = b->cap ? b->cap : FIRST_BYTES;

	while (cap < need)
		cap *= 2;
	b->data = realloc(b->data, cap);
	if (!b->data)
		abort(); /* nothing can be answered without memory */
	b->cap = cap;
}

void
buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buffer_vprintf(b, format, args);
	va_end(args);
}

void
buffer_vprintf(struct buffer *b, const char *format, va_list args)
{
	va_list again;
	size_t room;
	int len;

	buffer_reserve(b, 0);
	room = b->cap - b->len;
	va_copy(again, args);
	len = vsnprintf(b->data + b->len, room, format, args);
	if (len > 0 && (size_t)len >= room) {
		buffer_reserve(b, (size_t)len);
		room = b->cap - b->len;
		(void)vsnprintf(b->data + b->len, room, format, again);
	}
	if (len > 0)
		b->len += (size_t)len;
	va_end(again);
}

void
buffer_reset(struct buffer *b)
{
	if (b->cap > BUFFER_KEEP_BYTES)
		buffer_release(b);
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void
buffer_release(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){0};
}
