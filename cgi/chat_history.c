/*
 * GET /api/chat/history: the newest lines of a session, ascending.
 *
 * A visitor gets those of the session named, if it is his (404), else of his
 * active one, else none.  An agent names a session, or by userId an account.
 */
#include "cgi/chat.h"

#include <stdio.h>
#include <string.h>

#include "cgi/chat_asker.h"
#include "cgi/chat_json.h"
#include "cgi/etag.h"
#include "cgi/json_out.h"
#include "cgi/schema.h"
#include "cgi/store_chat_list.h"

#define VERSION_BYTES (sizeof("Chat:") + CONVERSATION_ID_MAX)

struct history_request {
	const char *session_id, *user_id; /* NULL = absent */
	struct chat_page page;
};

static bool
take(const struct request *req, struct history_request *r, struct flaw *flaw)
{
	*r = (struct history_request){
	    .session_id = request_arg(req, "sessionId"),
	    .user_id = request_arg(req, "userId"),
	    .page = {.limit = CHAT_HISTORY_MAX,
		.bytes_max = SIZE_MAX,
		.support = chat_is_agent(&req->caller)},
	};
	if (r->session_id && !conversation_id_check(r->session_id,
				 strlen(r->session_id), "sessionId", flaw))
		return false;
	return request_arg_int(
		   req, "before", 1, INT64_MAX, &r->page.before, flaw) &&
	       request_arg_int(
		   req, "limit", 1, CHAT_HISTORY_MAX, &r->page.limit, flaw);
}

/* The active session of the account that an agent names. */
static enum store_result
look_at_account(
    struct request *req, const char *user_id, struct chat_found *found)
{
	const struct guest nobody = {0};
	struct caller named = {.id_count = 1};
	const struct chat_asker asker = {.caller = &named, .guest = &nobody};

	if (text_identity(named.ids[0], user_id, strlen(user_id)) == 0)
		return STORE_ABSENT;
	return store_chat_active(req->store, &asker, found);
}

static bool
is_own(const struct chat_asker *asker, const char *user_id)
{
	char identity[IDENTITY_BYTES];

	return asker->caller &&
	       text_identity(identity, user_id, strlen(user_id)) > 0 &&
	       caller_is(asker->caller, identity);
}

/*
 * *named: he named one, which is absent or not his; else he has none yet.  A
 * userId is an account, or (in the first widget) the id of a session; but of a
 * guest it may be an invention of his browser's, which names nothing.
 */
static enum store_result
look(struct request *req, const struct chat_asker *asker,
    const struct history_request *r, struct chat_found *found, bool *named)
{
	enum store_result result;

	*named = true;
	if (r->session_id)
		return store_chat_look(req->store, asker, r->session_id, found);
	if (r->user_id && *r->user_id && !is_own(asker, r->user_id)) {
		result = store_chat_look(req->store, asker, r->user_id, found);
		if (result == STORE_ABSENT && asker->is_agent)
			return look_at_account(req, r->user_id, found);
		if (result != STORE_ABSENT || asker->caller)
			return result;
	}
	*named = false;
	return store_chat_active(req->store, asker, found);
}

/* The rows of an answer being written. */
struct rows {
	struct buffer *b;
	size_t start[CHAT_HISTORY_MAX]; /* where each begins */
	int64_t count, newest;
};

static void
write_row(void *arg, const struct chat_session *s, const struct chat_line *line)
{
	struct rows *rows = arg;

	if (rows->count > 0)
		buffer_char(rows->b, ',');
	rows->start[rows->count++] = rows->b->len;
	rows->newest = line->n;
	chat_line_json(rows->b, s, line);
}

/* The oldest go until the rest fits. */
static void
cut_rows(struct rows *rows, size_t bytes_max)
{
	struct buffer *b = rows->b;
	int64_t gone = 0;
	size_t rest;

	while (gone < rows->count && b->len - rows->start[gone] > bytes_max)
		gone++;
	if (gone == 0)
		return;
	rest = gone < rows->count ? b->len - rows->start[gone] : 0;
	memmove(b->data + rows->start[0], b->data + b->len - rest, rest);
	b->len = rows->start[0] + rest;
	rows->count -= gone;
}

enum store_result
chat_page_json(struct request *req, struct buffer *b, struct chat_found *found,
    const struct chat_page *page, int64_t *newest)
{
	struct rows rows = {.b = b};
	enum store_result result = STORE_OK;

	buffer_puts(b, "\"messages\":[");
	if (found)
		result = store_chat_history(req->store, found, page->before,
		    page->limit, page->support, write_row, &rows);
	cut_rows(&rows, page->bytes_max);
	buffer_puts(b, "],\"count\":");
	json_int(b, rows.count);
	*newest = rows.newest;
	return result == STORE_OK ? store_settle(req->store) : result;
}

static enum store_result
write_history(struct request *req, struct reply *out, struct chat_found *found,
    const struct chat_page *page)
{
	struct buffer *b = &out->body;
	enum store_result result;
	int64_t newest;

	buffer_puts(b, "{\"success\":true,\"sessionId\":");
	if (found)
		json_puts(b, found->s.id);
	else
		buffer_puts(b, "null");
	buffer_char(b, ',');
	result = chat_page_json(req, b, found, page, &newest);
	buffer_char(b, '}');
	return result;
}

static int
reply_history(
    struct request *req, struct reply *out, const struct history_request *r)
{
	struct chat_asker asker;
	struct chat_found found;
	enum store_result result;
	bool named;
	int status = chat_asker_take(&asker, req, out);

	if (status != 0)
		return status;
	chat_found_init(&found);
	result = look(req, &asker, r, &found, &named);
	if (result == STORE_OK)
		result = write_history(req, out, &found, &r->page);
	else if (result == STORE_ABSENT && !named)
		result = write_history(req, out, NULL, &r->page);
	chat_found_release(&found);
	return result == STORE_OK ? 0 : chat_refuse(out, result);
}

/* Which session it is without a name, any change of any may change. */
static void
version_of(char out[VERSION_BYTES], const struct history_request *r)
{
	if (r->session_id)
		snprintf(out, VERSION_BYTES, "Chat:%s", r->session_id);
	else
		strcpy(out, "Agents");
}

int
chat_history_get(struct request *req, struct reply *out)
{
	char version[VERSION_BYTES];
	struct history_request r;
	struct flaw flaw;
	struct etag etag;
	int status;

	if (!take(req, &r, &flaw))
		return reply_flaw(out, &flaw);
	version_of(version, &r);
	if (etag_begin(&etag, req, out, version, &status))
		return status;
	status = reply_history(req, out, &r);
	return status ? status : etag_end(&etag, req, out);
}
