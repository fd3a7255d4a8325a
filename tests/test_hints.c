/*
 * What was last known, and what is guessed where nothing is.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cgi/hints.h"

static struct caller
caller_named(const char *id, enum role role)
{
	struct caller caller = {.id_count = 1, .role = role};

	strcpy(caller.ids[0], id);
	return caller;
}

Test(hints, a_role_is_guessed_until_it_is_known)
{
	struct caller asha = caller_named("asha", ROLE_CUSTOMER);
	struct caller ravi = caller_named("ravi", ROLE_SELLER);
	struct caller admin = caller_named("root", ROLE_ADMIN);

	cr_expect_eq(hints_get("c", &asha).side, SIDE_CUSTOMER);
	cr_expect_eq(hints_get("c", &ravi).side, SIDE_SELLER);
	cr_expect_eq(hints_get("c", &admin).side, SIDE_CUSTOMER);
	cr_expect_eq(hints_get("c", &ravi).archived_seq, 0);
}

Test(hints, what_was_put_is_got_by_the_same_account_alone)
{
	struct caller asha = caller_named("asha", ROLE_CUSTOMER);
	struct caller ravi = caller_named("ravi", ROLE_CUSTOMER);
	struct hint hint = {.side = SIDE_SELLER, .archived_seq = 96};

	hints_put("c", &asha, &hint);
	cr_expect_eq(hints_get("c", &asha).side, SIDE_SELLER);
	cr_expect_eq(hints_get("c", &asha).archived_seq, 96);
	cr_expect_eq(hints_get("d", &asha).archived_seq, 0);
	cr_expect_eq(hints_get("c", &ravi).archived_seq, 0);
}
