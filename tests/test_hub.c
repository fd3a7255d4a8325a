/*
 * The hub: who gets which event, who may be bound, who hears of whom.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/hub_ends.h"

TestSuite(hub, .init = start, .fini = stop);
TestSuite(hub_options, .fini = stop); /* those that change one first */

/* --- events --- */

Test(hub, an_event_reaches_every_connection_of_both_parties_and_nobody_else)
{
	struct end *ann = relay("ann"), *tab = relay("ann");
	struct end *bob = relay("4711\tbob"), *eve = relay("eve");
	struct end unbound = {0};

	connect_relay(&unbound);
	say(&api, "publish\tmessage:status\t1\t-\n"
		  "ann\t{\"to\":\"ann\"}\nbob\t{\"to\":\"bob\"}\n");
	EXPECT(ann, "event\tmessage:status\t{\"to\":\"ann\"}");
	EXPECT(tab, "event\tmessage:status\t{\"to\":\"ann\"}");
	EXPECT(bob, "event\tmessage:status\t{\"to\":\"bob\"}");
	settle();
	cr_expect(has_nothing(ann) && has_nothing(tab) && has_nothing(bob));
	cr_expect(has_nothing(eve) && has_nothing(&unbound));
}

Test(hub, a_connection_gets_an_event_once_by_the_first_line_that_fits)
{
	struct end *both = relay("bob\tann\tmore");

	say(&api, "publish\te\t1\t-\nann\t1\nbob\t2\nmore\t3\n");
	EXPECT(both, "event\te\t1");
	say(&api, "publish\te\t1\t-\nbob\t2\nann\t1\n");
	EXPECT(both, "event\te\t2");
	settle();
	cr_expect(has_nothing(both));
}

Test(hub, the_connection_that_caused_it_needs_no_copy)
{
	struct end *ann = relay("ann"), *tab = relay("ann");

	say(&api, "publish\te\t1\t%s\nann\t1\n", ann->id);
	say(&api, "publish\te\t1\t-\nann\t2\n");
	EXPECT(ann, "event\te\t2");
	EXPECT(tab, "event\te\t1");
	EXPECT(tab, "event\te\t2");
}

Test(hub, events_keep_their_order_and_share_packets)
{
	struct end *ann = relay("ann");
	int packets = 0;

	for (int i = 0; i < 1000; i++)
		say(&api, "publish\te\t1\t-\nann\t%d\n", i);
	for (int i = 0; i < 1000; i++) {
		char line[32];

		packets += !ann->rest || !*ann->rest;
		snprintf(line, sizeof(line), "event\te\t%d", i);
		cr_assert_str_eq(hear(ann), line);
	}
	cr_expect_lt(packets, 1000);
}

Test(hub, a_line_of_a_party_without_json_is_passed_over)
{
	struct end *ann = relay("ann"), *bob = relay("bob");

	say(&api, "publish\te\t1\t-\nann\nnobody\t1\nbob\t2\n");
	EXPECT(bob, "event\te\t2");
	cr_expect(has_nothing(ann));
}

/* --- binding --- */

Test(hub, a_bind_of_an_unknown_connection_is_ignored_and_counted)
{
	struct end *ann;

	say(&api, "bind\t%032d\t%lld\ts\tann\t1\n", 0, FAR);
	say(&api, "join\t%032d\tc\tc\tcustomer\tann\tbob\n", 0);
	ann = relay("ann");
	cr_expect_eq(counter("ignored_total"), 2);
	cr_expect(has_nothing(ann));
}

Test(hub, a_renewal_of_the_same_account_is_bound_again)
{
	struct end *ann = relay("ann\tone");

	say(&api, "bind\t%s\t%lld\tnew\tann\ttwo\t{\"n\":2}\n", ann->id, FAR);
	EXPECT(ann, "bound\t{\"n\":2}");
	say(&api, "publish\te\t1\t-\none\t1\ntwo\t2\n");
	EXPECT(ann, "event\te\t2");
	say(&api, "revoke\tsession-ann\t%lld\n", FAR);
	say(&api, "publish\te\t1\t-\nann\t3\n");
	EXPECT(ann, "event\te\t3");
	say(&api, "revoke\tnew\t%lld\n", FAR);
	EXPECT(ann, "end\trevoked");
}

Test(hub, a_renewal_by_another_account_ends_it)
{
	struct end *ann = relay("ann");

	say(&api, "bind\t%s\t%lld\ts\teve\tann\t1\n", ann->id, FAR);
	EXPECT(ann, "end\tauth_failed");
}

