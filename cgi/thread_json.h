/*
 * thread_json.h: a conversation with a page of its messages, as one object,
 * and the answers that hold it.
 */
#ifndef CGI_THREAD_JSON_H
#define CGI_THREAD_JSON_H

#include "cgi/buffer.h"
#include "cgi/page.h"
#include "cgi/reply.h"
#include "cgi/request.h"
#include "cgi/store_append.h"

/* {fields, "messages": [the page], "pending": [what is older and waits]} */
void thread_json(struct buffer *b, const struct conversation *c,
    enum side viewer, const struct page *page);

/* The parameter messages=: 0..max, else *n stays as it is. */
bool thread_messages(
    const struct request *req, int64_t max, int64_t *n, struct flaw *flaw);

/*
 * Answer status with {"success":true,"data":found with its newest messages,
 * ["message":...,"duplicate":...,]"epoch":...}.  found is settled or durable.
 */
struct thread_answer {
	int status;
	const struct found *found;
	int64_t messages;
	const struct stored_message *message; /* NULL: none is told */
	bool tells_duplicate, duplicate;
	bool wrote; /* so a failure to read the rest is "unknown" */
};
int reply_thread(
    struct request *req, struct reply *out, const struct thread_answer *answer);

/* The refusal of result, with the conversation as its data. */
int reply_refused_thread(struct request *req, struct reply *out,
    enum store_result result, const struct found *found, int64_t messages);

/* Close a success: ,"epoch":"..."} */
void epoch_json(struct buffer *b, const struct store *store);

#endif
