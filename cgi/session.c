/*
 * session.c: who am I, log out, and the log-in of demo accounts.
 *
 * Real accounts log in at the host, which signs its tokens with the key that
 * the settings name.
 */
#include "cgi/session.h"

#include <string.h>

#include "cgi/auto.h"
#include "cgi/clock.h"
#include "cgi/json_out.h"
#include "cgi/publish.h"
#include "cgi/schema.h"
#include "cgi/store.h"

/* Browsers drop a cookie of 4,096 bytes, and proxies long header lines. */
#define COOKIE_TOKEN_MAX 3500

static void
put_expiry(struct buffer *body, int64_t expires_at)
{
	char iso[ISO_BYTES];

	iso_write(iso, expires_at * 1000);
	buffer_puts(body, ",\"expiresAt\":");
	json_puts(body, iso);
}

int
session_get(struct request *req, struct reply *out)
{
	const struct caller *caller = &req->caller;
	struct buffer *body = &out->body;

	buffer_puts(body, "{\"success\":true,\"data\":{\"ids\":");
	for (size_t i = 0; i < caller->id_count; i++) {
		buffer_char(body, i == 0 ? '[' : ',');
		json_puts(body, caller->ids[i]);
	}
	buffer_puts(body, "],\"role\":");
	json_puts(body, role_names[caller->role]);
	buffer_puts(body, ",\"name\":");
	json_puts(body, caller->name);
	put_expiry(body, caller->expires_at);
	buffer_puts(body, "}}");
	if (!publish_bind(req))
		return reply_unavailable(out, HUB_AWAY);
	return reply_json(out, 200);
}

int
session_delete(struct request *req, struct reply *out)
{
	enum store_result result = store_revoke(
	    req->store, req->caller.session, req->caller.session_ends_at);

	if (result != STORE_OK)
		return reply_store(out, result);
	reply_cookie(out, req, req->service->settings->cookie_name, "", 0);
	buffer_puts(&out->body, "{\"success\":true,\"data\":{}}");
	return reply_json(out, 200);
}

/* A string of the body, NULL where absent or null. */
static bool
field_take(
    struct request *req, const char *name, const char **text, struct flaw *flaw)
{
	struct json_object *value = NULL;

	*text = NULL;
	json_object_object_get_ex(req->body, name, &value);
	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_string))
		return flaw_set(
		    flaw, BAD_FIELD, name, "%s must be a string", name);
	*text = json_object_get_string(value);
	return true;
}

struct login {
	char email[IDENTITY_BYTES];
	const char *role;
	const char *name; /* NULL where absent */
};

static bool
login_take(struct login *login, struct request *req, struct flaw *flaw)
{
	const char *email;

	if (!field_take(req, "email", &email, flaw) ||
	    !field_take(req, "role", &login->role, flaw) ||
	    !field_take(req, "name", &login->name, flaw))
		return false;
	if (!email || text_identity(login->email, email, strlen(email)) == 0)
		return flaw_set(flaw, BAD_FIELD, "email",
		    "email must be 1 to %d characters without controls",
		    IDENTITY_MAX);
	if (!login->role)
		login->role = role_names[ROLE_CUSTOMER];
	if (role_from(login->role) == ROLE_NONE)
		return flaw_set(flaw, BAD_FIELD, "role",
		    "role must be customer, seller, agent or admin");
	if (login->name &&
	    (text_points(login->name, strlen(login->name)) > PERSON_NAME_MAX ||
		text_has_control(login->name, strlen(login->name))))
		return flaw_set(flaw, BAD_FIELD, "name",
		    "name must be at most %d characters without controls",
		    PERSON_NAME_MAX);
	return true;
}

static void
add_text(struct json_object *claims, const char *name, const char *text)
{
	json_object_object_add(claims, name, json_object_new_string(text));
}

static bool
login_sign(const struct login *login, const struct request *req,
    int64_t expires_at, char token[JWT_TOKEN_MAX])
{
	AUTO_JSON struct json_object *claims = json_object_new_object();
	const struct settings *s = req->service->settings;
	char sid[TEXT_RANDOM_BYTES];

	text_random(sid);
	add_text(claims, s->claim_subject, login->email);
	add_text(claims, s->claim_email, login->email);
	add_text(claims, s->claim_role, login->role);
	if (login->name)
		add_text(claims, s->claim_name, login->name);
	add_text(claims, "sid", sid);
	if (*s->jwt_issuer)
		add_text(claims, "iss", s->jwt_issuer);
	if (*s->jwt_audience)
		add_text(claims, "aud", s->jwt_audience);
	json_object_object_add(
	    claims, "iat", json_object_new_int64(expires_at - s->demo_ttl_s));
	json_object_object_add(
	    claims, "exp", json_object_new_int64(expires_at));
	return jwt_sign(req->service->keys, claims, token) &&
	       strlen(token) <= COOKIE_TOKEN_MAX;
}

int
session_demo_login(struct request *req, struct reply *out)
{
	const struct settings *s = req->service->settings;
	int64_t expires_at = clock_wall_ms() / 1000 + s->demo_ttl_s;
	char token[JWT_TOKEN_MAX];
	struct login login;
	struct flaw flaw;

	if (!login_take(&login, req, &flaw))
		return reply_flaw(out, &flaw);
	if (!login_sign(&login, req, expires_at, token))
		return reply_error(out, 400, BAD_FIELD,
		    "email and name are too long for a cookie");

	reply_cookie(out, req, s->cookie_name, token, s->demo_ttl_s);
	buffer_puts(&out->body, "{\"success\":true,\"data\":{\"token\":");
	json_puts(&out->body, token);
	put_expiry(&out->body, expires_at);
	buffer_puts(&out->body, "}}");
	return reply_json(out, 200);
}
