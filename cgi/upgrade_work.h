/*
 * upgrade_work.h: a document of the original application, as it was read and
 * what follows from it.  Between upgrade.c, which fills it, and
 * upgrade_write.c, which writes ours from it.
 */
#ifndef CGI_UPGRADE_WORK_H
#define CGI_UPGRADE_WORK_H

#include "cgi/store_shape.h"
#include "cgi/upgrade_thread.h"
#include "cgi/upgrade_value.h"

enum said {
	SAID_NOTHING,
	SAID_NO,
	SAID_YES,
};

/* As it stands there; nothing is checked.  Views are never NULL. */
struct original {
	bson_oid_t oid;
	bool has_oid;
	struct view id, party[2], name[2];
	struct view vehicle_text, vehicle_name;
	int64_t vehicle_number;
	bool has_vehicle_number;
	double vehicle_price; /* -1: none */
	bson_iter_t messages;
	bool has_messages;
	enum said is_read[2];
	bool is_flagged;
	struct view flag_reason;
	struct moment flagged, last_message, created, updated;
};

struct work {
	struct original was;
	struct thread thread;
	char id[CONVERSATION_ID_MAX + 1];
	char party[2][IDENTITY_BYTES];
	char listing[LISTING_ID_MAX * 4 + 1]; /* canonical; "": none */
	size_t archived;                      /* messages, in full buckets */
	int64_t created_ms, updated_ms, last_ms, now_ms;
};

/* Has our document a field of this name, so that it is not copied? */
bool upgrade_owns(const char *field);

bson_t *upgrade_write_document(const struct work *work, const bson_t *original);
/* Bucket k; *before counts on to the next. */
bson_t *upgrade_write_bucket(
    const struct work *work, size_t k, int64_t before[SIDE_NONE + 1]);

#endif
