/*
 * utf8.h: UTF-8 as RFC 3629 allows it, and nothing else.
 *
 * No overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#ifndef WS_UTF8_H
#define WS_UTF8_H

#include <stddef.h>

/* Bytes (1 to 4) of the character at s, of which left are there; 0: none. */
size_t utf8_length(const char *s, size_t left);

/* Write the character of a code point; its bytes. */
size_t utf8_put(char out[4], unsigned point);

#endif
