/*
 * SHA-256 in hex, by the examples of FIPS 180-2.
 */
#include <criterion/criterion.h>

#include "cgi/digest.h"

Test(digest, is_what_the_standard_says)
{
	char hex[DIGEST_BYTES];

	digest_hex(hex, "", 0);
	cr_expect_str_eq(hex,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_hex(hex, "abc", 3);
	cr_expect_str_eq(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
