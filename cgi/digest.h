/*
 * digest.h: SHA-256 in lower-case hex: names for secrets and for contents.
 */
#ifndef CGI_DIGEST_H
#define CGI_DIGEST_H

#include <stddef.h>

#define DIGEST_BYTES 65 /* with NUL */

void digest_hex(char out[DIGEST_BYTES], const void *bytes, size_t len);

#endif
