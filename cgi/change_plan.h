/*
 * change_plan.h: what each kind of change would write, decided on what was
 * found; store_change.c writes it.
 */
#ifndef CGI_CHANGE_PLAN_H
#define CGI_CHANGE_PLAN_H

#include "cgi/store_change.h"

/* What is to be written: a kind's function fills it from what it found. */
struct plan {
	struct store *store;
	const struct found *found;
	const struct change *change;
	const struct party_fields *own; /* NULL for an admin, no party */
	int64_t now_ms;
	bson_t filter; /* beside the _id: what was decided on still holds */
	bson_t set;    /* empty: nothing is to be written */
	bool derive;   /* "has read all" anew, in a second stage */
};

/* STORE_OK with plan->set empty where nothing changes; STORE_DOWN. */
enum store_result plan_change(struct plan *plan);

#endif
