/*
 * Three dialects: what a line says, and what is said in answer.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ws/dialect.h"
#include "ws/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define BYTES(literal) (literal), sizeof(literal) - 1
#define NONE ((struct span){0})
#define TEXT_BYTES (16 * 1024)

/* --- reading --- */

static void
append(char *text, const char *word, struct span span)
{
	size_t used = strlen(text);

	if (!span.at)
		return;
	cr_assert_lt(used + strlen(word) + span.len, (size_t)TEXT_BYTES);
	(void)sprintf(text + used, "%s%.*s", word, (int)span.len, span.at);
}

/* Append what was said in one line: "event "join" data {} ack 7". */
static void
describe(char *text, const struct said *said)
{
	static const char *const kinds[] = {
	    [SAID_NOTHING] = "nothing",
	    [SAID_EVENT] = "event ",
	    [SAID_AUTH] = "auth",
	    [SAID_LEAVE] = "leave",
	    [SAID_PING] = "ping",
	    [SAID_FLAW] = "flaw ",
	    [SAID_REPLY] = "reply ",
	};

	append(text, "", span_of(kinds[said->kind]));
	if (said->kind == SAID_FLAW) {
		append(text, "", span_of(said->code));
		append(text, ": ", span_of(said->reason));
	} else if (said->kind == SAID_REPLY) {
		append(text, "", span_of(said->text));
	} else {
		if (said->kind == SAID_EVENT)
			append(text, "", said->event);
		append(text, " token ", said->token);
		append(text, " data ", said->data);
		append(text, " ack ", said->ack);
	}
}

struct line_case {
	const char *line;
	size_t len;
	const char *said;
};

/* Read a copy that ends where its memory ends: ASan sees a step over. */
static void
expect_said(const struct dialect *dialect, const struct line_case *c)
{
	char text[TEXT_BYTES] = "";
	char *copy = malloc(c->len ? c->len : 1);
	struct said said;

	cr_assert(copy);
	memcpy(copy, c->line, c->len);
	dialect->read((struct span){copy, c->len}, &said);
	describe(text, &said);
	cr_expect_str_eq(text, c->said, "%s: %s", c->line, text);
	free(copy);
}

#define TOP "flaw bad_json: it must be a JSON object or array"
#define OBJECT "flaw bad_json: it must be a JSON object"
#define ARRAY "flaw bad_json: it must be a JSON array"
#define NAME "flaw bad_field: an event's name must be a string"
#define TOKEN "flaw bad_field: data.token must be a string"
#define MORE "flaw bad_json: something follows after the end"
#define UTF8 "flaw bad_json: a string is not valid UTF-8"
#define RAW "flaw bad_json: a string holds a raw control character"
#define TWICE "flaw bad_field: a key appears twice"

