/*
 * relay.c: main of the relay: options, and the dialect by the path.
 *
 * websocketd starts one for each WebSocket: a text frame is a line on stdin,
 * and a line on stdout is one.
 */
#include "ws/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ws/options.h"

#define VERSION "0.1.0"
#define PATH_BYTES 107 /* of a Unix socket */
#define HOUR_MS 3600000

#define TEXT(name, member, help)                                               \
	{                                                                      \
		name, OPTION_TEXT, offsetof(struct relay_options, member),     \
		    NULL, 1, PATH_BYTES, help                                  \
	}
#define NUMBER(name, member, preset, min, max, help)                           \
	{                                                                      \
		name, OPTION_NUMBER, offsetof(struct relay_options, member),   \
		    preset, min, max, help                                     \
	}

/* clang-format off */
static const struct option_row rows[] = {
	TEXT("hub", hub, "the hub's socket for relays"),
	TEXT("api", api, "the api's FastCGI socket"),
	NUMBER("line-bytes", line_bytes, "65536", 1024, RELAY_LINE_MAX,
	    "longest frame of a client, its line feed included; a longer one "
	    "ends the connection"),
	NUMBER("events-per-second", events_per_second, "20", 1, 1000000,
	    "events that a client may send, lastingly"),
	NUMBER("events-burst", events_burst, "40", 1, 1000000,
	    "events at once, but joins"),
	NUMBER("joins-burst", joins_burst, "256", 1, 1000000,
	    "joins at once"),
	NUMBER("flood-ms", flood_ms, "10000", 1, HOUR_MS,
	    "events dropped for that long end the connection"),
	NUMBER("proof-ms", proof_ms, "10000", 1, HOUR_MS,
	    "time to prove who it is"),
	NUMBER("heartbeat-ms", heartbeat_ms, "25000", 1, HOUR_MS,
	    "time between pings"),
	NUMBER("pong-ms", pong_ms, "20000", 1, HOUR_MS,
	    "how late a ping may be, as Socket.IO's clients are told"),
	NUMBER("silence-ms", silence_ms, "75000", 1, HOUR_MS,
	    "a client silent for that long is dropped"),
	NUMBER("deadline-ms", deadline_ms, "10000", 1, HOUR_MS,
	    "time in which an event is answered"),
	NUMBER("stall-ms", stall_ms, "10000", 1, HOUR_MS,
	    "a client that takes nothing for that long is dropped"),
	NUMBER("drain-ms", drain_ms, "300", 1, HOUR_MS,
	    "from the last frame to the end"),
};
/* clang-format on */

#define COUNT (sizeof(rows) / sizeof(rows[0]))

static int
help(void)
{
	puts("usage: relay --hub=PATH --api=PATH [--name=value...]\n"
	     "Serve one WebSocket as websocketd hands it on: a line is a "
	     "frame,\n"
	     "PATH_INFO says which dialect.\n"
	     "  --options  print the options as a Markdown table\n"
	     "  --version  print the version\n"
	     "  --help     print this");
	return EXIT_SUCCESS;
}

static int
version(void)
{
	puts("parley relay " VERSION);
	return EXIT_SUCCESS;
}

static int
print_options(void)
{
	options_print(stdout, rows, COUNT);
	return EXIT_SUCCESS;
}

/* websocketd's reader stops for good at a long line. */
static int
complain(const char *what)
{
	fprintf(stderr, "parley relay: %.500s\n", what);
	return EXIT_FAILURE;
}

static int
serve(int argc, char **argv)
{
	static struct relay_options options;
	const char *path = getenv("PATH_INFO");
	const struct dialect *dialect = dialect_find(path ? path : "");
	char why[256];

	if (!options_take(&options, rows, COUNT, argc, argv, why))
		return complain(why);
	if (!dialect)
		return complain("PATH_INFO is none of /ws, /socket.io/, /chat");
	relay_run(&options, dialect);
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

	for (size_t i = 0; argc == 2 && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(argv[1], words[i].name) == 0)
			return words[i].run();
	return serve(argc, argv);
}
