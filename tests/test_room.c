/*
 * Who is where and who hears what, with a clock of our own and no sockets:
 * each test reads like a diary of what every connection was told.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ws/room.h"
#include "ws/room_event.h"

#define WALL_MS 1767400000123LL /* 2026-01-03T00:26:40.123Z, at start */
#define SOMEBODY_MAX 6

/* Connections, by what they are called here. */
enum { ANN, ANN_TAB, BOB, BOB_TAB, EVE };

static struct timers timers;
static struct rooms rooms;
static struct connection connection[SOMEBODY_MAX];
static struct rooms_limits limits = {
    .joins = 3, .offline_ms = 3000, .typing_ms = 5000, .last_seen = 2};
static char told[SOMEBODY_MAX][4096];

/* "+BOB " online, "-BOB " offline; "t1 ", "t0 " typing; others as they are. */
static void
note(struct connection *to, struct parcel *parcel)
{
	char *diary = told[to - connection];

	snprintf(diary + strlen(diary), sizeof(told[0]) - strlen(diary), "%.*s",
	    (int)parcel->len, parcel->bytes);
}

static void
start(void)
{
	timers.now_ms = 1000;
	timers.wall_ms = WALL_MS;
	rooms_init(&rooms, &limits, &timers, note);
	for (int i = 0; i < SOMEBODY_MAX; i++)
		rooms_connection(&connection[i]);
}

static void
pass(int64_t ms)
{
	timers.now_ms += ms;
	timers.wall_ms += ms;
	timers_fire(&timers);
}

static void
bind_names(int who, const char *a, const char *b)
{
	struct span name[] = {span_of(a), b ? span_of(b) : SPAN("")};

	rooms_bind(&rooms, &connection[who], name, b ? 2 : 1);
}

static bool
join_by(int who, const char *asked, const char *conversation, enum role role)
{
	struct join join = {span_of(asked), span_of(conversation), role,
	    {SPAN("ann@x"), SPAN("bob@x")}};

	return rooms_join(&rooms, &connection[who], &join);
}

static bool
join(int who, const char *conversation)
{
	return join_by(who, conversation, conversation,
	    who <= ANN_TAB ? ROLE_CUSTOMER : ROLE_SELLER);
}

static bool
typing(int who, const char *conversation, bool is_typing)
{
	return rooms_typing(&connection[who], span_of(conversation), is_typing);
}

/* Both are bound and in c1, and have read what that said. */
static void
start_together(void)
{
	start();
	bind_names(ANN, "ann@x", NULL);
	bind_names(BOB, "bob@x", NULL);
	join(ANN, "c1");
	join(BOB, "c1");
	memset(told, 0, sizeof(told));
}

#define PRESENCE(conversation, who, role, online, seen)                        \
	"event\tuser:presence\t{\"conversationId\":\"" conversation            \
	"\",\"userEmail\":\"" who "\",\"userRole\":\"" role                    \
	"\",\"isOnline\":" online ",\"lastSeen\":" seen "}\n"
#define TYPING(conversation, role, on)                                         \
	"event\tconversation:typing\t{\"conversationId\":\"" conversation      \
	"\",\"userRole\":\"" role "\",\"isTyping\":" on "}\n"
#define BOB_HERE PRESENCE("c1", "bob@x", "seller", "true", "null")
#define BOB_UNKNOWN PRESENCE("c1", "bob@x", "seller", "false", "null")
#define BOB_LEFT(at) PRESENCE("c1", "bob@x", "seller", "false", "\"" at "\"")
#define ANN_HERE PRESENCE("c1", "ann@x", "customer", "true", "null")
#define ANN_TYPES TYPING("c1", "customer", "true")
#define ANN_RESTS TYPING("c1", "customer", "false")

/* What it was told since this was last asked. */
static void
heard(int who, const char *lines)
{
	cr_expect_str_eq(told[who], lines, "%d heard:\n%sand not:\n%s", who,
	    told[who], lines);
	told[who][0] = '\0';
}

/* --- presence --- */

