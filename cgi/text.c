/*
 * text.c: see text.h.
 */
#include "cgi/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ws/utf8.h"

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

size_t
text_points(const char *s, size_t len)
{
	size_t points = 0;

	for (size_t i = 0; i < len; i++)
		points += (s[i] & 0xc0) != 0x80;
	return points;
}

bool
text_is_utf8(const char *s, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_length(s + i, len - i);
		if (n == 0 || s[i] == '\0')
			return false;
	}
	return true;
}

bool
text_is_token(const char *s, size_t len, size_t max)
{
	if (len < 1 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x21 || s[i] > 0x7e)
			return false;
	return true;
}

bool
text_has_ink(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] != ' ' && !is_control(s[i]))
			return true;
	return false;
}

bool
text_has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_control(s[i]))
			return true;
	return false;
}

char *
text_trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && is_blank(end[-1]))
		end--;
	*end = '\0';
	while (is_blank(*s))
		s++;
	return s;
}

size_t
text_identity(char *out, const char *s, size_t len)
{
	out[0] = '\0';
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	while (len > 0 && is_blank(*s)) {
		s++;
		len--;
	}
	if (len >= IDENTITY_BYTES || text_points(s, len) > IDENTITY_MAX)
		return 0;
	if (text_has_control(s, len) || !text_is_utf8(s, len))
		return 0;
	for (size_t i = 0; i < len; i++)
		out[i] =
		    (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] | 0x20 : s[i]);
	out[len] = '\0';
	return len;
}

/* The kernel's generator never fails for so few bytes once it is seeded. */
static void
random_bytes(void *out, size_t len)
{
	if (getrandom(out, len, 0) != (ssize_t)len)
		abort();
}

static uint64_t process_seed;

static void
make_process_seed(void)
{
	random_bytes(&process_seed, sizeof(process_seed));
}

/*
 * FNV-1a, and the last mixing steps of MurmurHash3 for the low bits.  The
 * random start keeps clients from choosing keys that fall into one bucket.
 */
uint64_t
text_hash(const void *bytes, size_t len, uint64_t seed)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const unsigned char *byte = bytes;
	uint64_t hash;

	(void)pthread_once(&once, make_process_seed); /* cannot fail */
	hash = process_seed ^ seed ^ 0xcbf29ce484222325;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3;
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
	return hash ^ hash >> 33;
}

void
text_random(char out[TEXT_RANDOM_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[TEXT_RANDOM_BYTES / 2];

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[TEXT_RANDOM_BYTES - 1] = '\0';
}
