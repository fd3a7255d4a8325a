/*
 * base64url.h: base64url without padding, as tokens use it.
 *
 * Strict: no padding, no blanks, no unused bits that are set, so that every
 * value has exactly one text.  Sources: RFC 4648 section 5, RFC 7515 section 2.
 */
#ifndef CGI_BASE64URL_H
#define CGI_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that base64url_encode() writes for len bytes, without the NUL. */
#define BASE64URL_CHARS(len) (((len)*4 + 2) / 3)

/*
 * Decode len characters into out, which has room for cap bytes, and set *size.
 * False where s is no base64url, or too long for out.
 */
bool base64url_decode(
    unsigned char *out, size_t cap, size_t *size, const char *s, size_t len);

/* Encode into out, BASE64URL_CHARS(len) + 1 bytes; gives that length. */
size_t base64url_encode(char *out, const unsigned char *bytes, size_t len);

#endif
