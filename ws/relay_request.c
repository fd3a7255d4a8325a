/*
 * relay_request.c: the requests to the api as nginx would send them, with the
 * headers of the browser's upgrade, and the name of our connection.
 */
#include "ws/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void
put_credential(struct relay *r)
{
	if (r->credential[0]) {
		fcgi_param(&r->api, "HTTP_AUTHORIZATION", r->credential);
		return;
	}
	fcgi_param(&r->api, "HTTP_AUTHORIZATION", getenv("HTTP_AUTHORIZATION"));
	fcgi_param(&r->api, "HTTP_COOKIE", getenv("HTTP_COOKIE"));
}

/* What nginx says of each request, and which connection it is. */
static void
put_request(struct relay *r, const char *method, const char *path,
    const char *query, const char *request_id)
{
	int64_t now_ms = clock_now_ms(CLOCK_REALTIME);
	char msec[32];

	(void)snprintf(msec, sizeof(msec), "%lld.%03d",
	    (long long)now_ms / 1000, (int)(now_ms % 1000));
	fcgi_param(&r->api, "REQUEST_METHOD", method);
	fcgi_param(&r->api, "DOCUMENT_URI", path);
	fcgi_param(&r->api, "QUERY_STRING", query);
	fcgi_param(&r->api, "REQUEST_ID", request_id);
	fcgi_param(&r->api, "REQUEST_MSEC", msec);
	fcgi_param(&r->api, "REMOTE_ADDR", getenv("HTTP_X_REAL_IP"));
	fcgi_param(&r->api, "HTTP_ORIGIN", getenv("HTTP_ORIGIN"));
	fcgi_param(
	    &r->api, "HTTP_SEC_FETCH_SITE", getenv("HTTP_SEC_FETCH_SITE"));
	if (r->connection[0])
		fcgi_param(&r->api, "LIVE_CONNECTION", r->connection);
	fcgi_param(&r->api, "LIVE_GUEST", getenv("HTTP_X_PARLEY_GUEST"));
	put_credential(r);
}

static bool
make_send(struct relay *r, const struct task *task, const char *request_id)
{
	const struct event_row *row = task->row;

	put_request(r, row->method, row->path, row->query, request_id);
	fcgi_param(&r->api, "CONTENT_TYPE", "application/json");
	queue_consume(&r->scratch, queue_length(&r->scratch));
	queue_begin(&r->scratch);
	event_body(row, task->data, chat_session(r, task), &r->scratch);
	return queue_commit(&r->scratch) &&
	       fcgi_body(&r->api, queue_head(&r->scratch));
}

/* Each byte of an id is escaped, as no harm is done by it (RFC 3986, 2.1). */
static void
put_escaped(char *out, const char *id)
{
	for (; *id; id++)
		out += sprintf(out, "%%%02X", (unsigned char)*id);
}

static bool
make_join(struct relay *r, const struct task *task)
{
	static const char head[] = "messages=0&conversationId=";
	char query[sizeof(head) + 3 * BUS_CONVERSATION_MAX];
	char id[BUS_CONVERSATION_MAX + 1];

	if (!event_room(task->row, task->data, id, sizeof(id)))
		return false;
	(void)snprintf(query, sizeof(query), "%s", head);
	put_escaped(query + sizeof(head) - 1, id);
	put_request(r, "GET", "/api/conversations", query, r->request_id);
	return fcgi_body(&r->api, (struct span){0});
}

bool
make_bind_request(struct relay *r)
{
	char id[RELAY_HEX_BYTES];

	random_hex(id);
	if (r->dialect == &dialect_chat)
		return make_send(r, &r->chat.init, id);
	put_request(r, "GET", "/api/session", "", id);
	return fcgi_body(&r->api, (struct span){0});
}

bool
make_task_request(struct relay *r, const struct task *task)
{
	return task->row->kind == EVENT_JOIN
		   ? make_join(r, task)
		   : make_send(r, task, r->request_id);
}