Test(room, a_joiner_is_told_at_once_who_is_present, .init = start)
{
	bind_names(ANN, "ann@x", NULL);
	cr_expect(join(ANN, "c1"));
	heard(ANN, BOB_UNKNOWN);
	bind_names(BOB, "bob@x", NULL);
	cr_expect(join(BOB, "c1"));
	heard(BOB, ANN_HERE);
}

Test(room, present_is_who_is_connected_joined_or_not, .init = start)
{
	bind_names(ANN, "ann@x", NULL);
	join(ANN, "c1");
	heard(ANN, BOB_UNKNOWN);
	bind_names(BOB, "bob@x", NULL);
	heard(ANN, BOB_HERE);
	heard(BOB, "");
}

Test(room, a_party_is_present_by_any_of_its_identities, .init = start)
{
	bind_names(ANN, "ann@x", NULL);
	join(ANN, "c1");
	heard(ANN, BOB_UNKNOWN);
	bind_names(BOB, "4711", "bob@x");
	heard(ANN, BOB_HERE);
}

Test(room, offline_is_said_three_seconds_after_the_last_tab_went,
    .init = start_together)
{
	bind_names(BOB_TAB, "bob@x", NULL);
	rooms_unbind(&connection[BOB]);
	pass(10000);
	heard(ANN, "");
	rooms_unbind(&connection[BOB_TAB]);
	pass(2999);
	heard(ANN, "");
	pass(1);
	heard(ANN, BOB_LEFT("2026-01-03T00:26:50.123Z"));
	pass(10000);
	heard(ANN, "");
}

Test(room, a_quick_reconnect_says_nothing, .init = start_together)
{
	for (int i = 0; i < 5; i++) {
		rooms_unbind(&connection[BOB]);
		pass(2900);
		bind_names(BOB, "bob@x", NULL);
		pass(10000);
	}
	heard(ANN, "");
}

Test(room, who_joins_within_the_three_seconds_is_told_online, .init = start)
{
	bind_names(BOB, "bob@x", NULL);
	rooms_unbind(&connection[BOB]);
	bind_names(ANN, "ann@x", NULL);
	join(ANN, "c1");
	heard(ANN, BOB_HERE);
	pass(3000);
	heard(ANN, BOB_LEFT("2026-01-03T00:26:40.123Z"));
}

Test(room, online_again_is_said_at_once_and_without_last_seen,
    .init = start_together)
{
	rooms_unbind(&connection[BOB]);
	pass(3000);
	heard(ANN, BOB_LEFT("2026-01-03T00:26:40.123Z"));
	bind_names(BOB, "bob@x", NULL);
	heard(ANN, BOB_HERE);
}

Test(room, a_joiner_is_told_when_the_other_was_last_seen, .init = start)
{
	bind_names(BOB, "bob@x", NULL);
	pass(60000);
	rooms_unbind(&connection[BOB]);
	pass(60000);
	bind_names(ANN, "ann@x", NULL);
	join(ANN, "c1");
	heard(ANN, BOB_LEFT("2026-01-03T00:27:40.123Z"));
}

Test(room, when_somebody_was_last_seen_is_known_of_the_newest_only,
    .init = start)
{
	static const char *const names[] = {"bob@x", "one", "two"};

	for (int i = 0; i < 3; i++) {
		bind_names(EVE, names[i], NULL);
		rooms_unbind(&connection[EVE]);
		pass(3000);
	}
	cr_expect_eq(rooms.departed_count, 2);
	cr_expect_null(rooms_identity(&rooms, SPAN("bob@x")));
	cr_expect_not_null(rooms_identity(&rooms, SPAN("one")));
	bind_names(ANN, "ann@x", NULL);
	join(ANN, "c1");
	heard(ANN, BOB_UNKNOWN);
}

Test(room, who_comes_and_goes_is_remembered_once, .init = start)
{
	bind_names(ANN, "ann@x", NULL);
	rooms_unbind(&connection[ANN]);
	pass(3000);
	for (int i = 0; i < 5; i++) {
		bind_names(BOB, "bob@x", NULL);
		cr_expect_eq(rooms.departed_count, 1);
		rooms_unbind(&connection[BOB]);
		pass(3000);
		cr_expect_eq(rooms.departed_count, 2);
	}
	cr_expect_not_null(rooms_identity(&rooms, SPAN("ann@x")));
}

