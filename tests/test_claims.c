/*
 * Identities that a request names beside its credential.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cgi/claims.h"

Test(claims, only_what_agrees_with_the_credential_holds)
{
	static const struct {
		struct claims claims;
		enum side side;
		bool own, holds;
	} cases[] = {
	    {{.side = SIDE_NONE}, SIDE_SELLER, true, true},
	    {{.side = SIDE_SELLER}, SIDE_SELLER, true, true},
	    {{.side = SIDE_CUSTOMER}, SIDE_SELLER, true, false},
	    {{.side = SIDE_CUSTOMER}, SIDE_NONE, true, false},
	    {{"ravi@example.com", .side = SIDE_NONE}, SIDE_SELLER, true, true},
	    {{" RAVI@Example.com ", .side = SIDE_NONE}, SIDE_SELLER, true,
		true},
	    {{"asha@example.com", .side = SIDE_NONE}, SIDE_SELLER, false,
		false},
	    {{"", .side = SIDE_NONE}, SIDE_SELLER, false, false},
	    {{.side = SIDE_NONE, .read_by = "ravi@example.com"}, SIDE_SELLER,
		true, true},
	    {{.side = SIDE_NONE, .read_by = "asha@example.com"}, SIDE_SELLER,
		false, false},
	    {{.side = SIDE_SELLER, .conflicting = true}, SIDE_SELLER, false,
		false},
	};
	struct caller ravi = {.id_count = 1};

	strcpy(ravi.ids[0], "ravi@example.com");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cr_expect_eq(claims_are_own(&cases[i].claims, &ravi),
		    cases[i].own, "case %zu", i);
		cr_expect_eq(
		    claims_hold(&cases[i].claims, &ravi, cases[i].side),
		    cases[i].holds, "case %zu", i);
	}
}
