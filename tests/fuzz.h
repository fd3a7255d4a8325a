/*
 * fuzz.h: what the fuzzers share.  Each is a libFuzzer target that asserts
 * what must hold for every input, beside what the sanitizers see.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <assert.h>
#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ws/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* json-c's strict reading of a whole text that is no null; NULL: it is none. */
__attribute__((unused)) static struct json_object *
json_read(struct span text)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *value;

	json_tokener_set_flags(
	    tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(tok, text.at, (int)text.len);
	if (json_tokener_get_error(tok) != json_tokener_success ||
	    json_tokener_get_parse_end(tok) != text.len) {
		json_object_put(value);
		value = NULL;
	}
	json_tokener_free(tok);
	return value;
}

/* The first n bytes of input, as a number, taken off. */
__attribute__((unused)) static size_t
take_number(struct span *input, size_t n)
{
	size_t number = 0;

	for (; n > 0 && input->len > 0; n--) {
		number = number << 8 | (unsigned char)input->at[0];
		input->at++;
		input->len--;
	}
	return number;
}

#endif
