/*
 * store_chat_sweep.h: guests who stayed away for CHAT_IDLE_DAYS are forgotten.
 *
 * Ours, because a TTL index takes the session alone: its lines would be left,
 * and nothing would lead to them.  Here the lines go first, so what a crash
 * cuts is found again.
 */
#ifndef CGI_STORE_CHAT_SWEEP_H
#define CGI_STORE_CHAT_SWEEP_H

#include <stdbool.h>

struct store;

/* True for one caller a minute. */
bool chat_sweep_is_due(void);

/* Remove some of those that have expired.  What fails is logged. */
void chat_sweep(struct store *store);

#endif