/* clang-format off */
static const struct line_case native[] = {
	{BYTES(""), "nothing"},
	{BYTES("{\"event\":\"a\"}"), "event \"a\""},
	{BYTES(" {\"event\" : \"a\" , \"data\": {} } "),
		"event \"a\" data {}"},
	{BYTES("{\"data\":[1, 2],\"ack\":7,\"event\":\"a\"}"),
		"event \"a\" data [1, 2] ack 7"},
	{BYTES("{\"event\":\"a\",\"ack\":null}"), "event \"a\" ack null"},
	{BYTES("{\"event\":\"a\",\"ack\":{\"b\":[\"c\"]},\"x\":1}"),
		"event \"a\" ack {\"b\":[\"c\"]}"},
	{BYTES("{\"event\":\"\\u0061\",\"data\":\"\\n\"}"),
		"event \"\\u0061\" data \"\\n\""},
	{BYTES("{\"event\":\"auth\",\"data\":{\"token\":\"t\"},\"ack\":1}"),
		"auth token \"t\" data {\"token\":\"t\"} ack 1"},
	{BYTES("{\"event\":\"\\u0061uth\",\"data\":{\"token\":\"t\"}}"),
		"auth token \"t\" data {\"token\":\"t\"}"},
	{BYTES("{\"event\":\"auth\",\"data\":{\"token\":7}}"), TOKEN},
	{BYTES("{\"event\":\"auth\",\"data\":{\"token\":null}}"), TOKEN},
	{BYTES("{\"event\":\"auth\",\"data\":\"t\"}"), TOKEN},
	{BYTES("{\"event\":\"auth\"}"), TOKEN},
	{BYTES("{\"event\":\"ping\"}"), "ping"},
	{BYTES("{\"event\":\"pong\"}"), "nothing"},
	{BYTES("{}"), NAME},
	{BYTES("{\"event\":7}"), NAME},
	{BYTES("{\"event\":null,\"data\":{}}"), NAME},
	{BYTES("{\"event\":[\"a\"]}"), NAME},
	{BYTES("[\"a\"]"), OBJECT},
	{BYTES("\"a\""), TOP},
	{BYTES("hello"), TOP},
	{BYTES("42[\"a\"]"), TOP},
	{BYTES(" "), TOP},
	{BYTES("\0"), TOP},
	{BYTES("\xff\xfe"), TOP},
	{BYTES("{\"event\":\"a\"}{\"event\":\"b\"}"), MORE},
	{BYTES("{\"event\":\"a\"}\0"), MORE},
	{BYTES("{\"event\":\"a"), "flaw bad_json: a string has no end"},
	{BYTES("{\"event\":\"a\xff\"}"), UTF8},
	{BYTES("{\"event\":\"a\xed\xa0\x80\"}"), UTF8},
	{BYTES("{\"event\":\"a\0\"}"), RAW},
	{BYTES("{\"event\":\"a\tb\"}"), RAW},
	{BYTES("{\"event\":\"a\",\"event\":\"b\"}"), TWICE},
	{BYTES("{\"event\":\"a\",\"data\":{\"x\":1,\"x\":2}}"), TWICE},
	{BYTES("{\"event\":\"a\",\"ack\":9007199254740993}"), "flaw bad_field: "
		"an integer is beyond 9007199254740991"},
	{BYTES("{\"event\":\"a\",\"data\":[[[[[[[[]]]]]]]]}"), "flaw bad_field: "
		"the nesting is deeper than 8 levels"},
};

#define EIO "flaw bad_json: an unknown packet of Engine.IO"
#define SIO "flaw bad_json: an unknown packet of Socket.IO"
#define SPACE "flaw bad_json: there is no such namespace"
#define BINARY "flaw bad_type: binary is not supported"
#define PING "flaw bad_json: a ping holds something else"
#define NAME64 "/234567890123456789012345678901234567890123456789012345678901234"

static const struct line_case socketio[] = {
	{BYTES(""), "nothing"},
	{BYTES("40"), "auth"},
	{BYTES("40{}"), "auth"},
	{BYTES("40{\"token\":\"t\"}"), "auth token \"t\""},
	{BYTES("40{\"token\":null}"), "auth"},
	{BYTES("40{\"token\":7,\"x\":1}"), "auth"},
	{BYTES("40/"), "auth"},
	{BYTES("40/,{\"token\":\"t\"}"), "auth token \"t\""},
	{BYTES("40[]"), OBJECT},
	{BYTES("40{"), "flaw bad_json: a key must be a string"},
	{BYTES("40x"), TOP},
	{BYTES("40/ns"), "reply 44/ns,{\"message\":\"Invalid namespace\"}\n"},
	{BYTES("40/ns,{\"token\":\"t\"}"),
		"reply 44/ns,{\"message\":\"Invalid namespace\"}\n"},
	{BYTES("40" NAME64),
		"reply 44" NAME64 ",{\"message\":\"Invalid namespace\"}\n"},
	{BYTES("40" NAME64 "x"), SPACE},
	{BYTES("40/a\0b,"), SPACE},
	{BYTES("40/a\xff,"), SPACE},
	{BYTES("40/a b,"), SPACE},
	{BYTES("41"), "leave"},
	{BYTES("1"), "leave"},
	{BYTES("41/ns,"), SPACE},
	{BYTES("42[\"a\"]"), "event \"a\""},
	{BYTES("42[\"a\",{\"b\":1}]"), "event \"a\" data {\"b\":1}"},
	{BYTES("42 [ \"a\" , 7 , 8 ] "), "event \"a\" data 7"},
	{BYTES("42/,[\"a\"]"), "event \"a\""},
	{BYTES("420[\"a\",{}]"), "event \"a\" data {} ack 0"},
	{BYTES("421234567890[\"a\"]"), "event \"a\" ack 1234567890"},
	{BYTES("42/,17[\"a\"]"), "event \"a\" ack 17"},
	{BYTES("4212345678901[\"a\"]"),
		"flaw bad_json: an ack has more than 10 digits"},
	{BYTES("42-1[\"a\"]"), TOP},
	{BYTES("42[\"auth\",{\"token\":\"t\"}]"),
		"auth token \"t\" data {\"token\":\"t\"}"},
	{BYTES("42[\"auth\",{}]"), TOKEN},
	{BYTES("42[\"connect\"]"), "event \"connect\""},
	{BYTES("42[\"ping\"]"), "event \"ping\""},
	{BYTES("42[]"), NAME},
	{BYTES("42[7,{}]"), NAME},
	{BYTES("42[null]"), NAME},
	{BYTES("42"), TOP},
	{BYTES("427"), TOP},
	{BYTES("42{\"a\":1}"), ARRAY},
	{BYTES("42[\"a\"]42[\"b\"]"), MORE},
	{BYTES("42[\"a\xc0\x80\"]"), UTF8},
	{BYTES("42[\"a\0\"]"), RAW},
	{BYTES("42/ns,[\"a\"]"), SPACE},
	{BYTES("42/ns,7[\"a\"]"), SPACE},
	{BYTES("437[1]"), "nothing"},
	{BYTES("44{\"message\":\"x\"}"), SIO},
	{BYTES("451-[\"a\",{\"_placeholder\":true,\"num\":0}]"), BINARY},
	{BYTES("45"), BINARY},
	{BYTES("461-7[]"), BINARY},
	{BYTES("bAAAA"), BINARY},
	{BYTES("4"), SIO},
	{BYTES("47"), SIO},
	{BYTES("4\0"), SIO},
	{BYTES("4[\"a\"]"), SIO},
	{BYTES("2"), "ping data "},
	{BYTES("2probe"), "ping data probe"},
	{BYTES("2prob"), PING},
	{BYTES("2probes"), PING},
	{BYTES("2\xff"), PING},
	{BYTES("3"), "nothing"},
	{BYTES("3probe"), "nothing"},
	{BYTES("5"), "nothing"},
	{BYTES("6"), "nothing"},
	{BYTES("0{}"), EIO},
	{BYTES("7"), EIO},
	{BYTES("hello"), EIO},
	{BYTES("{\"event\":\"a\"}"), EIO},
	{BYTES(" 40"), EIO},
	{BYTES("\0"), EIO},
	{BYTES("\xff"), EIO},
};