Test(room, a_forgotten_one_in_a_room_is_only_forgotten, .init = start_together)
{
	rooms_unbind(&connection[BOB]);
	pass(3000);
	heard(ANN, BOB_LEFT("2026-01-03T00:26:40.123Z"));
	for (int i = 0; i < 2; i++) {
		bind_names(EVE, i ? "one" : "two", NULL);
		rooms_unbind(&connection[EVE]);
		pass(3000);
	}
	join(ANN, "c1");
	heard(ANN, BOB_UNKNOWN);
	bind_names(BOB, "bob@x", NULL);
	heard(ANN, BOB_HERE);
}

Test(room, nobody_hears_of_himself_nor_of_those_he_has_not_joined,
    .init = start_together)
{
	bind_names(ANN_TAB, "ann@x", NULL);
	join(ANN_TAB, "c1");
	heard(ANN_TAB, BOB_HERE);
	bind_names(EVE, "eve@x", NULL);
	rooms_unbind(&connection[BOB]);
	pass(3000);
	heard(BOB, "");
	heard(EVE, "");
	heard(ANN, BOB_LEFT("2026-01-03T00:26:40.123Z"));
	heard(ANN_TAB, BOB_LEFT("2026-01-03T00:26:40.123Z"));
}

Test(room, who_is_both_parties_never_hears_of_himself, .init = start)
{
	bind_names(ANN, "ann@x", "bob@x");
	cr_expect(join(ANN, "c1"));
	bind_names(ANN_TAB, "ann@x", "bob@x");
	rooms_unbind(&connection[ANN_TAB]);
	pass(10000);
	heard(ANN, "");
}

Test(room, who_joins_for_a_party_hears_of_the_other_alone, .init = start)
{
	bind_names(ANN, "another name of hers", NULL);
	join(ANN, "c1");
	heard(ANN, BOB_UNKNOWN);
	bind_names(ANN_TAB, "ann@x", NULL);
	heard(ANN, "");
}

Test(room, both_of_two_rooms_are_told_each_by_the_id_that_was_asked,
    .init = start)
{
	bind_names(ANN, "ann@x", NULL);
	join(ANN, "c1");
	join_by(ANN, "other\"name", "c2", ROLE_CUSTOMER);
	told[ANN][0] = '\0';
	bind_names(BOB, "bob@x", NULL);
	heard(ANN, BOB_HERE PRESENCE(
		       "other\\\"name", "bob@x", "seller", "true", "null"));
}

Test(room, an_identity_is_escaped_as_json, .init = start)
{
	struct join join = {SPAN("c1"), SPAN("c1"), ROLE_CUSTOMER,
	    {SPAN("ann@x"), SPAN("b\\ob\"@x")}};

	bind_names(ANN, "ann@x", NULL);
	rooms_join(&rooms, &connection[ANN], &join);
	heard(ANN, PRESENCE("c1", "b\\\\ob\\\"@x", "seller", "false", "null"));
}

Test(room, the_longest_ids_fit)
{
	static char id[BUS_CONVERSATION_MAX], name[BUS_IDENTITY_MAX];
	struct identity *party;
	struct parcel *parcel;

	start();
	memset(id, '"', sizeof(id));
	memset(name, '\\', sizeof(name));
	party = identity_get(&rooms, (struct span){name, sizeof(name)});
	parcel =
	    presence_event((struct span){id, sizeof(id)}, party, ROLE_CUSTOMER);
	cr_expect_gt(parcel->len, 2 * (sizeof(id) + sizeof(name)));
	cr_expect_eq(parcel->bytes[parcel->len - 2], '}');
	parcel_release(parcel);
	identity_settle(party);
	cr_expect_null(rooms.identities.root);
}

/* --- rooms --- */

