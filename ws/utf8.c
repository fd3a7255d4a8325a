/*
 * utf8.c: see utf8.h.
 */
#include "ws/utf8.h"

/*
 * Well-formed sequences by first byte, from table 3-7 of the Unicode
 * standard: only the second byte's range depends on the first.
 */
static const struct {
	unsigned char first, last;
	unsigned char length;
	unsigned char low, high; /* of the second byte */
} sequences[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f},
    {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static size_t
match(size_t row, const unsigned char *s, size_t left)
{
	size_t length = sequences[row].length;

	if (left < length)
		return 0;
	if (s[1] < sequences[row].low || s[1] > sequences[row].high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

size_t
utf8_length(const char *s, size_t left)
{
	const unsigned char *bytes = (const unsigned char *)s;

	if (left == 0)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (bytes[0] >= sequences[i].first &&
		    bytes[0] <= sequences[i].last)
			return match(i, bytes, left);
	return 0;
}

size_t
utf8_put(char out[4], unsigned point)
{
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
	size_t tail = (point >= 0x80) + (point >= 0x800) + (point >= 0x10000);

	out[0] = (char)(lead[tail] | point >> 6 * tail);
	for (size_t i = 1; i <= tail; i++)
		out[i] = (char)(0x80 | (point >> 6 * (tail - i) & 0x3f));
	return tail + 1;
}