static const struct line_case chat[] = {
	{BYTES(""), "nothing"},
	{BYTES("{\"type\":\"init\"}"),
		"event \"init\" data {\"type\":\"init\"}"},
	{BYTES(" {\"text\":\"a\",\"type\":\"message\"} "),
		"event \"message\" data {\"text\":\"a\",\"type\":\"message\"}"},
	{BYTES("{\"type\":\"ping\"}"), "ping"},
	{BYTES("{\"type\":\"pong\"}"), "nothing"},
	{BYTES("{}"), "flaw bad_field: type must be a string"},
	{BYTES("{\"type\":1}"), "flaw bad_field: type must be a string"},
	{BYTES("[]"), OBJECT},
	{BYTES("{\"type\":\"a\xff\"}"), UTF8},
	{BYTES("hi"), TOP},
};
/* clang-format on */

static const struct {
	const struct dialect *dialect;
	const struct line_case *cases;
	size_t count;
} all[] = {
    {&dialect_native, native, COUNT(native)},
    {&dialect_socketio, socketio, COUNT(socketio)},
    {&dialect_chat, chat, COUNT(chat)},
};

Test(dialect, each_line_says_what_it_says)
{
	for (size_t i = 0; i < COUNT(all); i++)
		for (size_t k = 0; k < all[i].count; k++)
			expect_said(all[i].dialect, &all[i].cases[k]);
}

/* All lines of a dialect as one stream, ended by LF and CR LF in turn. */
static size_t
stream_of(size_t which, char *bytes, char *said)
{
	size_t len = 0;

	for (size_t i = 0; i < all[which].count; i++) {
		const struct line_case *c = &all[which].cases[i];

		cr_assert_lt(len + c->len + 2, (size_t)TEXT_BYTES);
		memcpy(bytes + len, c->line, c->len);
		len += c->len;
		if (i % 2)
			bytes[len++] = '\r';
		bytes[len++] = '\n';
		append(said, "", span_of(c->said));
		append(said, "", SPAN("\n"));
	}
	return len;
}

