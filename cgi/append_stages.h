/*
 * append_stages.h: the parts of statements that append messages: filters and
 * pipeline stages, shared by sends, merges and answers.
 */
#ifndef CGI_APPEND_STAGES_H
#define CGI_APPEND_STAGES_H

#include <bson/bson.h>

#include "cgi/store_look.h"

/* The sender's read mark: READ_TO_NEW, READ_UNCHANGED, or raised to seq. */
struct read_to {
	int64_t seq;
	int64_t n; /* the other's ordinal there; -1: count in the window */
};

/*
 * Append the pipeline to *update (an array).  base is the expression for the
 * messages that stay (NULL: as they are); count may be 0 with a base.  What
 * the client sent is one $literal, so ids and names may begin with "$".
 */
void append_stages(bson_t *update, enum side side, const bson_t *base,
    const struct message *const *messages, size_t count,
    const struct read_to *read, int64_t now_ms);

/*
 * Append the second stage, where the mark that the first has set decides
 * whether this side "has read all".
 */
void stage_is_read(bson_t *update, enum side side);

/*
 * Filter: the caller as this side, this archivedSeq, room in the window, and
 * none of the ids used by this side in the window; plus any further
 * condition on the messages, an $elemMatch (or NULL).
 */
void match_for_append(bson_t *filter, const struct caller *caller,
    enum side side, int64_t archived_seq, const struct message *const *messages,
    size_t count, const bson_t *element);

/* Filter: this side has room for count more that wait for an answer. */
void match_room(
    bson_t *filter, enum side side, size_t count, const char *now_iso);

/* {sender, id}, for $elemMatch. */
void match_message(
    bson_t *element, enum side sender, const struct message_id *id);

/* {sender, id: {$in: [every form of every id]}}, likewise. */
void match_any_message(bson_t *element, enum side sender,
    const struct message_id *ids, size_t count);

#endif
