/*
 * text.h: strings as the contract counts and compares them.
 *
 * Lengths are Unicode code points; trimming and lower case of identities are
 * ASCII, so that every client can do the same without a table.
 */
#ifndef CGI_TEXT_H
#define CGI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTITY_MAX 320 /* code points */
#define IDENTITY_BYTES (IDENTITY_MAX * 4 + 1)

/* Code points in valid UTF-8. */
size_t text_points(const char *s, size_t len);

/* Strict UTF-8 (RFC 3629) without NUL. */
bool text_is_utf8(const char *s, size_t len);

/* True when all 1 to max bytes are printable ASCII (0x21 to 0x7e). */
bool text_is_token(const char *s, size_t len, size_t max);

/* True when it holds something that is neither blank nor a control. */
bool text_has_ink(const char *s, size_t len);

/* True when it holds a control character (below 0x20, or 0x7f). */
bool text_has_control(const char *s, size_t len);

/* Cut the blanks off both ends, in place; lends what is left. */
char *text_trim(char *s);

/*
 * Trim blanks and lower-case ASCII from s into out (IDENTITY_BYTES).  Returns
 * the length; 0 also when it is too long, has controls or is not UTF-8: such
 * an identity matches nothing.
 */
size_t text_identity(char *out, const char *s, size_t len);

/* 64-bit hash, seeded once per process at random: for tables in memory. */
uint64_t text_hash(const void *bytes, size_t len, uint64_t seed);

/* Lower-case hex of 16 random bytes, for ids and boot numbers. */
#define TEXT_RANDOM_BYTES 33
void text_random(char out[TEXT_RANDOM_BYTES]);

#endif
