/*
 * limits.h: how much of something an account may store: new messages, lines
 * of the support chat; or an address: new sessions of it.
 *
 * A token bucket per account.  A full bucket equals an absent one, so a fixed
 * set-associative table is enough; when a set is full the fullest bucket is
 * forgotten.  Our own because nginx counts by address and knows no duplicates.
 */
#ifndef CGI_LIMITS_H
#define CGI_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#define LIMITS_DUPLICATE 0.1 /* what a duplicate or a refusal costs */

struct limits;

/* So many in so many seconds, at most burst at once. */
struct limits *limits_new(long tokens, long seconds, long burst);
void limits_free(struct limits *limits);

/*
 * Take one token for account (any name: its first identity, an address).
 * Returns 0, or the whole seconds (1..) until there is one.
 */
long limits_take(struct limits *limits, const char *account);

/* 0 if the bucket holds anything, else seconds: a merge may overdraw it. */
long limits_check(struct limits *limits, const char *account);

/* Spend (or, negative, give back) tokens; it may go below zero. */
void limits_spend(struct limits *limits, const char *account, double tokens);

#endif
