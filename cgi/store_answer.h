/*
 * store_answer.h: answering an offer or a test-drive request: one winner.
 *
 * One update whose filter requires that the message still waits for an answer
 * (and has not expired), with the reply line or the counter-offer in the same
 * write.  The answer is kept beside the message, so that the winner's own
 * retry gets the same answer again.
 */
#ifndef CGI_STORE_ANSWER_H
#define CGI_STORE_ANSWER_H

#include "cgi/store_append.h"

struct answer {
	const char *conversation_id;
	enum message_type kind; /* TYPE_OFFER or TYPE_TEST_DRIVE */
	const struct message_id *target;
	const char *status;          /* accepted, confirmed, ... */
	bool by_maker;               /* withdrawn: the target is his own */
	double counter_price;        /* > 0 where countered */
	const struct message *reply; /* NULL: none; its id is set */
	bool forbidden;              /* as struct append */
	enum side claim;
};

/*
 * STORE_OK, STORE_DUPLICATE (message: the reply, else the answered one),
 * STORE_ANSWERED and STORE_EXPIRED (found as it stands), STORE_NO_MESSAGE,
 * STORE_WRONG_KIND, STORE_REUSED (the reply's id), STORE_FULL, and those of
 * store_append().
 */
enum store_result store_answer(struct store *store, const struct caller *caller,
    const struct answer *answer, struct appended *a);

#endif