Test(hub, one_connection_too_many_of_an_account_ends_and_the_others_stay)
{
	struct end *ann[32], one_more = {0}, *other;

	for (int i = 0; i < 32; i++)
		ann[i] = relay(i % 2 ? "ann" : "ann\tmore");
	connect_relay(&one_more);
	bind_relay(&one_more, "ann");
	EXPECT(&one_more, "end\trate_limited");
	other = relay("more\tann"); /* another account */
	say(&api, "publish\te\t1\t-\nann\t1\n");
	for (int i = 0; i < 32; i++)
		EXPECT(ann[i], "event\te\t1");
	EXPECT(other, "event\te\t1");
	close(ann[0]->fd);
	cr_expect_eq(counter("bound"), 32);
	relay("ann");
}

Test(hub, when_its_credential_ends_so_does_the_connection)
{
	struct end *ann = relay("ann"), *late = relay("late");
	long long now = seconds();

	say(&api, "bind\t%s\t%lld\ts\tann\t1\n", ann->id, now + 1);
	EXPECT(ann, "bound\t1");
	EXPECT(ann, "end\tauth_failed");
	cr_expect_geq(seconds(), now + 1);
	say(&api, "bind\t%s\t%lld\ts\tlate\t1\n", late->id, now - 1);
	EXPECT(late, "bound\t1");
	EXPECT(late, "end\tauth_failed");
}

Test(hub, a_credential_that_ends_after_all_time_is_no_trouble)
{
	struct end *ann = relay("ann");

	say(&api, "bind\t%s\t999999999999999999\ts\tann\t1\n", ann->id);
	EXPECT(ann, "bound\t1");
	settle();
	cr_expect(has_nothing(ann));
}

Test(hub, a_revoked_session_ends_and_cannot_be_bound_again)
{
	struct end *ann = relay("ann"), *tab = relay("ann"),
		   *bob = relay("bob");
	struct end late = {0};

	say(&api, "bind\t%s\t%lld\tother\tann\t1\n", tab->id, FAR);
	EXPECT(tab, "bound\t1");
	say(&api, "revoke\tsession-ann\t%lld\n", FAR);
	EXPECT(ann, "end\trevoked");
	connect_relay(&late);
	say(&api, "bind\t%s\t%lld\tsession-ann\tann\t1\n", late.id, FAR);
	EXPECT(&late, "end\trevoked");
	say(&api, "publish\te\t1\t-\nann\t1\nbob\t1\n");
	EXPECT(tab, "event\te\t1");
	EXPECT(bob, "event\te\t1");
	cr_expect(has_nothing(ann));
}

Test(hub, a_revocation_is_forgotten_when_its_time_has_come)
{
	struct end ann = {0};

	say(&api, "revoke\tsession-ann\t%lld\n", seconds());
	connect_relay(&ann);
	say(&api, "bind\t%s\t%lld\tsession-ann\tann\t1\n", ann.id, FAR);
	EXPECT(&ann, "bound\t1");
}

Test(hub_options, after_end_nothing_more_is_said_and_the_connection_closes)
{
	struct end *ann;

	options.farewell_ms = 50;
	start();
	ann = relay("ann");
	say(&api, "revoke\tsession-ann\t%lld\n", FAR);
	say(&api, "bind\t%s\t%lld\tnew\tann\t1\n", ann->id, FAR);
	say(&api, "publish\te\t1\t-\nann\t1\n");
	say(&api, "lost\n");
	EXPECT(ann, "end\trevoked");
	EXPECT(ann, "(closed)");
}

/* --- rooms --- */

Test(hub_options, joined_parties_see_each_other_type_come_and_go)
{
	struct end *ann, *bob, *eve;

	options.offline_ms = 20;
	options.typing_ms = 20;
	start();
	ann = relay("ann");
	eve = relay("eve");
	join(ann, "c1", "customer");
	EXPECT(ann, "event\tuser:presence\t{\"conversationId\":\"c1\","
		    "\"userEmail\":\"bob\",\"userRole\":\"seller\","
		    "\"isOnline\":false,\"lastSeen\":null}");
	bob = relay("bob");
	EXPECT(ann, "event\tuser:presence\t{\"conversationId\":\"c1\","
		    "\"userEmail\":\"bob\",\"userRole\":\"seller\","
		    "\"isOnline\":true,\"lastSeen\":null}");
	join(bob, "c1", "seller");
	EXPECT(bob, "event\tuser:presence\t{\"conversationId\":\"c1\","
		    "\"userEmail\":\"ann\",\"userRole\":\"customer\","
		    "\"isOnline\":true,\"lastSeen\":null}");
	say(bob, "typing\tc1\t1\n");
	EXPECT(ann, "event\tconversation:typing\t{\"conversationId\":\"c1\","
		    "\"userRole\":\"seller\",\"isTyping\":true}");
	EXPECT(ann, "event\tconversation:typing\t{\"conversationId\":\"c1\","
		    "\"userRole\":\"seller\",\"isTyping\":false}");
	say(bob, "bye\tleft\n");
	close(bob->fd);
	cr_expect_not_null(strstr(hear(ann), "\"isOnline\":false,\"lastSeen\":"
					     "\"20"));
	cr_expect(has_nothing(eve));
	cr_expect_eq(counter("ends_total{code=\"left\"}"), 1);
	cr_expect_eq(counted("typing_total"), 1);
	cr_expect_eq(counted("rooms"), 1);
}

