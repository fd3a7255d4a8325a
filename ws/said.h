/*
 * said.h: what the dialects share in reading a line, and in writing one (see
 * dialect.h).  *said was cleared before.
 */
#ifndef WS_SAID_H
#define WS_SAID_H

#include "ws/dialect.h"

/* A flaw: the connection survives it.  Both texts are static. */
void said_flaw(struct said *said, const char *code, const char *reason);

/*
 * Is *text JSON, strictly, of this kind ('{' or '[')?  Blanks around it are
 * taken off.  False with a flaw: bad_json, or bad_field where only a limit of
 * scan.h is passed, as over REST.
 */
bool said_scan(struct said *said, struct span *text, char kind);

/*
 * An event by its name (a JSON value: a flaw unless a string).  "auth" with
 * data {"token":string} is a proof, and only so; all others are SAID_EVENT.
 */
void said_event(
    struct said *said, struct span name, struct span data, struct span ack);

/* For what a dialect does not say: they put no line. */
void no_greeting(struct queue *out, const struct greeting *greeting);
void no_line(struct queue *out);

#endif
