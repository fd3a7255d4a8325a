/*
 * store_result.h: how a request to the store can end.  reply_store() and the
 * handlers turn these into statuses.
 */
#ifndef CGI_STORE_RESULT_H
#define CGI_STORE_RESULT_H

enum store_result {
	STORE_OK,
	STORE_CREATED,
	STORE_DUPLICATE,  /* the original answer again */
	STORE_ABSENT,     /* no such conversation, or not the caller's */
	STORE_FORBIDDEN,  /* the caller may see it, but not do this */
	STORE_REUSED,     /* same id, other content */
	STORE_ANSWERED,   /* offer or request is not pending (any more) */
	STORE_EXPIRED,    /* its expiresAt is past */
	STORE_NO_MESSAGE, /* the conversation has no such message */
	STORE_WRONG_KIND, /* that message cannot be answered so */
	STORE_FULL,       /* eight pending already */
	STORE_AGAIN,      /* between store_*.c only: guess anew */
	STORE_BUSY,       /* raced too often; nothing was written */
	STORE_DOWN,       /* no database; nothing was written */
	STORE_UNKNOWN,    /* it may or may not have been written */
};

#endif
