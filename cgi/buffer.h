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

#define BUFFER_KEEP_BYTES (256 * 1024)

struct buffer {
	char *data;
	size_t len;
	size_t cap;
};

void buffer_put(struct buffer *b, const void *bytes, size_t len);
void buffer_puts(struct buffer *b, const char *text);
void buffer_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Empty it for the next use; buffer_release() gives the memory back. */
void buffer_reset(struct buffer *b);
void buffer_release(struct buffer *b);

#endif
