/*
 * hub.c: the broadcast hub: options, and an orderly end; see hub.h.
 *
 * It holds nothing that outlives it: relays connect again within a second,
 * are bound again, and their clients pull.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "ws/hub.h"
#include "ws/hub_log.h"
#include "ws/options.h"

#define VERSION "0.1.0"
#define WHY_BYTES 256
#define ROWS (sizeof(rows) / sizeof(*rows))

/* clang-format off */
static const struct option_row rows[] = {
#define AT(member) offsetof(struct hub_options, member)
	{"relays", OPTION_TEXT, AT(relays), NULL, 1, 107,
	 "path of the socket for relays"},
	{"publish", OPTION_TEXT, AT(publish), NULL, 1, 107,
	 "path of the socket for the api, in a folder of its user's own"},
	{"queue-bytes", OPTION_NUMBER, AT(queue_bytes), "262144",
	 4096, 16777216, "what may wait for one connection"},
	{"account-connections", OPTION_NUMBER, AT(account_connections), "32",
	 1, 1000000, "connections of one account"},
	{"joins", OPTION_NUMBER, AT(joins), "256",
	 1, 1000000, "conversations that one connection may join"},
	{"offline-ms", OPTION_NUMBER, AT(offline_ms), "3000",
	 0, 600000, "from the last connection gone to offline"},
	{"typing-ms", OPTION_NUMBER, AT(typing_ms), "5000",
	 1, 600000, "from the last sign of typing to its end"},
	{"resync-ms", OPTION_NUMBER, AT(resync_ms), "2000",
	 0, 600000, "over which clients are told to pull, after a loss"},
	{"last-seen", OPTION_NUMBER, AT(last_seen), "10000",
	 0, 10000000, "identities of whom that is remembered"},
	{"stall-ms", OPTION_NUMBER, AT(stall_ms), "30000",
	 1, 600000, "until a connection that reads nothing is closed"},
	{"farewell-ms", OPTION_NUMBER, AT(farewell_ms), "5000",
	 1, 600000, "until one that was told to leave is closed"},
#undef AT
};
/* clang-format on */

static int
fail(const char *why)
{
	fprintf(stderr, "hub: %s\n", why);
	return EXIT_FAILURE;
}

/* A connection costs a descriptor. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int
serve(int argc, char **argv)
{
	static struct hub hub;
	struct hub_options options;
	char why[WHY_BYTES];

	if (!options_take(&options, rows, ROWS, argc, argv, why))
		return fail(why);
	raise_descriptors();
	if (!hub_loop_open(&hub, &options, why))
		return fail(why);
	hub_log("serving");
	hub_loop_run(&hub);
	hub_log("leaving");
	return EXIT_SUCCESS;
}

static int
help(void)
{
	puts("usage: hub --relays=PATH --publish=PATH [--name=value ...]\n"
	     "Hand live events to the connections that they concern.\n"
	     "  --options  print the options as a Markdown table\n"
	     "  --version  print the version\n"
	     "  --help     print this");
	return EXIT_SUCCESS;
}

static int
version(void)
{
	puts("parley hub " VERSION);
	return EXIT_SUCCESS;
}

static int
print_options(void)
{
	options_print(stdout, rows, ROWS);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} words[] = {
	    {"--help", help},
	    {"--version", version},
	    {"--options", print_options},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (argc == 2 && strcmp(argv[1], words[i].name) == 0)
			return words[i].run();
	return serve(argc, argv);
}