static void
feed(struct line_reader *reader, const struct dialect *dialect,
    const char *bytes, size_t len, char *text)
{
	while (len > 0) {
		struct span line;
		struct said said;
		size_t room;
		char *to = line_room(reader, &room);

		cr_assert_gt(room, (size_t)0);
		if (room > len)
			room = len;
		memcpy(to, bytes, room);
		line_filled(reader, room);
		bytes += room;
		len -= room;
		while (line_next(reader, &line)) {
			dialect->read(line, &said);
			describe(text, &said);
			append(text, "", SPAN("\n"));
		}
	}
}

Test(dialect, a_stream_says_the_same_cut_at_every_byte)
{
	for (size_t i = 0; i < COUNT(all); i++) {
		static char bytes[TEXT_BYTES], said[TEXT_BYTES];
		size_t len;

		said[0] = '\0';
		len = stream_of(i, bytes, said);
		for (size_t cut = 0; cut <= len; cut++) {
			static char text[TEXT_BYTES], lent[1024];
			struct line_reader reader;

			text[0] = '\0';
			line_init(&reader, lent, sizeof(lent));
			feed(&reader, all[i].dialect, bytes, cut, text);
			feed(&reader, all[i].dialect, bytes + cut, len - cut,
			    text);
			cr_assert_str_eq(
			    text, said, "%s at %zu", all[i].dialect->name, cut);
		}
	}
}

Test(dialect, ten_megabytes_in_a_line_are_a_flaw_and_no_harm)
{
	static char line[10 * 1024 * 1024];
	static const char *const heads[] = {
	    "{\"event\":\"", "{\"event\":[", "42[\"", "42[[", "42", "40/", "2"};
	static const char fill[] = "a[a[91x";

	for (size_t i = 0; i < COUNT(heads); i++) {
		memset(line, fill[i], sizeof(line));
		memcpy(line, heads[i], strlen(heads[i]));
		for (size_t k = 0; k < COUNT(all); k++) {
			struct said said;

			all[k].dialect->read(
			    (struct span){line, sizeof(line)}, &said);
			cr_expect_eq(said.kind, SAID_FLAW, "%s: %s",
			    all[k].dialect->name, heads[i]);
		}
	}
}

/* --- writing --- */

static char written[8 * 1024];
static struct queue out;

static void
begin(void)
{
	queue_init(&out, written, sizeof(written) - 1);
	queue_begin(&out);
}

/* What was put since begin(), as a string. */
static const char *
put(void)
{
	cr_assert(queue_commit(&out));
	written[queue_length(&out)] = '\0';
	return written;
}

static const struct greeting greeting = {
    .sid = "0123",
    .ping_ms = 25000,
    .timeout_ms = 20000,
    .line_bytes = 65536,
};

Test(dialect, greetings_are_those_of_the_contract)
{
	struct greeting g = greeting;

	g.ids_epoch = SPAN("{\"ids\":[\"a@b.c\"],\"epoch\":\"e1\"}");
	begin();
	dialect_native.open(&out, &g);
	dialect_native.bound(&out, &g);
	dialect_native.refused(&out);
	cr_expect_str_eq(put(),
	    "{\"event\":\"hello\",\"data\":{\"ids\":[\"a@b.c\"],"
	    "\"epoch\":\"e1\",\"heartbeat\":25}}\n");
	begin();
	dialect_socketio.open(&out, &g);
	dialect_socketio.bound(&out, &g);
	dialect_socketio.refused(&out);
	cr_expect_str_eq(put(),
	    "0{\"sid\":\"0123\",\"upgrades\":[],\"pingInterval\":25000,"
	    "\"pingTimeout\":20000,\"maxPayload\":65536}\n"
	    "40{\"sid\":\"0123\"}\n"
	    "44{\"message\":\"unauthorized\"}\n");
	begin();
	dialect_chat.open(&out, &g);
	dialect_chat.bound(&out, &g);
	dialect_chat.refused(&out);
	cr_expect_str_eq(put(), "");
}

