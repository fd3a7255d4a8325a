/*
 * Every setting, one row each.
 *
 * To add a setting: a member of struct settings, and a row here.
 */
#include "cgi/settings_table.h"

#include "cgi/settings.h"

#define SOCKET_PATH_MAX 107 /* sun_path of unix(7), with its NUL */

/* clang-format off */
#define AT(member) offsetof(struct settings, member)
const struct setting settings[] = {
	{"listen", STRING, AT(listen), 1, SOCKET_PATH_MAX, NULL,
		"path of the FastCGI socket that nginx connects to"},
	{"hub_socket", STRING, AT(hub_socket), 0, SOCKET_PATH_MAX, "",
		"path of the hub's socket for publishers; empty: no live "
		"path"},
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

	{"chat_rules", STRING, AT(chat_rules), 0, 4096, "",
		"file of the support bot's rules, read again on SIGHUP; empty: "
		"those of `cgi/bot.rules`"},
	{"chat_rate_messages", NUMBER, AT(chat_rate_messages), 1, 1000000,
		"10", "new lines of one side of a support session ..."},
	{"chat_rate_seconds", NUMBER, AT(chat_rate_seconds), 1, 86400, "10",
		"... in so many seconds"},
	{"chat_rate_burst", NUMBER, AT(chat_rate_burst), 1, 1000000, "10",
		"new lines at once after a pause"},
	{"chat_rate_sessions", NUMBER, AT(chat_rate_sessions), 1, 1000000,
		"5", "new support sessions of an address in a minute"},

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
const size_t setting_count = sizeof(settings) / sizeof(settings[0]);
