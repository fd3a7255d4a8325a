/*
 * schema_table.h: tables of fields, and the one function that walks them.
 *
 * A row names a field, the function that checks its value and puts it into
 * the caller's struct, where that is, and its limits.  Kinds that only one
 * shape has stand beside its table.  For the schema*.c files alone.
 */
#ifndef CGI_SCHEMA_TABLE_H
#define CGI_SCHEMA_TABLE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "cgi/flaw.h"

#define PRICE_MAX 1e15

struct field;

/* A value on its way in.  parent and the field's name make its path. */
struct given {
	const char *parent; /* "" at the top */
	const struct field *field;
	struct json_object *value; /* never NULL: null counts as absent */
	struct flaw *flaw;
};

struct field {
	const char *name;
	bool (*take)(const struct given *given, void *out);
	size_t at; /* where out is in the struct */
	bool required;
	double min, max;    /* of numbers, or of lengths in code points */
	const void *detail; /* of take_choice and take_object: see there */
};

struct table {
	const struct field *field;
	size_t count;
};
#define TABLE(fields)                                                          \
	{                                                                      \
		(fields), sizeof(fields) / sizeof((fields)[0])                 \
	}

/* Take what the table names from an object into *out; else a flaw. */
bool table_take(const struct table *table, const char *parent,
    struct json_object *object, void *out, struct flaw *flaw);

/* UNKNOWN_FIELD if the object has a field that the table has not. */
bool table_refuse_others(
    const struct table *table, struct json_object *object, struct flaw *flaw);

/*
 * The field's rule is broken: BAD_FIELD with "<path> <rule>"; returns false.
 * field_wrong() is for rules between fields; name "" means parent itself.
 */
bool given_wrong(const struct given *given, const char *rule, ...)
    __attribute__((format(printf, 2, 3)));
bool field_wrong(
    struct flaw *flaw, const char *parent, const char *name, const char *rule);

/* "parent.name", or what there is of it. */
void field_path(
    char out[FLAW_FIELD_BYTES], const char *parent, const char *name);

/* --- schema_kinds.c --- */

/* The string; NULL with a flaw where it is none, or (line) has controls. */
const char *given_string(const struct given *given);
const char *given_line(const struct given *given);

/* The place of the string in words (ended by NULL); -1 with a flaw. */
int given_choice(const struct given *given, const char *const *words);

/* The kinds, and what out points to. */
bool take_line(const struct given *given, void *out);   /* const char * */
bool take_text(const struct given *given, void *out);   /* const char * */
bool take_url(const struct given *given, void *out);    /* const char * */
bool take_choice(const struct given *given, void *out); /* const char * */
bool take_number(const struct given *given, void *out); /* double */
bool take_price(const struct given *given, void *out);  /* double > 0 */
bool take_seq(const struct given *given, void *out);    /* int64_t */
bool take_bool(const struct given *given, void *out);   /* bool */
bool take_true(const struct given *given, void *out);   /* nothing */
bool take_array(const struct given *given, void *out);  /* json_object * */
bool take_object(const struct given *given, void *out); /* by its table */

/* A part that the caller takes himself once he knows the rest. */
bool take_nothing(const struct given *given, void *out);

/* --- schema_id.c --- */

bool take_conversation_id(const struct given *given, void *out); /* char * */
bool take_message_id(const struct given *given, void *out); /* message_id */
/* The same, but it may name a message of the server's. */
bool take_reference(const struct given *given, void *out);  /* message_id */
bool take_listing_id(const struct given *given, void *out); /* listing_id */
bool take_identity(const struct given *given, void *out);   /* IDENTITY_BYTES */
bool take_side(const struct given *given, void *out);       /* enum side */
bool take_user_email(const struct given *given, void *out); /* claims */
bool take_user_role(const struct given *given, void *out);  /* claims */
bool take_read_by(const struct given *given, void *out);    /* claims */

#endif
