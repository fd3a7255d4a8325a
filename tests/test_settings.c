/*
 * Settings from environment, file and table; wrong ones by name.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/settings.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SECRET "0123456789abcdef0123456789abcdef"

static struct settings settings;
static char why[256];

static void
minimal_environment(void)
{
	cr_assert_eq(clearenv(), 0);
	setenv("PARLEY_LISTEN", "/run/parley/api.sock", 1);
	setenv("PARLEY_JWT_SECRET", SECRET, 1);
}

/* Name a file of this text in PARLEY_CONFIG. */
static void
config(const char *text)
{
	char path[] = "/tmp/parley-settings-XXXXXX";
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	setenv("PARLEY_CONFIG", path, 1);
}

static bool
take(void)
{
	bool good;
	const char *path;

	why[0] = '\0';
	good = settings_take(&settings, why);
	path = getenv("PARLEY_CONFIG");
	if (path)
		(void)unlink(path);
	return good;
}

Test(settings, have_defaults, .init = minimal_environment)
{
	cr_assert(take(), "%s", why);
	cr_expect_str_eq(settings.listen, "/run/parley/api.sock");
	cr_expect_str_eq(
	    settings.mongodb_uri, "mongodb://127.0.0.1:27017/parley");
	cr_expect_eq(settings.workers, 16);
	cr_expect_str_eq(settings.hub_socket, "");
	cr_expect_str_eq(settings.jwt_alg, "HS256");
	cr_expect_str_eq(settings.cookie_name, "parley_token");
	cr_expect_str_eq(settings.claim_user, "userId");
	cr_expect_not(settings.demo);
	cr_expect_eq(settings.body_bytes, 64 * 1024);
	cr_expect_eq(settings.thread_bytes, 1024 * 1024);
	cr_expect_eq(settings.rate_burst, 60);
	cr_expect_eq(settings.doubt_ms, 20000);
}

Test(settings, come_from_the_environment_before_the_file,
    .init = minimal_environment)
{
	config("# of this host\n\n"
	       "workers = 3\n"
	       "  demo=on  \n"
	       "origins = https://a.example https://b.example # both\r\n"
	       "jwt_issuer = a=b\n"
	       "queue_ms = 5");
	setenv("PARLEY_WORKERS", "4", 1);
	setenv("PARLEY_JWT_ISSUER", "", 1);
	setenv("MONGODB_URI", "mongodb://db/chat", 1);
	cr_assert(take(), "%s", why);
	cr_expect_eq(settings.workers, 4);
	cr_expect(settings.demo);
	cr_expect_str_eq(
	    settings.origins, "https://a.example https://b.example # both");
	cr_expect_str_eq(settings.jwt_issuer, "");
	cr_expect_eq(settings.queue_ms, 5);
	cr_expect_str_eq(settings.mongodb_uri, "mongodb://db/chat");
}

Test(settings, that_are_wrong_are_named, .init = minimal_environment)
{
	/* clang-format off */
	static const struct {
		const char *variable, *value, *why;
	} cases[] = {
		{"PARLEY_LISTEN", "", "listen must be 1 to 107 bytes"},
		{"PARLEY_WORKERS", "0",
			"workers must be a number from 1 to 64"},
		{"PARLEY_WORKERS", "65",
			"workers must be a number from 1 to 64"},
		{"PARLEY_WORKERS", "", "workers must be a number from 1 to 64"},
		{"PARLEY_WORKERS", "+4",
			"workers must be a number from 1 to 64"},
		{"PARLEY_WORKERS", " 4",
			"workers must be a number from 1 to 64"},
		{"PARLEY_WORKERS", "4k",
			"workers must be a number from 1 to 64"},
		{"PARLEY_WORKERS", "18446744073709551617",
			"workers must be a number from 1 to 64"},
		{"PARLEY_DEMO", "yes", "demo must be on or off"},
		{"PARLEY_DEMO", "", "demo must be on or off"},
		{"PARLEY_COOKIE_NAME", "a;b",
			"cookie_name must be a name as RFC 6265 has it"},
		{"PARLEY_CLAIM_EMAIL", "",
			"claim_email must be 1 to 128 bytes"},
		{"PARLEY_JWT_ALG", "", "jwt_alg must be 1 to 16 bytes"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		minimal_environment();
		setenv(cases[i].variable, cases[i].value, 1);
		cr_expect_not(take(), "%s", cases[i].variable);
		cr_expect_str_eq(why, cases[i].why, "%s", why);
	}
}

Test(settings, where_to_listen_has_no_default, .init = minimal_environment)
{
	unsetenv("PARLEY_LISTEN");
	cr_expect_not(take());
	cr_expect_str_eq(why, "listen must be set");
}

Test(settings, lines_of_the_file_that_are_wrong_are_named)
{
	/* clang-format off */
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"\ncolour = red\n",
			"colour (line 2 of the file) is no setting"},
		{"Workers = 3\n", "Workers (line 1 of the file) is no setting"},
		{"workers 3\n",
			"workers 3 (line 1 of the file) has no \"= value\""},
		{"workers=3\ndemo=on\nworkers=3",
			"workers (line 3 of the file) is set twice"},
		{"= 3", " (line 1 of the file) is no setting"},
		{"workers =", "workers must be a number from 1 to 64"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		minimal_environment();
		config(cases[i].text);
		cr_expect_not(take(), "%s", cases[i].text);
		cr_expect_str_eq(why, cases[i].why, "%s", why);
	}
}

Test(settings, a_file_that_cannot_be_read_is_named, .init = minimal_environment)
{
	setenv("PARLEY_CONFIG", "/nonexistent/parley.conf", 1);
	cr_expect_not(take());
	cr_expect_str_eq(why, "PARLEY_CONFIG: /nonexistent/parley.conf: "
			      "No such file or directory");
	setenv("PARLEY_CONFIG", "/dev/zero", 1);
	cr_expect_not(settings_take(&settings, why));
	cr_expect_str_eq(why, "PARLEY_CONFIG: /dev/zero: File too large");
}

Test(settings, print_as_a_table_with_a_row_each)
{
	char text[16384];
	FILE *out = fmemopen(text, sizeof(text), "w");

	settings_print(out);
	(void)fclose(out);
	cr_expect(strstr(text, "| setting | variable | default | meaning |\n"));
	cr_expect(
	    strstr(text, "\n| `listen` | `PARLEY_LISTEN` | must be set |"));
	cr_expect(strstr(text, "\n| `mongodb_uri` | `MONGODB_URI` | "
			       "`mongodb://127.0.0.1:27017/parley` |"));
	cr_expect(strstr(
	    text, "\n| `workers` | `PARLEY_WORKERS` | `16` (1 to 64) |"));
}
