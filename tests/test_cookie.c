/*
 * What browsers send by themselves: cookies and the origin of a request.
 */
#include <criterion/criterion.h>

#include "cgi/identity.h"

static const struct settings settings = {
    .origins = "https://a.example  http://b.example:8080",
};

Test(cookie, cookies_are_found_as_browsers_send_them)
{
	/* clang-format off */
	static const struct {
		const char *header, *value; /* NULL: absent */
	} cases[] = {
		{"t=1", "1"},
		{"a=0; t=1; b=2", "1"},
		{"a=0;t=1;b=2", "1"},
		{"t=1; t=2", "1"},
		{" t = 1 ; b=2", "1"},
		{"t=\"1\"", "1"},
		{"t=\"\"", ""},
		{"t=\"", "\""},
		{"t=\"1", "\"1"},
		{"t=a=b", "a=b"},
		{"t=", ""},
		{"t=;b=2", ""},
		{"t", NULL},
		{"t;t=1", "1"},
		{"T=1", NULL},
		{"tt=1", NULL},
		{"at=1; ta=2", NULL},
		{"a=t=1", NULL},
		{"=1", NULL},
		{";;;", NULL},
		{"", NULL},
		{"t=1234567", "1234567"},
		{"t=12345678", NULL}, /* longer than the room for it */
		{"t=\"1234567\"", "1234567"},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char value[8];
		bool found =
		    cookie_find(cases[i].header, "t", value, sizeof(value));

		cr_expect_eq(
		    found, cases[i].value != NULL, "%s", cases[i].header);
		if (found && cases[i].value)
			cr_expect_str_eq(
			    value, cases[i].value, "%s", cases[i].header);
	}
}

Test(cookie, only_listed_origins_and_the_own_site_are_allowed)
{
	/* clang-format off */
	static const struct {
		bool allowed;
		const char *origin, *site;
	} cases[] = {
		{true, "https://a.example", NULL},
		{true, "http://b.example:8080", NULL},
		{true, "https://a.example", "cross-site"},
		{true, NULL, "same-origin"},
		{true, "https://c.example", "same-origin"},
		{false, NULL, NULL},
		{false, "", NULL},
		{false, " ", NULL},
		{false, "null", NULL},
		{false, "https://a.example/", NULL},
		{false, "http://a.example", NULL},
		{false, "https://A.example", NULL},
		{false, "https://a.exampl", NULL},
		{false, "https://a.example.evil.example", NULL},
		{false, "http://b.example", NULL},
		{false, "http://b.example:80800", NULL},
		{false, "https://a.example  http://b.example:8080", NULL},
		{false, NULL, "same-site"},
		{false, NULL, "none"},
		{false, NULL, "Same-Origin"},
		{false, NULL, ""},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_eq(origin_is_allowed(
				 &settings, cases[i].origin, cases[i].site),
		    cases[i].allowed, "%s %s", cases[i].origin, cases[i].site);
}
