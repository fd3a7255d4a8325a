/*
 * settings.c: see settings.h.
 *
 * To add a setting: a member of struct settings, and a row here.
 */
#include "cgi/settings.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/settings_file.h"
#include "cgi/text.h"

#define VARIABLE_BYTES 64
#define SECRET_BYTES_MIN 32
#define SOCKET_PATH_MAX 107 /* sun_path of unix(7), with its NUL */

enum kind {
	STRING, /* min to max bytes */
	FLAG,   /* on or off */
	NUMBER, /* min to max */
};

struct setting {
	const char *name;
	enum kind kind;
	size_t at;
	long min, max;
	const char *preset; /* NULL: it must be given */
	const char *help;
};

/* clang-format off */
#define AT(member) offsetof(struct settings, member)
static const struct setting settings[] = {
	{"listen", STRING, AT(listen), 1, SOCKET_PATH_MAX, NULL,
		"path of the FastCGI socket that nginx connects to"},
	{"mongodb_uri", STRING, AT(mongodb_uri), 1, 4096,
		"mongodb://127.0.0.1:27017/parley",
		"where MongoDB is, and which database (`parley` if none)"},
	{"lock_file", STRING, AT(lock_file), 0, 4096, "",
		"keeps a second `api` from the same standalone mongod; empty: "
		"one in `/tmp`, named after it"},
	{"workers", NUMBER, AT(workers), 1, 64, "16",
		"threads that answer requests"},

	{"jwt_alg", STRING, AT(jwt_alg), 1, 16, "HS256",
		"signature of tokens: `HS256`, `RS256`, `ES256` or `EdDSA`"},
	{"jwt_secret", STRING, AT(jwt_secret), 0, 4096, "",
		"shared secret for HS256, at least 32 bytes"},
	{"jwt_secret_previous", STRING, AT(jwt_secret_previous), 0, 4096, "",
		"the secret before, valid during a rotation"},
	{"jwt_key_file", STRING, AT(jwt_key_file), 0, 4096, "",
		"public key (PEM) for the other three"},
	{"jwt_key_file_previous", STRING, AT(jwt_key_file_previous), 0, 4096,
		"", "the key before, valid during a rotation"},
	{"jwt_issuer", STRING, AT(jwt_issuer), 0, 1024, "",
		"claim `iss` of every token; empty: not checked"},
	{"jwt_audience", STRING, AT(jwt_audience), 0, 1024, "",
		"claim `aud` of every token; empty: not checked"},
	{"claim_subject", STRING, AT(claim_subject), 1, 128, "sub",
		"claim that holds an identity"},
	{"claim_user", STRING, AT(claim_user), 1, 128, "userId",
		"a second one"},
	{"claim_email", STRING, AT(claim_email), 1, 128, "email",
		"a third one"},
	{"claim_role", STRING, AT(claim_role), 1, 128, "role",
		"claim that holds the role"},
	{"claim_name", STRING, AT(claim_name), 1, 128, "name",
		"claim that holds the name to show"},
	{"cookie_name", STRING, AT(cookie_name), 1, 128, "parley_token",
		"cookie that holds a token"},
	{"cookie_secure", FLAG, AT(cookie_secure), 0, 0, "off",
		"mark that cookie Secure also where nginx speaks plain HTTP"},
	{"origins", STRING, AT(origins), 0, 4096, "",
		"further Origins that may change state by cookie, between "
		"blanks"},
	{"demo", FLAG, AT(demo), 0, 0, "off",
		"log in anybody by `POST /api/demo/login`: never in "
		"production"},
	{"demo_ttl_s", NUMBER, AT(demo_ttl_s), 1, 31536000, "43200",
		"seconds that a demo login lasts"},

	{"body_bytes", NUMBER, AT(body_bytes), 1024, 16777216, "65536",
		"longest body of a request"},
	{"thread_bytes", NUMBER, AT(thread_bytes), 1024, 16777216, "1048576",
		"the same for POST of a whole conversation"},
	{"rate_messages", NUMBER, AT(rate_messages), 1, 1000000, "30",
		"new messages of an account ..."},
	{"rate_seconds", NUMBER, AT(rate_seconds), 1, 86400, "10",
		"... in so many seconds"},
	{"rate_burst", NUMBER, AT(rate_burst), 1, 1000000, "60",
		"new messages at once after a pause"},

	{"read_ms", NUMBER, AT(read_ms), 1, 600000, "3000",
		"longest read of the database, milliseconds as all below"},
	{"write_ms", NUMBER, AT(write_ms), 1, 600000, "4000",
		"longest write"},
	{"socket_ms", NUMBER, AT(socket_ms), 1, 600000, "6000",
		"longest silence of the database"},
	{"selection_ms", NUMBER, AT(selection_ms), 1, 600000, "2000",
		"longest search for a database that answers"},
	{"handler_ms", NUMBER, AT(handler_ms), 1, 600000, "10000",
		"longest work on one request"},
	{"queue_ms", NUMBER, AT(queue_ms), 1, 600000, "2000",
		"a request that waited longer for a worker is refused (503)"},
	{"peer_ms", NUMBER, AT(peer_ms), 1, 600000, "5000",
		"longest silence of nginx in the middle of a request"},
	{"doubt_ms", NUMBER, AT(doubt_ms), 0, 600000, "20000",
		"so long after a start, or after a write whose outcome is "
		"unknown, reads wait for a barrier"},
};
#undef AT
/* clang-format on */

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static void
variable_name(char out[VARIABLE_BYTES], const struct setting *setting)
{
	bool ours = strcmp(setting->name, "mongodb_uri") != 0;

	(void)snprintf(
	    out, VARIABLE_BYTES, "%s%s", ours ? "PARLEY_" : "", setting->name);
	for (; *out; out++)
		*out = (char)toupper((unsigned char)*out);
}

