/*
 * second_opinion.h: json-c's reading of a text, to compare ours with.
 */
#ifndef TESTS_SECOND_OPINION_H
#define TESTS_SECOND_OPINION_H

#include <json-c/json.h>
#include <stddef.h>

/* Strict, of the whole text; NULL where it refuses, or reads null. */
__attribute__((unused)) static struct json_object *
second_opinion(const char *s, size_t len)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *value;

	json_tokener_set_flags(
	    tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(tok, s, (int)len);
	if (json_tokener_get_error(tok) != json_tokener_success ||
	    json_tokener_get_parse_end(tok) != len) {
		json_object_put(value);
		value = NULL;
	}
	json_tokener_free(tok);
	return value;
}

#endif
