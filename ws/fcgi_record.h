/*
 * fcgi_record.h: records of FastCGI, and taking an answer's apart; private to
 * fcgi_client.c and fcgi_answer.c.
 *
 * Source: FastCGI specification 1.0, sections 3.3 and 8.
 */
#ifndef WS_FCGI_RECORD_H
#define WS_FCGI_RECORD_H

#include "ws/fcgi_client.h"

enum fcgi_record {
	FCGI_BEGIN_REQUEST = 1,
	FCGI_END_REQUEST = 3,
	FCGI_PARAMS = 4,
	FCGI_STDIN = 5,
	FCGI_STDOUT = 6,
};

#define FCGI_VERSION 1
#define FCGI_REQUEST_ID 1 /* one at a time, so always the same */
#define FCGI_HEADER_BYTES 8

/* The state of a request that failed, and why, which is errno. */
void fcgi_fail(struct fcgi_client *c, int why);

/* Take the whole records out of what was read. */
void fcgi_take_records(struct fcgi_client *c);

#endif
