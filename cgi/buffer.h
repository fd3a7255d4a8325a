/*
 * buffer.h: bytes that grow.
 *
 * One buffer per worker is reused from answer to answer: buffer_reset() keeps
 * its memory up to BUFFER_KEEP_BYTES.  data is always NUL-terminated once
 * something was put.  Running out of memory ends the process.
 */
#ifndef CGI_BUFFER_H
#define CGI_BUFFER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BUFFER_KEEP_BYTES (256 * 1024)

struct buffer {
	char *data;
	size_t len;
	size_t cap;
};

/* Make room for len bytes more and a NUL; buffer_reserve() asks first. */
void buffer_grow(struct buffer *b, size_t len);

static inline void
buffer_reserve(struct buffer *b, size_t len)
{
	if (b->cap - b->len <= len)
		buffer_grow(b, len);
}

/* Inline, because answers are made of thousands of short pieces. */
static inline void
buffer_put(struct buffer *b, const void *bytes, size_t len)
{
	buffer_reserve(b, len);
	if (len)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

static inline void
buffer_puts(struct buffer *b, const char *text)
{
	buffer_put(b, text, strlen(text));
}

static inline void
buffer_char(struct buffer *b, char c)
{
	buffer_put(b, &c, 1);
}

void buffer_printf(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Empty it for the next use; buffer_release() gives the memory back. */
void buffer_reset(struct buffer *b);
void buffer_release(struct buffer *b);

#endif
