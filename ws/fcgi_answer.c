/*
 * fcgi_answer.c: the records of an answer; see fcgi_record.h.
 *
 * They are taken apart where they lie: their content is moved down to what was
 * gathered so far, and what is no whole record yet follows it.
 */
#include "ws/fcgi_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REQUEST_COMPLETE 0
#define STATUS_OK 200

void
fcgi_fail(struct fcgi_client *c, int why)
{
	c->state = FCGI_FAILED;
	errno = why;
}

/*
 * The number behind "name:" of a header line, or n where its name is another.
 * Lines end by LF, at which strtol(3) stops.
 */
static long
header_number(struct span line, const char *name, long n)
{
	size_t len = strlen(name);

	if (line.len <= len || line.at[len] != ':' ||
	    strncasecmp(line.at, name, len) != 0)
		return n;
	return strtol(line.at + len + 1, NULL, 10);
}

/* Headers as of CGI (RFC 3875, 6.3), then the body, which must be whole. */
static void
take_content(struct fcgi_client *c)
{
	struct span rest = {c->bytes, c->content};
	long length = -1;
	const char *lf;

	c->status = STATUS_OK;
	c->retry_after = 0;
	while ((lf = memchr(rest.at, '\n', rest.len))) {
		struct span line = {rest.at, (size_t)(lf - rest.at)};

		rest.at += line.len + 1;
		rest.len -= line.len + 1;
		if (line.len == 0 || span_is(line, "\r"))
			break;
		c->status = (int)header_number(line, "Status", c->status);
		length = header_number(line, "Content-Length", length);
		c->retry_after =
		    header_number(line, "Retry-After", c->retry_after);
	}
	if (!lf || (length >= 0 && (size_t)length != rest.len)) {
		fcgi_fail(c, EBADMSG);
		return;
	}
	c->body = rest;
	c->state = FCGI_DONE;
}

/* One whole record of n bytes of content. */
static void
take_record(struct fcgi_client *c, const unsigned char *record, size_t n)
{
	const unsigned char *content = record + FCGI_HEADER_BYTES;

	if (record[0] != FCGI_VERSION || record[2] != 0 ||
	    record[3] != FCGI_REQUEST_ID) {
		fcgi_fail(c, EPROTO);
		return;
	}
	if (record[1] == FCGI_STDOUT) {
		memmove(c->bytes + c->content, content, n);
		c->content += n;
	} else if (record[1] == FCGI_END_REQUEST) {
		if (n < FCGI_HEADER_BYTES || content[4] != REQUEST_COMPLETE)
			fcgi_fail(c, EPROTO);
		else
			take_content(c);
	}
}

void
fcgi_take_records(struct fcgi_client *c)
{
	size_t at = c->content;

	while (c->state == FCGI_WORKING && c->len - at >= FCGI_HEADER_BYTES) {
		const unsigned char *record =
		    (const unsigned char *)c->bytes + at;
		size_t n = (size_t)(record[4] << 8 | record[5]);
		size_t whole = FCGI_HEADER_BYTES + n + record[6];

		if (c->len - at < whole)
			break;
		at += whole;
		take_record(c, record, n);
	}
	memmove(c->bytes + c->content, c->bytes + at, c->len - at);
	c->len = c->content + (c->len - at);
	if (c->state == FCGI_WORKING && c->len == c->cap)
		fcgi_fail(c, EMSGSIZE);
}

void
fcgi_feed(struct fcgi_client *c, const char *bytes, size_t len)
{
	while (len > 0 && c->state == FCGI_WORKING) {
		size_t room = c->cap - c->len;
		size_t n = len < room ? len : room;

		memcpy(c->bytes + c->len, bytes, n);
		c->len += n;
		bytes += n;
		len -= n;
		fcgi_take_records(c);
	}
}
