/*
 * Versions behind ETags: they may change for nothing, but must never repeat.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>

#include "cgi/versions.h"

#define MORE_THAN_FIT 200000

Test(versions, a_version_stays_until_its_account_is_touched)
{
	uint64_t first = versions_get("a@example.com");

	cr_expect_eq(versions_get("a@example.com"), first);
	versions_bump("b@example.com");
	cr_expect_eq(versions_get("a@example.com"), first);
	versions_bump("a@example.com");
	cr_expect_neq(versions_get("a@example.com"), first);
}

Test(versions, the_version_of_all_changes_with_every_bump_and_with_no_read)
{
	uint64_t all = versions_all();

	versions_get("a@example.com");
	cr_expect_eq(versions_all(), all);
	versions_bump("a@example.com");
	cr_expect_neq(versions_all(), all);
}

Test(versions, a_reset_voids_everything)
{
	uint64_t one = versions_get("a@example.com");
	uint64_t all = versions_all();

	versions_reset();
	cr_expect_neq(versions_get("a@example.com"), one);
	cr_expect_neq(versions_all(), all);
}

Test(versions, a_forgotten_account_gets_a_number_it_never_had)
{
	uint64_t before;
	char other[32];

	for (int i = 0; i < 2 * MORE_THAN_FIT; i++)
		versions_bump("a@example.com");
	before = versions_get("a@example.com");
	for (int i = 0; i < MORE_THAN_FIT; i++) {
		snprintf(other, sizeof(other), "%d", i);
		versions_get(other);
	}
	cr_expect_gt(versions_get("a@example.com"), before);
}

Test(versions, an_account_in_use_is_not_forgotten)
{
	uint64_t before = versions_get("a@example.com");
	char other[32];

	for (int i = 0; i < MORE_THAN_FIT; i++) {
		snprintf(other, sizeof(other), "%d", i);
		versions_get(other);
		cr_assert_eq(versions_get("a@example.com"), before, "%d", i);
	}
}

static void *
bump_often(void *arg)
{
	for (int i = 0; i < 10000; i++)
		versions_bump("a@example.com");
	return arg;
}

Test(versions, no_bump_is_lost_among_threads)
{
	uint64_t all = versions_all();
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, bump_often, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	cr_expect_eq(versions_all(), all + 40000);
}

Test(versions, if_none_match_is_compared_weakly)
{
	/* clang-format off */
	static const struct {
		const char *header;
		int matches;
	} cases[] = {
		{NULL, 0},
		{"", 0},
		{"\"v1\"", 1},
		{"\"v2\"", 0},
		{"\"v\"", 0},
		{"\"v12\"", 0},
		{"W/\"v1\"", 1},
		{"w/\"v1\"", 0},
		{"*", 1},
		{" \"v1\" ", 1},
		{"\"x\", \"v1\"", 1},
		{"\"x\",\"v1\"", 1},
		{"W/\"x\" , W/\"v1\"", 1},
		{"\"x\", \"y\"", 0},
		{",, \"v1\",", 1},
		{"\"a,\"v1\"", 0},	/* the tag is "a," and then v1 */
		{"v1", 0},
		{"\"v1", 0},
		{"\"", 0},
		{"W/", 0},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_eq(etag_matches(cases[i].header, "\"v1\""),
		    cases[i].matches, "%s", cases[i].header);
}
