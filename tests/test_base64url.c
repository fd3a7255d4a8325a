/*
 * Base64url: the vectors of RFC 4648, and texts that only nearly are it.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cgi/base64url.h"

Test(base64url, bytes_and_text_turn_into_each_other)
{
	/* clang-format off */
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{"", ""},
		{"f", "Zg"},
		{"fo", "Zm8"},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg"},
		{"fooba", "Zm9vYmE"},
		{"foobar", "Zm9vYmFy"},
		{"\xff\xef\xbe", "_---"},
		{"\xfb\xff", "-_8"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *bytes = cases[i].bytes;
		const char *text = cases[i].text;
		unsigned char back[16];
		char out[16];
		size_t len;

		cr_expect_eq(
		    base64url_encode(out, (const void *)bytes, strlen(bytes)),
		    BASE64URL_CHARS(strlen(bytes)), "%s", text);
		cr_expect_str_eq(out, text);
		cr_expect(base64url_decode(
		    back, sizeof(back), &len, text, strlen(text)));
		cr_expect_eq(len, strlen(bytes), "%s", text);
		cr_expect_eq(memcmp(back, bytes, len), 0, "%s", text);
	}
}

Test(base64url, every_value_has_one_text_and_all_others_are_refused)
{
	/* clang-format off */
	static const struct {
		const char *what, *text;
		size_t len;
	} cases[] = {
		{"padding", "Zg==", 4},
		{"one padding", "Zm8=", 4},
		{"a lone character", "Z", 1},
		{"a lone character without bits", "A", 1},
		{"a lone character at the end", "Zm9vA", 5},
		{"unused bits of four set", "Zh", 2},
		{"unused bits of two set", "Zm9", 3},
		{"the other alphabet's plus", "++++", 4},
		{"the other alphabet's slash", "////", 4},
		{"a blank", "Zm 9v", 5},
		{"a newline", "Zm9v\n", 5},
		{"NUL", "Zm9\0", 4},
		{"a byte above ASCII", "Zm9\xc3", 4},
	};
	/* clang-format on */
	unsigned char out[16];
	size_t len;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_not(base64url_decode(out, sizeof(out), &len,
				  cases[i].text, cases[i].len),
		    "%s", cases[i].what);
}

Test(base64url, what_does_not_fit_is_refused_and_writes_no_byte_beyond)
{
	unsigned char out[4] = {0, 0, 0, 0xaa};
	size_t len;

	cr_expect(base64url_decode(out, 3, &len, "Zm9v", 4));
	cr_expect_not(base64url_decode(out, 3, &len, "Zm9vYg", 6));
	cr_expect_eq(out[3], 0xaa);
}
