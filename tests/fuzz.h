/*
 * fuzz.h: what the fuzzers share.  Each is a libFuzzer target that asserts
 * what must hold for every input, beside what the sanitizers see.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/second_opinion.h"
#include "ws/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
