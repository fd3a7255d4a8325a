/*
 * What clients may send to the support chat.  Texts are written with ' for ".
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cgi/schema_chat.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SESSION "'sessionId':'chat_1'"

static struct chat_request request;
static struct chat_patch patch;
static struct chat_init init;
static struct json_object *body; /* lends the strings until the next take */
static struct flaw flaw;

static bool
take_request(void)
{
	return chat_request_take(&request, body, &flaw);
}

static bool
take_patch(void)
{
	return chat_patch_take(&patch, body, &flaw);
}

static bool
take_init(void)
{
	return chat_init_take(&init, body, &flaw);
}

static bool
take(bool (*shape)(void), const char *quoted)
{
	char text[512];

	cr_assert_lt(strlen(quoted), sizeof(text));
	strcpy(text, quoted);
	for (char *s = text; *s; s++)
		*s = *s == '\'' ? '"' : *s;
	json_object_put(body);
	body = json_tokener_parse(text);
	cr_assert_not_null(body, "%s", text);
	return shape();
}

struct shape_case {
	const char *text;
	const char *reason; /* NULL: it passes */
};

static void
expect_cases(bool (*shape)(void), const struct shape_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		flaw.reason[0] = '\0';
		cr_expect_eq(take(shape, cases[i].text), !cases[i].reason,
		    "%s: %s", cases[i].text, flaw.reason);
		if (cases[i].reason)
			cr_expect_str_eq(flaw.reason, cases[i].reason);
	}
}

#define ID_RULE " must be 1 to 128 printable ASCII characters without blanks"

Test(schema_chat, a_line_is_a_text_and_what_the_first_widgets_send_with_it)
{
	static const struct shape_case cases[] = {
	    {"{'message':'hi'}", NULL},
	    {"{'message':'hi','userId':7,'type':[],'sender':'admin'}", NULL},
	    {"{'message':'hi','messageId':null,'sessionId':null}", NULL},
	    {"{}", "message is required"},
	    {"{'message':7}", "message must be a string"},
	    {"{'message':''}", "message must be 1 to 4000 characters"},
	    {"{'message':' \\n '}", "message must not be only blanks"},
	    {"{'message':'a','messageId':'parley-1'}",
		"messageId must not begin with parley-"},
	    {"{'message':'a','userName':'a\\nb'}",
		"userName must not hold control characters"},
	    {"{'message':'a','sessionId':''}", "sessionId" ID_RULE},
	    {"{'message':'a','sessionId':{'$ne':1}}",
		"sessionId must be a string"},
	};

	expect_cases(take_request, cases, COUNT(cases));
}

Test(schema_chat, a_line_arrives_whole)
{
	cr_assert(take(take_request, "{'message':'hi','messageId':7,"
				     "'userName':'Asha'," SESSION "}"));
	cr_expect_str_eq(request.text, "hi");
	cr_expect_str_eq(request.id.text, "7");
	cr_expect(request.id.was_number);
	cr_expect_str_eq(request.user_name, "Asha");
	cr_expect_str_eq(request.session_id, "chat_1");
	cr_assert(take(take_request, "{'message':'hi'}"));
	cr_expect_str_empty(request.id.text);
	cr_expect_str_empty(request.user_name);
	cr_expect_null(request.session_id);
}

Test(schema_chat, a_patch_is_one_change_of_a_session)
{
	static const struct shape_case cases[] = {
	    {"{" SESSION ",'status':'closed'}", NULL},
	    {"{" SESSION ",'claim':true}", NULL},
	    {"{" SESSION ",'claim':true,'status':null}", NULL},
	    {"{'status':'closed'}", "sessionId is required"},
	    {"{'sessionId':'a b','claim':true}", "sessionId" ID_RULE},
	    {"{" SESSION "}", "status (or claim) is required"},
	    {"{" SESSION ",'claim':false}", "claim must be true"},
	    {"{" SESSION ",'claim':true,'status':'closed'}",
		"claim must not come with another change"},
	    {"{" SESSION ",'status':'open'}",
		"status must be active, closed or archived"},
	    {"{" SESSION ",'status':1}", "status must be a string"},
	    {"{" SESSION ",'claim':true,'agent':'x'}",
		"agent is not a field of this request"},
	};

	expect_cases(take_patch, cases, COUNT(cases));
}

Test(schema_chat, a_patch_arrives_whole)
{
	cr_assert(take(take_patch, "{" SESSION ",'status':'archived'}"));
	cr_expect_str_eq(patch.session_id, "chat_1");
	cr_expect_not(patch.claim);
	cr_expect_eq(patch.status, CHAT_ARCHIVED);
	cr_assert(take(take_patch, "{" SESSION ",'claim':true}"));
	cr_expect(patch.claim);
}

Test(schema_chat, an_init_asks_for_the_desk_by_one_word_alone)
{
	static const struct shape_case cases[] = {
	    {"{}", NULL},
	    {"{'userId':'x','theme':'dark'}", NULL},
	    {"{'role':7}", "role must be a string"},
	    {"{'sessionId':7}", "sessionId must be a string"},
	};

	expect_cases(take_init, cases, COUNT(cases));
	cr_assert(take(take_init, "{'role':'agent'}"));
	cr_expect(init.as_agent);
	cr_assert(take(take_init, "{'role':'user','userName':'Asha'}"));
	cr_expect_not(init.as_agent);
	cr_expect_str_eq(init.user_name, "Asha");
}