Test(
    room, joining_again_changes_nothing_and_tells_again, .init = start_together)
{
	cr_expect(join(ANN, "c1"));
	heard(ANN, BOB_HERE);
	heard(BOB, "");
	cr_expect_eq(connection[ANN].joined, 1);
	typing(BOB, "c1", true);
	heard(ANN, TYPING("c1", "seller", "true"));
}

Test(
    room, one_joined_by_another_of_its_ids_is_still_one, .init = start_together)
{
	cr_expect(join_by(ANN, "alias", "c1", ROLE_CUSTOMER));
	heard(ANN, PRESENCE("alias", "bob@x", "seller", "true", "null"));
	cr_expect_eq(connection[ANN].joined, 1);
	typing(BOB, "c1", true);
	heard(ANN, TYPING("alias", "seller", "true"));
	cr_expect(typing(ANN, "alias", true), "by the id it asked for");
	heard(BOB, ANN_TYPES);
	cr_expect(typing(ANN, "c1", false), "or the conversation's own");
	heard(BOB, ANN_RESTS);
	rooms_leave(&connection[ANN], SPAN("alias"));
	cr_expect_eq(connection[ANN].joined, 0);
}

Test(room, a_connection_joins_so_many_and_no_more, .init = start)
{
	bind_names(ANN, "ann@x", NULL);
	cr_expect(join(ANN, "c1"));
	cr_expect(join(ANN, "c2"));
	cr_expect(join(ANN, "c3"));
	cr_expect_not(join(ANN, "c4"));
	cr_expect(join(ANN, "c2"), "it is in this one");
	cr_expect(join_by(ANN, "alias", "c2", ROLE_CUSTOMER), "and still is");
	rooms_leave(&connection[ANN], SPAN("c1"));
	cr_expect(join(ANN, "c4"));
	cr_expect_eq(rooms.room_count, 3);
}

Test(room, who_left_hears_nothing_more, .init = start_together)
{
	rooms_leave(&connection[ANN], SPAN("c1"));
	rooms_leave(&connection[ANN], SPAN("c1"));
	rooms_leave(&connection[ANN], SPAN("nowhere"));
	typing(BOB, "c1", true);
	rooms_unbind(&connection[BOB]);
	pass(3000);
	heard(ANN, "");
}

/* --- typing --- */

Test(room, typing_reaches_the_other_party_alone_and_all_its_tabs,
    .init = start_together)
{
	bind_names(ANN_TAB, "ann@x", NULL);
	bind_names(BOB_TAB, "bob@x", NULL);
	bind_names(EVE, "bob@x", NULL); /* bound, but not joined */
	join(ANN_TAB, "c1");
	join(BOB_TAB, "c1");
	memset(told, 0, sizeof(told));
	cr_expect(typing(ANN, "c1", true));
	heard(BOB, ANN_TYPES);
	heard(BOB_TAB, ANN_TYPES);
	heard(ANN, "");
	heard(ANN_TAB, "");
	heard(EVE, "");
}

Test(room, typing_without_a_join_is_refused, .init = start_together)
{
	cr_expect_not(typing(ANN, "c2", true));
	cr_expect_not(typing(EVE, "c1", true));
	cr_expect_not(typing(EVE, "c1", false));
	heard(BOB, "");
}

Test(room, typing_ends_by_itself_after_five_seconds, .init = start_together)
{
	typing(ANN, "c1", true);
	heard(BOB, ANN_TYPES);
	pass(4999);
	heard(BOB, "");
	pass(1);
	heard(BOB, ANN_RESTS);
	pass(60000);
	heard(BOB, "");
}

Test(room, true_within_two_seconds_is_not_passed_on_but_extends_it,
    .init = start_together)
{
	typing(ANN, "c1", true);
	pass(1999);
	typing(ANN, "c1", true);
	heard(BOB, ANN_TYPES);
	pass(4999);
	heard(BOB, "");
	pass(1);
	heard(BOB, ANN_RESTS);
	typing(ANN, "c1", true);
	heard(BOB, ANN_TYPES);
	pass(2000);
	typing(ANN, "c1", true);
	heard(BOB, ANN_TYPES);
}