/* --- values --- */

static bool
string_take(const struct setting *row, const char *value, const char **out)
{
	size_t len = strlen(value);

	*out = value;
	return (long)len >= row->min && (long)len <= row->max;
}

static bool
flag_take(const char *value, bool *out)
{
	*out = strcmp(value, "on") == 0;
	return *out || strcmp(value, "off") == 0;
}

static bool
number_take(const struct setting *row, const char *value, long *out)
{
	char *end;

	*out = strtol(value, &end, 10); /* too many digits: LONG_MAX */
	return isdigit((unsigned char)*value) && !*end && *out >= row->min &&
	       *out <= row->max;
}

/* What a value of this setting must be. */
static void
rule_write(char *out, size_t cap, const struct setting *row)
{
	switch (row->kind) {
	case STRING:
		(void)snprintf(
		    out, cap, "must be %ld to %ld bytes", row->min, row->max);
		break;
	case FLAG:
		(void)snprintf(out, cap, "must be on or off");
		break;
	case NUMBER:
		(void)snprintf(out, cap, "must be a number from %ld to %ld",
		    row->min, row->max);
		break;
	}
}

static bool
value_take(struct settings *s, const struct setting *row, const char *value,
    char why[256])
{
	void *out = (char *)s + row->at;
	char rule[80];
	bool good = false;

	if (!value) {
		(void)snprintf(why, 256, "%s must be set", row->name);
		return false;
	}
	switch (row->kind) {
	case STRING:
		good = string_take(row, value, out);
		break;
	case FLAG:
		good = flag_take(value, out);
		break;
	case NUMBER:
		good = number_take(row, value, out);
		break;
	}
	if (good)
		return true;
	rule_write(rule, sizeof(rule), row);
	(void)snprintf(why, 256, "%s %s", row->name, rule);
	return false;
}

/* --- rules between settings --- */

static bool
secret_is_short(const char *secret)
{
	return strlen(secret) < SECRET_BYTES_MIN;
}

/* What is wrong between them, or NULL. */
static const char *
conflict(const struct settings *s)
{
	bool shared = strcmp(s->jwt_alg, "HS256") == 0;

	if (!shared && strcmp(s->jwt_alg, "RS256") != 0 &&
	    strcmp(s->jwt_alg, "ES256") != 0 &&
	    strcmp(s->jwt_alg, "EdDSA") != 0)
		return "jwt_alg must be HS256, RS256, ES256 or EdDSA";
	if (shared && secret_is_short(s->jwt_secret))
		return "jwt_secret must be at least 32 bytes for HS256";
	if (shared && *s->jwt_secret_previous &&
	    secret_is_short(s->jwt_secret_previous))
		return "jwt_secret_previous must be at least 32 bytes";
	if (!shared && !*s->jwt_key_file)
		return "jwt_key_file must be set for this jwt_alg";
	if (s->demo && !shared)
		return "demo needs jwt_alg HS256, since it signs tokens";
	if (!text_is_token(s->cookie_name, strlen(s->cookie_name), 128) ||
	    strpbrk(s->cookie_name, "()<>@,;:\\\"/[]?={}"))
		return "cookie_name must be a name as RFC 6265 has it";
	return NULL;
}

static bool
refuse_unknown(const struct settings_file *file, char why[256])
{
	for (size_t i = 0; i < file->count; i++) {
		size_t row = 0;

		while (row < SETTINGS &&
		       strcmp(settings[row].name, file->line[i].name) != 0)
			row++;
		if (row < SETTINGS)
			continue;
		(void)snprintf(why, 256,
		    "%.100s (line %d of the file) is no setting",
		    file->line[i].name, file->line[i].number);
		return false;
	}
	return true;
}

/* From the environment, else the file, else the table; NULL where nowhere. */
static const char *
value_of(const struct setting *row, const struct settings_file *file)
{
	char variable[VARIABLE_BYTES];
	const char *value;

	variable_name(variable, row);
	value = getenv(variable);
	if (!value)
		value = settings_file_value(file, row->name);
	return value ? value : row->preset;
}

bool
settings_take(struct settings *s, char why[256])
{
	const char *path = getenv("PARLEY_CONFIG");
	struct settings_file file = {.count = 0};
	const char *wrong;

	if (path && *path && !settings_file_read(&file, path, why))
		return false;
	if (!refuse_unknown(&file, why))
		return false;
	for (size_t i = 0; i < SETTINGS; i++) {
		const char *value = value_of(&settings[i], &file);

		if (!value_take(s, &settings[i], value, why))
			return false;
	}
	wrong = conflict(s);
	if (wrong)
		(void)snprintf(why, 256, "%s", wrong);
	return !wrong;
}

/* --- README's table --- */

static void
print_preset(FILE *out, const struct setting *row)
{
	if (!row->preset)
		(void)fputs("must be set", out);
	else if (!*row->preset)
		(void)fputs("empty", out);
	else
		(void)fprintf(out, "`%s`", row->preset);
	if (row->kind == NUMBER)
		(void)fprintf(out, " (%ld to %ld)", row->min, row->max);
}

void
settings_print(FILE *out)
{
	char variable[VARIABLE_BYTES];

	(void)fputs("| setting | variable | default | meaning |\n"
		    "|---|---|---|---|\n",
	    out);
	for (size_t i = 0; i < SETTINGS; i++) {
		variable_name(variable, &settings[i]);
		(void)fprintf(
		    out, "| `%s` | `%s` | ", settings[i].name, variable);
		print_preset(out, &settings[i]);
		(void)fprintf(out, " | %s |\n", settings[i].help);
	}
}
