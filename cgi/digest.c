/*
 * digest.c: see digest.h.
 */
#include "cgi/digest.h"

#include <openssl/sha.h>

void
digest_hex(char out[DIGEST_BYTES], const void *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256(bytes, len, digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		out[2 * i] = hex[digest[i] >> 4];
		out[2 * i + 1] = hex[digest[i] & 15];
	}
	out[DIGEST_BYTES - 1] = '\0';
}
