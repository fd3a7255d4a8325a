/*
 * base64url.c: six bits a character; see base64url.h.
 *
 * OpenSSL's own decoder wants padding, skips blanks and accepts set unused
 * bits: two texts of one token would then be two sessions.
 */
#include "cgi/base64url.h"

#include <stdint.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The six bits of a character, or -1. */
static int
bits_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

bool
base64url_decode(
    unsigned char *out, size_t cap, size_t *size, const char *s, size_t len)
{
	uint32_t held = 0; /* bits not written yet, at the low end */
	unsigned held_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int bits = bits_of(s[i]);

		if (bits < 0)
			return false;
		held = held << 6 | (uint32_t)bits;
		held_bits += 6;
		if (held_bits < 8)
			continue;
		if (n == cap)
			return false;
		held_bits -= 8;
		out[n++] = (unsigned char)(held >> held_bits);
		held &= (1u << held_bits) - 1;
	}
	*size = n;

	/* Six bits left over are a lone character; set ones are a second text. */
	return held_bits < 6 && held == 0;
}

size_t
base64url_encode(char *out, const unsigned char *bytes, size_t len)
{
	uint32_t held = 0;
	unsigned held_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		held = held << 8 | bytes[i];
		for (held_bits += 8; held_bits >= 6; held_bits -= 6)
			out[n++] = alphabet[held >> (held_bits - 6) & 63];
		held &= (1u << held_bits) - 1;
	}
	if (held_bits > 0)
		out[n++] = alphabet[held << (6 - held_bits) & 63];
	out[n] = '\0';
	return n;
}
