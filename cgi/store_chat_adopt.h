/*
 * store_chat_adopt.h: sessions of the original application become ours.
 *
 * Its lines get numbers, by time (chat_shape.h); its owner is the account that
 * its userId names; of several active ones of an account the newest stays so.
 * All are adopted at start, those that come later when they are asked for.
 * What a crash cuts is gone on with: a session is ours once all its lines are.
 */
#ifndef CGI_STORE_CHAT_ADOPT_H
#define CGI_STORE_CHAT_ADOPT_H

#include "cgi/store.h"

/* STORE_OK, STORE_DOWN or STORE_UNKNOWN; logs how many there were. */
enum store_result store_chat_adopt_all(struct store *store);

/*
 * Those that match (sessionId, or userId).  STORE_OK where there was one,
 * STORE_ABSENT, STORE_DOWN.  For the store_chat*.c files.
 */
enum store_result chat_adopt_late(struct store *store, const bson_t *which);

#endif