Test(hub, typing_without_a_join_is_refused_and_leaving_ends_a_join)
{
	struct end *ann = relay("ann");

	say(ann, "typing\tc1\t1\n");
	EXPECT(ann, "refuse\tnot_found\tc1");
	join(ann, "c1", "customer");
	hear(ann);
	say(ann, "typing\tc1\t0\nleave\tc1\ntyping\tc1\t0\n");
	EXPECT(ann, "refuse\tnot_found\tc1");
	cr_expect(has_nothing(ann));
}

Test(hub_options, one_join_too_many_is_refused)
{
	struct end *ann;

	options.joins = 1;
	start();
	ann = relay("ann");
	join(ann, "c1", "customer");
	hear(ann);
	join(ann, "c2", "customer");
	EXPECT(ann, "refuse\trate_limited\tc2");
}

Test(hub, a_join_of_one_that_is_not_bound_is_ignored)
{
	struct end ann = {0};

	connect_relay(&ann);
	join(&ann, "c1", "customer");
	settle();
	cr_expect(has_nothing(&ann));
}

#define ADMIT(identity) "admit\t" identity "\tc1\tc1\tseller\tann\tbob\n"

Test(hub, whoever_is_bound_to_an_identity_can_be_admitted_with_all_his_tabs)
{
	struct end *ann = relay("ann"), *eve = relay("eve");
	struct end *bob = relay("bob"), *tab = relay("bob");

	join(ann, "c1", "customer");
	hear(ann);
	say(&api, ADMIT("bob"));
	hear(bob); /* ann is present */
	hear(tab);
	say(ann, "typing\tc1\t1\n");
	EXPECT(bob, "event\tconversation:typing\t{\"conversationId\":\"c1\","
		    "\"userRole\":\"customer\",\"isTyping\":true}");
	cr_expect_not_null(strstr(hear(tab), "\"isTyping\":true"));
	say(tab, "typing\tc1\t1\n");
	cr_expect_not_null(strstr(hear(ann), "\"userRole\":\"seller\""));
	say(eve, "typing\tc1\t1\n");
	EXPECT(eve, "refuse\tnot_found\tc1");
	settle();
	cr_expect(has_nothing(eve) && has_nothing(bob) && has_nothing(tab));
}

Test(hub, who_is_admitted_takes_the_place_of_others)
{
	struct end *ann = relay("ann"), *bob = relay("bob");
	struct end *eve = relay("eve");

	join(ann, "c1", "customer");
	hear(ann);
	say(&api, ADMIT("bob"));
	hear(bob); /* ann is present */
	say(&api, ADMIT("eve"));
	hear(eve);
	say(bob, "typing\tc1\t1\n");
	EXPECT(bob, "refuse\tnot_found\tc1");
	say(ann, "typing\tc1\t1\n");
	cr_expect_not_null(strstr(hear(eve), "\"isTyping\":true"));
	say(&api, ADMIT("nobody"));
	settle();
	say(eve, "typing\tc1\t1\n");
	EXPECT(eve, "refuse\tnot_found\tc1");
	say(ann, "typing\tc1\t0\nleave\tc1\n");
	cr_expect(has_nothing(bob) && has_nothing(eve) && has_nothing(ann));
}

Test(hub, a_room_where_nobody_is_left_is_gone)
{
	struct end *bob = relay("bob");

	say(&api, ADMIT("bob"));
	hear(bob);
	say(&api, ADMIT("nobody"));
	say(&api, ADMIT("nobody"));
	settle();
	cr_expect_eq(counter("rooms"), 0);
	cr_expect_eq(counted("ignored_total"), 0);
}

Test(hub_options, one_admission_too_many_is_refused)
{
	struct end *bob;

	options.joins = 1;
	start();
	bob = relay("bob");
	join(bob, "c2", "seller");
	hear(bob);
	say(&api, ADMIT("bob"));
	EXPECT(bob, "refuse\trate_limited\tc1");
}
