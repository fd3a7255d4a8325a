/*
 * store_chat_list.h: lines of a session, and lists of sessions.
 */
#ifndef CGI_STORE_CHAT_LIST_H
#define CGI_STORE_CHAT_LIST_H

#include "cgi/store_chat.h"

#define CHAT_HISTORY_MAX 100
#define CHAT_LIST_MAX 200

/*
 * The newest limit lines before number before (0: of all), ascending: row is
 * called for each.  support: which side fetches them; its mark rises to what
 * it got, and then the other side sees isRead.  STORE_OK or STORE_DOWN; then
 * comes store_settle().
 */
enum store_result store_chat_history(struct store *store,
    struct chat_found *found, int64_t before, int64_t limit, bool support,
    void (*row)(
	void *arg, const struct chat_session *s, const struct chat_line *line),
    void *arg);

struct chat_list_query {
	int status;        /* enum chat_status, -1: any */
	int waiting;       /* 1, 0, -1: any */
	int claimed;       /* 1, 0, -1: any */
	const char *agent; /* claimed by that one, NULL: any */
	int64_t limit;
	struct {
		bool set;
		int64_t at; /* wall ms */
		bson_oid_t oid;
	} after;
};

/*
 * Sessions with at least one line, the newest last word first.  *more: there
 * are further ones.  STORE_OK or STORE_DOWN; then comes store_settle().
 */
enum store_result store_chat_list(struct store *store,
    const struct chat_list_query *q,
    void (*row)(void *arg, const struct chat_session *s), void *arg,
    bool *more);

/*
 * How many are active, how many of these wait, and how many of those nobody
 * claims; none counts further than CHAT_COUNT_MAX.
 */
#define CHAT_COUNT_MAX 10000
struct chat_counts {
	int64_t active, waiting, unclaimed;
};
enum store_result store_chat_counts(
    struct store *store, struct chat_counts *counts);

#endif
