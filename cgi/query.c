/*
 * query.c: query strings, see request.h.
 *
 * Source: the form encoding of the WHATWG URL standard, but strict: what is
 * guessed at there is refused here.
 */
#include "cgi/request.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/text.h"

#define NAME_SHOWN_MAX 64

struct decoder {
	const char *at; /* encoded */
	char *out;      /* decoded, within */
	char *end;
};

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found =
	    c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* The byte at *at, decoded; 0 where the escape is bad (as for %00). */
static char
decode_byte(const char **at)
{
	const char *from = *at;
	int high, low;

	*at += 1;
	if (*from == '+')
		return ' ';
	if (*from != '%')
		return *from;
	high = hex_digit(from[1]);
	low = high < 0 ? -1 : hex_digit(from[2]);
	if (low < 0)
		return 0;
	*at += 2;
	return (char)(high * 16 + low);
}

/* Decode up to one of the bytes in stop; NULL where it cannot be. */
static const char *
decode(struct decoder *d, const char *stop)
{
	char *start = d->out;

	while (*d->at && !strchr(stop, *d->at)) {
		char c = decode_byte(&d->at);

		if (c == 0 || d->out + 1 >= d->end)
			return NULL;
		*d->out++ = c;
	}
	if (d->out >= d->end || !text_is_utf8(start, (size_t)(d->out - start)))
		return NULL;
	*d->out++ = '\0';
	return start;
}

static const char *
find(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++)
		if (strcmp(query->item[i].name, name) == 0)
			return query->item[i].value;
	return NULL;
}

/* Names are the client's: only plain ones are shown in a reason. */
static const char *
shown(const char *name)
{
	if (!text_is_token(name, strlen(name), NAME_SHOWN_MAX))
		return "a query parameter";
	return name;
}

static bool
take_item(struct query *query, struct decoder *d, struct flaw *flaw)
{
	const char *name = decode(d, "&=");
	const char *value = "";

	if (name && *d->at == '=') {
		d->at++;
		value = decode(d, "&");
	}
	if (!name || !value)
		return flaw_set(flaw, BAD_FIELD, name ? shown(name) : "",
		    "%s is not encoded as UTF-8 in %%XX, or is too long",
		    name ? shown(name) : "the query");
	if (*name == '\0')
		return flaw_set(flaw, BAD_FIELD, "",
		    "the query has a parameter without a name");
	/* name[]=x and name[$ne]=x, an object or array to other servers */
	if (strchr(name, '['))
		return flaw_set(flaw, BAD_FIELD, shown(name),
		    "%.*s must be a text", (int)strcspn(shown(name), "["),
		    shown(name));
	if (find(query, name))
		return flaw_set(flaw, BAD_FIELD, shown(name),
		    "%s is given more than once", shown(name));
	if (query->count == QUERY_MAX)
		return flaw_set(flaw, BAD_FIELD, "",
		    "the query has more than %d parameters", QUERY_MAX);
	query->item[query->count].name = name;
	query->item[query->count].value = value;
	query->count++;
	return true;
}

bool
query_parse(struct query *query, const char *text, struct flaw *flaw)
{
	struct decoder d = {
	    text, query->bytes, query->bytes + sizeof(query->bytes)};

	query->count = 0;
	while (*d.at) {
		if (*d.at == '&')
			d.at++;
		else if (!take_item(query, &d, flaw))
			return false;
	}
	return true;
}

bool
request_query(struct request *req, struct flaw *flaw)
{
	const char *text = request_param(req, "QUERY_STRING");

	return query_parse(&req->query, text ? text : "", flaw);
}

const char *
request_arg(const struct request *req, const char *name)
{
	return find(&req->query, name);
}

bool
request_arg_int(const struct request *req, const char *name, int64_t min,
    int64_t max, int64_t *n, struct flaw *flaw)
{
	const char *text = request_arg(req, name);
	const char *digits;
	char *end;
	long long value;

	if (!text)
		return true;
	digits = text + (*text == '-');
	errno = 0;
	value = strtoll(text, &end, 10);
	if (!isdigit((unsigned char)*digits) || *end != '\0' || errno != 0 ||
	    value < min || value > max)
		return flaw_set(flaw, BAD_FIELD, name,
		    "%s must be an integer from %" PRId64 " to %" PRId64, name,
		    min, max);
	*n = value;
	return true;
}
