/*
 * idempotency.c: see idempotency.h.
 */
#include "cgi/idempotency.h"

#include <stdio.h>

bool
idempotency_id(
    struct message_id *id, const struct request *req, struct flaw *flaw)
{
	const char *key = request_param(req, "HTTP_IDEMPOTENCY_KEY");
	char made[sizeof(SERVER_ID_PREFIX) + MESSAGE_ID_MAX];

	if (id->text[0])
		return true;
	if (key && !message_id_from_text(id, key, false))
		return flaw_set(flaw, BAD_FIELD, "Idempotency-Key",
		    "Idempotency-Key must be 1 to %d printable ASCII "
		    "characters and not begin with " SERVER_ID_PREFIX,
		    MESSAGE_ID_MAX);
	if (key)
		return true;
	snprintf(made, sizeof(made), SERVER_ID_PREFIX "%.32s", req->id);
	(void)message_id_from_text(id, made, true); /* a token, and short */
	return true;
}