Test(room, false_always_passes_and_is_the_end, .init = start_together)
{
	typing(ANN, "c1", true);
	typing(ANN, "c1", false);
	typing(ANN, "c1", false);
	heard(BOB, ANN_TYPES ANN_RESTS ANN_RESTS);
	typing(ANN, "c1", true); /* too soon */
	pass(60000);
	heard(BOB, "");
}

Test(room, who_leaves_has_stopped_typing, .init = start_together)
{
	typing(ANN, "c1", true);
	rooms_leave(&connection[ANN], SPAN("c1"));
	heard(BOB, ANN_TYPES ANN_RESTS);
	pass(60000);
	heard(BOB, "");
}

Test(room, who_is_gone_has_stopped_typing, .init = start_together)
{
	typing(ANN, "c1", true);
	rooms_unbind(&connection[ANN]);
	heard(BOB, ANN_TYPES ANN_RESTS);
}

/* --- accounts --- */

Test(room, an_account_counts_its_connections_by_the_first_identity_alone,
    .init = start)
{
	bind_names(ANN, "ann@x", "shared");
	bind_names(ANN_TAB, "ann@x", NULL);
	bind_names(BOB, "shared", NULL);
	cr_expect_eq(rooms_identity(&rooms, SPAN("ann@x"))->accounts, 2);
	cr_expect_eq(rooms_identity(&rooms, SPAN("shared"))->accounts, 1);
	cr_expect_eq(rooms.account_count, 2);
	cr_expect_eq(rooms.bound_count, 3);
	cr_expect(connection_is_of(&connection[ANN], SPAN("ann@x")));
	cr_expect_not(connection_is_of(&connection[ANN], SPAN("shared")));
	for (int i = ANN; i <= BOB; i++)
		rooms_unbind(&connection[i]);
	cr_expect_eq(rooms.account_count, 0);
	cr_expect_eq(rooms.bound_count, 0);
}

Test(room, one_name_given_twice_is_bound_once, .init = start)
{
	bind_names(ANN, "ann@x", "ann@x");
	cr_expect_eq(connection[ANN].bindings, 1);
}

Test(room, a_renewal_is_quiet_and_keeps_the_rooms, .init = start_together)
{
	bind_names(BOB, "bob@x", NULL);
	bind_names(BOB, "bob@x", "more");
	pass(10000);
	heard(ANN, "");
	cr_expect_eq(rooms.bound_count, 2);
	cr_expect(typing(BOB, "c1", true));
}

Test(room, a_renewal_without_an_identity_leaves_its_rooms, .init = start)
{
	bind_names(BOB, "4711", "bob@x");
	join(BOB, "c1");
	bind_names(BOB, "4711", NULL);
	cr_expect_eq(connection[BOB].joined, 0);
	cr_expect_not(typing(BOB, "c1", true));
}

Test(room, when_all_have_left_nothing_is_kept_but_when_they_were_seen,
    .init = start_together)
{
	typing(ANN, "c1", true);
	rooms_unbind(&connection[ANN]);
	rooms_unbind(&connection[ANN]);
	rooms_unbind(&connection[BOB]);
	pass(3000);
	cr_expect_eq(rooms.room_count, 0);
	cr_expect_null(rooms.rooms.root);
	cr_expect_eq(rooms.departed_count, 2);
	for (int i = 0; i < 2; i++) {
		bind_names(EVE, i ? "one" : "two", NULL);
		rooms_unbind(&connection[EVE]);
		pass(3000);
	}
	cr_expect_null(rooms_identity(&rooms, SPAN("ann@x")));
	cr_expect_null(rooms_identity(&rooms, SPAN("bob@x")));
	cr_expect_eq(timers_wait_ms(&timers), -1);
}

Test(room, without_room_for_last_seen_nothing_is_kept)
{
	limits.last_seen = 0;
	start();
	bind_names(ANN, "ann@x", NULL);
	rooms_unbind(&connection[ANN]);
	pass(3000);
	cr_expect_null(rooms.identities.root);
}