Test(dialect, events_acks_and_heartbeats_are_one_line_each)
{
	/* clang-format off */
	static const struct {
		const struct dialect *dialect;
		const char *lines;
	} cases[] = {
		{&dialect_native,
			"{\"event\":\"resync\",\"data\":{}}\n"
			"{\"event\":\"a:b\",\"data\":{\"c\": [1]}}\n"
			"{\"ack\":7,\"data\":{\"success\":true}}\n"
			"{\"ack\":7,\"error\":{\"success\":false}}\n"
			"{\"event\":\"ping\"}\n"
			"{\"event\":\"pong\"}\n"},
		{&dialect_socketio,
			"42[\"resync\",{}]\n"
			"42[\"a:b\",{\"c\": [1]}]\n"
			"437[{\"success\":true}]\n"
			"437[{\"success\":false}]\n"
			"2\n"
			"3probe\n"},
		{&dialect_chat,
			"{\"type\":\"resync\"}\n"
			"{\"type\":\"a:b\",\"c\": [1]}\n"
			"{\"type\":\"ping\"}\n"
			"{\"type\":\"pong\"}\n"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct dialect *dialect = cases[i].dialect;

		begin();
		dialect->event(&out, SPAN("resync"), SPAN("{}"));
		dialect->event(&out, SPAN("a:b"), SPAN("{\"c\": [1]}"));
		dialect->ack(
		    &out, SPAN("7"), SPAN("{\"success\":true}"), false);
		dialect->ack(
		    &out, SPAN("7"), SPAN("{\"success\":false}"), true);
		dialect->ping(&out);
		dialect->pong(&out, SPAN("probe"));
		cr_expect_str_eq(put(), cases[i].lines, "%s", written);
	}
}

#define LONG64                                                                 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LONG256 LONG64 LONG64 LONG64 LONG64

Test(dialect, an_error_names_what_it_is_about_where_that_is_an_id)
{
	/* clang-format off */
	static const struct {
		const char *reason, *conversation, *message, *data;
	} cases[] = {
		{"no", NULL, NULL,
			"{\"code\":\"c\",\"reason\":\"no\",\"message\":\"no\"}"},
		{"no", "\"conv_1\"", "7",
			"{\"code\":\"c\",\"reason\":\"no\",\"message\":\"no\","
			"\"conversationId\":\"conv_1\",\"messageId\":7}"},
		{"no", NULL, "\"\\u0061\"",
			"{\"code\":\"c\",\"reason\":\"no\",\"message\":\"no\","
			"\"messageId\":\"\\u0061\"}"},
		{"no", "{\"a\":1}", "null",
			"{\"code\":\"c\",\"reason\":\"no\",\"message\":\"no\"}"},
		{"no", "\"" LONG256 "\"", "true",
			"{\"code\":\"c\",\"reason\":\"no\",\"message\":\"no\"}"},
		{"a \"b\\\n\xc3\xa9", NULL, NULL,
			"{\"code\":\"c\","
			"\"reason\":\"a \\u0022b\\u005c\\u000a\xc3\xa9\","
			"\"message\":\"a \\u0022b\\u005c\\u000a\xc3\xa9\"}"},
		{LONG256 LONG256 LONG256 LONG256, "\"conv_1\"", NULL,
			"{\"code\":\"c\",\"reason\":\"c\",\"message\":\"c\"}"},
	};
	/* clang-format on */

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *conversation = cases[i].conversation;
		const char *message = cases[i].message;
		char wanted[512];

		begin();
		error_frame(&dialect_socketio, &out, "c", cases[i].reason,
		    conversation ? span_of(conversation) : NONE,
		    message ? span_of(message) : NONE);
		(void)snprintf(wanted, sizeof(wanted), "42[\"error\",%s]\n",
		    cases[i].data);
		cr_expect_str_eq(put(), wanted, "%s", written);
	}
}

Test(dialect, an_error_is_told_in_each_dialect)
{
	static const char *const lines[] = {
	    "{\"event\":\"error\",\"data\":{\"code\":\"c\",\"reason\":\"r\","
	    "\"message\":\"r\"}}\n",
	    "42[\"error\",{\"code\":\"c\",\"reason\":\"r\","
	    "\"message\":\"r\"}]\n",
	    "{\"type\":\"error\",\"code\":\"c\",\"reason\":\"r\","
	    "\"message\":\"r\"}\n",
	};

	for (size_t i = 0; i < COUNT(all); i++) {
		begin();
		error_frame(all[i].dialect, &out, "c", "r", NONE, NONE);
		cr_expect_str_eq(put(), lines[i]);
	}
}

Test(dialect, a_path_finds_its_dialect_and_nothing_else)
{
	static const char *const others[] = {"", "/", "/w", "/ws/", "/wss",
	    "/WS", "/socket.io", "/socket.io/x", "/chat/", "ws"};

	for (size_t i = 0; i < COUNT(all); i++)
		cr_expect_eq(
		    dialect_find(all[i].dialect->path), all[i].dialect);
	for (size_t i = 0; i < COUNT(others); i++)
		cr_expect_null(dialect_find(others[i]), "%s", others[i]);
}
