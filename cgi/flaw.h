/*
 * flaw.h: what is wrong with something a client sent.
 *
 * Checks return bool and fill one of these.  field is the path of the field
 * ("message.payload.offerPrice"), "" where the whole body is meant.  reason
 * is a sentence that names the field.
 */
#ifndef CGI_FLAW_H
#define CGI_FLAW_H

#include <stdbool.h>

/* Stable words of the failure envelope (contract: "code"). */
enum error_code {
	BAD_JSON,
	BAD_FIELD,
	UNKNOWN_FIELD,
	TOO_LARGE,
	UNAUTHORIZED,
	FORBIDDEN,
	NOT_FOUND,
	CONFLICT,
	ID_REUSED,
	ALREADY_ANSWERED,
	RATE_LIMITED,
	UNAVAILABLE,
	INTERNAL,
	ORIGIN,
	BAD_METHOD,
	BAD_TYPE,
};

#define FLAW_FIELD_BYTES 128
#define FLAW_REASON_BYTES 320

struct flaw {
	enum error_code code;
	int status; /* 400 nearly always; 403 where a role is claimed */
	char field[FLAW_FIELD_BYTES];
	char reason[FLAW_REASON_BYTES];
};

/* Fill *flaw with 400, code, field and a printf reason; returns false. */
bool flaw_set(struct flaw *flaw, enum error_code code, const char *field,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
