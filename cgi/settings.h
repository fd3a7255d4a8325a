/*
 * settings.h: every setting, typed, checked and named in one table.
 *
 * Values come from the environment (PARLEY_..., and MONGODB_URI), else from
 * the file named by PARLEY_CONFIG ("name = value" lines, # comments), else
 * from the default in settings_table.c.  A wrong value or an unknown
 * name in the file is refused at start, with its name.
 */
#ifndef CGI_SETTINGS_H
#define CGI_SETTINGS_H

#include <stdbool.h>
#include <stdio.h>

struct settings {
	/* where we listen, and with what */
	const char *listen;      /* path of the FastCGI Unix socket */
	const char *hub_socket;  /* "" = no live path */
	const char *mongodb_uri; /* database name from it, else parley */
	const char *lock_file;   /* "" = in /tmp, named after the database */
	long workers;            /* threads, 1..64, default 16 */

	/* identity */
	const char *jwt_alg;    /* HS256 RS256 ES256 EdDSA */
	const char *jwt_secret; /* HS256, >= 32 bytes */
	const char *jwt_secret_previous;
	const char *jwt_key_file; /* PEM public key */
	const char *jwt_key_file_previous;
	const char *jwt_issuer;    /* "" = not checked */
	const char *jwt_audience;  /* "" = not checked */
	const char *claim_subject; /* sub */
	const char *claim_user;    /* userId */
	const char *claim_email;   /* email */
	const char *claim_role;    /* role */
	const char *claim_name;    /* name */
	const char *cookie_name;   /* parley_token */
	bool cookie_secure;        /* Secure even where nginx speaks HTTP */
	const char *origins;       /* blank-separated allowed Origins */
	bool demo;                 /* POST /api/demo/login */
	long demo_ttl_s;

	/* limits */
	long body_bytes;    /* 64 KiB */
	long thread_bytes;  /* 1 MiB: POST of a whole conversation */
	long rate_messages; /* 30 new messages ... */
	long rate_seconds;  /* ... per 10 s */
	long rate_burst;    /* 60 */

	/* support chat */
	const char *chat_rules;  /* of the bot; "" = the shipped ones */
	long chat_rate_messages; /* 10 lines of a session ... */
	long chat_rate_seconds;  /* ... per 10 s */
	long chat_rate_burst;    /* 10 */
	long chat_rate_sessions; /* 5 new ones of an address a minute */

	/* deadlines, milliseconds */
	long read_ms;      /* 3000 */
	long write_ms;     /* 4000 */
	long socket_ms;    /* 6000 */
	long selection_ms; /* 2000 */
	long handler_ms;   /* 10000 */
	long queue_ms;     /* 2000: waited longer for a worker: 503 */
	long peer_ms;      /* 5000: reads and writes of FastCGI peers */
	long doubt_ms;     /* 20000: design 4.5 */
};

/*
 * Fill *s from environment and file.  Strings live until the process ends.
 * False with one sentence in why, which begins with the setting's name.
 */
bool settings_take(struct settings *s, char why[256]);

/* The table as Markdown rows, which README.md holds (a test compares). */
void settings_print(FILE *out);

#endif
