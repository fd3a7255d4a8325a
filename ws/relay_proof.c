/*
 * relay_proof.c: who the client is, which the api says to the hub, and the
 * hub to us.
 *
 * Asking is GET /api/session with our connection's name (on /chat, which the
 * client opens by itself, its init again); it is repeated until the hub says
 * "bound", at the start and whenever the hub comes back.  A token
 * that the client gives outranks its browser's cookie; one that is refused
 * does not cost it what was proved before.
 */
#include "ws/relay.h"

#include <stdlib.h>
#include <string.h>

#define OK 200
#define UNAUTHORIZED 401
#define FORBIDDEN 403

#define BOUND_MS 2000 /* from the api's 200 to the hub's "bound" */
#define AGAIN_MS_MIN 100
#define AGAIN_MS_MAX 500

void
proof_ask(struct relay *r)
{
	r->proof.asking = r->proof.due = true;
	r->proof.accepted = r->proof.heard = false;
	r->due[TIMER_BIND] = NEVER;
}

bool
proof_has_credential(const struct relay *r)
{
	return r->credential[0] || getenv("HTTP_AUTHORIZATION") ||
	       getenv("HTTP_COOKIE");
}

/* Socket.IO has a packet of its own for it, which comes first of all. */
void
proof_start(struct relay *r)
{
	r->due[TIMER_PROOF] = r->now_ms + r->options->proof_ms;
	if (r->dialect == &dialect_native && proof_has_credential(r))
		proof_ask(r);
}

static struct span
auth_ack(const struct relay *r)
{
	if (r->proof.ack_len == 0)
		return (struct span){0};
	return (struct span){r->proof.ack, r->proof.ack_len};
}

static void
answer_refused(struct relay *r)
{
	static const char reason[] = "the credential proves nothing";
	size_t before = queue_length(&r->out);

	if (!r->proof.greeted)
		say_refused(r);
	if (queue_length(&r->out) > before)
		return;
	say_ack_failure(r, auth_ack(r), "unauthorized", reason, "false");
	say_error(
	    r, "unauthorized", reason, (struct span){0}, (struct span){0});
}

static void
refused(struct relay *r)
{
	bool in_band = r->proof.in_band;

	r->proof.asking = r->proof.due = r->proof.in_band = false;
	if (!in_band) {
		if (r->proof.greeted)
			ending_begin(r, END_AUTH_FAILED);
		return;
	}
	answer_refused(r);
	strcpy(r->credential, r->previous);
	if (r->proof.greeted && !r->proof.bound)
		proof_ask(r);
}

/* False: no token of ours is that long, or holds such characters. */
static bool
take_token(struct relay *r, struct span token)
{
	static const char scheme[] = "Bearer ";
	char *at = r->credential + sizeof(scheme) - 1;

	if (!json_text(token, at, RELAY_TOKEN_MAX + 1))
		return false;
	memcpy(r->credential, scheme, sizeof(scheme) - 1);
	return true;
}

void
proof_auth(struct relay *r, const struct said *said)
{
	struct proof *proof = &r->proof;

	proof->ack_len = 0;
	if (said->ack.at) {
		if (said->ack.len > sizeof(proof->ack)) {
			say_error(r, "bad_field", "the ack of auth is too long",
			    (struct span){0}, (struct span){0});
			return;
		}
		memcpy(proof->ack, said->ack.at, said->ack.len);
		proof->ack_len = said->ack.len;
	}
	if (!proof->in_band && r->credential[0])
		strcpy(r->previous, r->credential);
	proof->in_band = true;
	if ((said->token.at && !take_token(r, said->token)) ||
	    !proof_has_credential(r)) {
		refused(r);
		return;
	}
	errand_forget_bind(r);
	proof_ask(r);
}

void
proof_connected(struct relay *r)
{
	if (r->proof.asking)
		proof_ask(r);
}

void
proof_lost(struct relay *r)
{
	errand_forget_bind(r);
	if (r->proof.greeted || r->proof.asking)
		proof_ask(r);
}

/* What was asked in band is answered by its ack; Socket.IO's 40 by another. */
static void
answer_in_band(struct relay *r)
{
	if (r->proof.ack_len > 0)
		say_ack(r, auth_ack(r), SPAN("{\"success\":true}"), false);
	else if (r->dialect == &dialect_socketio)
		say_bound(r, (struct span){0});
	r->proof.in_band = false;
}

/* The hub's "bound" alone may be the answer to an earlier question. */
static void
settle(struct relay *r)
{
	struct proof *proof = &r->proof;

	if (!proof->asking || !proof->accepted || !proof->heard)
		return;
	proof->asking = proof->due = false;
	r->due[TIMER_BIND] = NEVER;
	if (proof->in_band)
		answer_in_band(r);
}

void
proof_bound(struct relay *r, struct span ids_epoch)
{
	struct proof *proof = &r->proof;

	if (proof->greeted && !proof->bound && r->dialect != &dialect_chat)
		r->pull_due = true;
	proof->bound = proof->heard = true;
	r->due[TIMER_PROOF] = NEVER;
	if (!proof->greeted) {
		say_bound(r, ids_epoch);
		proof->greeted = true;
		if (proof->ack_len == 0)
			proof->in_band = false;
	}
	settle(r);
}

static void
accepted(struct relay *r)
{
	r->proof.accepted = true;
	r->due[TIMER_BIND] = r->now_ms + BOUND_MS;
	settle(r);
}

/* Its client was answered, so it is greeted. */
void
proof_told(struct relay *r)
{
	proof_ask(r);
	r->proof.greeted = true;
	r->proof.due = false;
	accepted(r);
}

void
proof_answer(struct relay *r, int status)
{
	if (status == UNAUTHORIZED || status == FORBIDDEN) {
		refused(r);
	} else if (status == OK) {
		accepted(r);
	} else {
		r->due[TIMER_BIND] =
		    r->now_ms + jitter_ms(AGAIN_MS_MIN, AGAIN_MS_MAX);
	}
}

void
proof_again(struct relay *r)
{
	errand_forget_bind(r);
	if (r->proof.asking)
		proof_ask(r);
}

/* Not its fault where it is us who could not be reached. */
void
proof_overdue(struct relay *r)
{
	ending_begin(r, r->proof.asking ? END_SERVER_RESTART : END_AUTH_FAILED);
}
