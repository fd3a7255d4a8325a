/*
 * However an answer of the api is cut, and whatever it holds, it ends the
 * same; a body lies inside the memory that was lent.  Input: room for the
 * answer, size of a piece, the bytes.
 */
#include "tests/fuzz.h"

#include "ws/fcgi_client.h"

static void
feed(struct fcgi_client *c, char *answer, size_t cap, struct span input,
    size_t piece)
{
	fcgi_init(c, NULL, 0, answer, cap);
	c->state = FCGI_WORKING;
	while (input.len > 0) {
		size_t n = piece < input.len ? piece : input.len;

		fcgi_feed(c, input.at, n);
		input.at += n;
		input.len -= n;
	}
	if (c->state == FCGI_DONE)
		assert(c->body.at >= answer &&
		       c->body.at + c->body.len <= answer + cap);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = {(const char *)data, size};
	size_t cap = 1 + take_number(&input, 2);
	size_t piece = 1 + take_number(&input, 1);
	char *answer = malloc(cap), *again = malloc(cap);
	struct fcgi_client whole, cut;

	assert(answer && again);
	feed(&whole, answer, cap, input, input.len);
	feed(&cut, again, cap, input, piece);
	assert(whole.state == cut.state);
	if (whole.state == FCGI_DONE) {
		assert(whole.status == cut.status);
		assert(whole.retry_after == cut.retry_after);
		assert(whole.body.len == cut.body.len);
		assert(memcmp(whole.body.at, cut.body.at, cut.body.len) == 0);
	}
	free(answer);
	free(again);
	return 0;
}
