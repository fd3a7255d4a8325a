/*
 * Visitors without account: the cookie that makes and forgets them.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cgi/guest.h"
#include "cgi/reply.h"
#include "cgi/request.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))
#define ONE "0123456789abcdef0123456789abcdef"
#define TWO "ffffffffffffffffffffffffffffffff"
#define COOKIE "HTTP_COOKIE=parley_chat="
#define MADE "LIVE_GUEST="

/* sha256sum(1) of them */
#define HASH_ONE                                                               \
	"3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9"
#define HASH_TWO                                                               \
	"352302489bc2fcf025cf00cda8308033f97ac87712ce90b4d7cd72c58e4c3af9"

static struct settings settings;
static const struct service service = {.settings = &settings};
static FCGX_Request fcgi;
static struct request req = {.fcgi = &fcgi, .service = &service};
static struct reply out;
static struct guest guest;
static char *params[3];

static void
begin(void)
{
	fcgi.envp = params;
	reply_begin(&out);
}

static void
end(void)
{
	reply_release(&out);
}

TestSuite(guest, .init = begin, .fini = end);

static void
given(const char *first, const char *second)
{
	params[0] = (char *)first;
	params[1] = first ? (char *)second : NULL;
}

Test(guest, is_known_by_his_cookie_or_by_what_nginx_made)
{
	/* clang-format off */
	static const struct {
		const char *first, *second, *hash;
		bool by_cookie;
	} cases[] = {
		{COOKIE ONE, NULL, HASH_ONE, true},
		{COOKIE "\"" ONE "\"", NULL, HASH_ONE, true},
		{"HTTP_COOKIE=a=b; parley_chat=" ONE, NULL, HASH_ONE, true},
		{COOKIE ONE "; parley_chat=" TWO, NULL, HASH_ONE, true},
		{MADE TWO, NULL, HASH_TWO, false},
		{COOKIE ONE, MADE TWO, HASH_ONE, true},
		{COOKIE "x", MADE TWO, HASH_TWO, false},
		{"HTTP_COOKIE=a=b", MADE TWO, HASH_TWO, false},
		{COOKIE ONE, MADE, HASH_ONE, true},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		given(cases[i].first, cases[i].second);
		guest_take(&guest, &req);
		cr_expect_str_eq(
		    guest.hash, cases[i].hash, "%s", cases[i].first);
		cr_expect_eq(
		    guest.by_cookie, cases[i].by_cookie, "%s", cases[i].first);
	}
}

Test(guest, what_is_none_of_ours_is_none)
{
	static const char *const cases[] = {
	    NULL,
	    "HTTP_COOKIE=",
	    "HTTP_COOKIE=parley_chat",
	    "HTTP_COOKIE=Parley_Chat=" ONE,
	    "HTTP_COOKIE=parley_token=" ONE,
	    COOKIE,
	    COOKIE "0123456789abcdef0123456789abcde",
	    COOKIE ONE "0",
	    COOKIE ONE ONE ONE ONE,
	    COOKIE "0123456789ABCDEF0123456789abcdef",
	    COOKIE "0123456789abcdeg0123456789abcdef",
	    COOKIE "0123456789abcde 0123456789abcdef",
	    COOKIE "' or 1=1; --",
	    MADE,
	    MADE "x",
	    MADE ONE "0",
	    MADE ONE "x",
	    "HTTP_LIVE_GUEST=" ONE, /* a client's header */
	    "HTTP_X_PARLEY_GUEST=" ONE,
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		given(cases[i], NULL);
		memset(&guest, 'x', sizeof(guest));
		guest_take(&guest, &req);
		cr_expect_str_empty(guest.hash, "%s", cases[i]);
		cr_expect(!guest.by_cookie, "%s", cases[i]);
	}
}

/* Make one; his cookie as the browser would send it back. */
static const char *
made(char cookie[128])
{
	static const char start[] = "Set-Cookie: ";
	const char *head;

	reply_begin(&out);
	guest_make(&guest, &req, &out);
	head = out.head.data;
	cr_assert_eq(strncmp(head, start, strlen(start)), 0, "%s", head);
	snprintf(cookie, 128, "HTTP_COOKIE=%.*s",
	    (int)strcspn(head + strlen(start), ";"), head + strlen(start));
	return head + strlen(start) + strcspn(head + strlen(start), ";");
}

Test(guest, a_new_one_is_known_when_he_comes_back)
{
	char cookie[128], hash[GUEST_HASH_BYTES];

	given(NULL, NULL);
	cr_expect_str_eq(made(cookie),
	    "; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000\r\n");
	cr_expect(!guest.by_cookie);
	strcpy(hash, guest.hash);
	given(cookie, NULL);
	guest_take(&guest, &req);
	cr_expect_str_eq(guest.hash, hash);
	cr_expect(guest.by_cookie);
}

Test(guest, no_two_are_the_same)
{
	char cookie[2][128], hash[GUEST_HASH_BYTES];

	given(NULL, NULL);
	made(cookie[0]);
	strcpy(hash, guest.hash);
	made(cookie[1]);
	cr_expect_str_neq(cookie[0], cookie[1]);
	cr_expect_str_neq(guest.hash, hash);
}

Test(guest, what_is_stored_opens_nothing)
{
	char cookie[128], hash[GUEST_HASH_BYTES];

	given(NULL, NULL);
	made(cookie);
	strcpy(hash, guest.hash);
	snprintf(cookie, sizeof(cookie), COOKIE "%s", hash);
	given(cookie, NULL);
	guest_take(&guest, &req);
	cr_expect_str_empty(guest.hash);
	snprintf(cookie, sizeof(cookie), COOKIE "%.32s", hash);
	guest_take(&guest, &req);
	cr_expect_str_neq(guest.hash, hash);
}

Test(guest, over_https_the_cookie_is_secure)
{
	char cookie[128];

	given("HTTPS=on", NULL);
	cr_expect_not_null(strstr(made(cookie), "; Secure\r\n"));
	given("HTTPS=", NULL);
	cr_expect_null(strstr(made(cookie), "Secure"));
	settings.cookie_secure = true;
	cr_expect_not_null(strstr(made(cookie), "; Secure\r\n"));
}

Test(guest, is_forgotten_by_an_empty_cookie_that_is_over)
{
	given(NULL, NULL);
	guest_forget(&req, &out);
	cr_expect_str_eq(out.head.data,
	    "Set-Cookie: parley_chat=; Path=/; HttpOnly; SameSite=Lax; "
	    "Max-Age=0\r\n");
}

Test(guest, an_answer_that_refuses_sets_no_cookie)
{
	char cookie[128];

	given(NULL, NULL);
	made(cookie);
	reply_error(&out, 400, BAD_FIELD, "no");
	cr_expect_null(strstr(out.head.data, "Set-Cookie"));
}
