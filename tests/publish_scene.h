/*
 * publish_scene.h: a listener in the hub's place, and a request whose commit
 * tells it something.  Frames are compared with single quotes for double ones.
 */
#ifndef TESTS_PUBLISH_SCENE_H
#define TESTS_PUBLISH_SCENE_H

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/hub.h"
#include "cgi/publish_order.h"
#include "cgi/request.h"
#include "cgi/store_private.h"
#include "ws/bus.h"

#define CONNECTION "0123456789abcdef0123456789abcdef"
#define PATIENCE_MS 5000

static char folder[64], path[96];
static struct settings settings;
static int hub;
static struct store_shared shared = {.epoch = "e1"};
static struct store store = {.shared = &shared};
static char param[128], *live[2];
static FCGX_Request fcgi = {.envp = live};
static struct request req = {.fcgi = &fcgi, .store = &store, .began_us = 77};
static char packet[BUS_FRAME_MAX + 1];

static inline bool
comes(int fd)
{
	struct pollfd set = {.fd = fd, .events = POLLIN};

	return poll(&set, 1, PATIENCE_MS) > 0;
}

/* The next frame. */
static inline const char *
next(void)
{
	ssize_t n;

	cr_assert(comes(hub), "nothing comes");
	n = bus_receive(hub, packet, sizeof(packet) - 1);
	cr_assert_gt(n, 0);
	packet[n] = '\0';
	for (char *c = packet; (c = strchr(c, '"'));)
		*c = '\'';
	return packet;
}

/* The request has this parameter; NULL: none. */
static inline void
give(const char *text)
{
	snprintf(param, sizeof(param), "%s", text ? text : "");
	live[0] = text ? param : NULL;
}

/* Nothing came before this. */
static inline bool
is_quiet(void)
{
	cr_assert(hub_send("end\n", 4));
	return strcmp(next(), "end\n") == 0;
}

static inline void
listen_as_hub(void)
{
	int listener;

	strcpy(folder, "/tmp/parley-publish-XXXXXX");
	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/hub.sock", folder);
	settings.hub_socket = path;
	listener = bus_listen(path, 0600);
	cr_assert_geq(listener, 0);
	cr_assert(hub_open(&settings));
	cr_assert(comes(listener));
	hub = bus_accept(listener);
	cr_expect_str_eq(next(), "api\t1\n");
	while (!hub_send("here\n", 5))
		continue;
	(void)next();
	store.turn = order_turn();
}

static inline void
leave_as_hub(void)
{
	hub_close();
	buffer_release(&req.live);
	(void)unlink(path);
	(void)rmdir(folder);
}

#endif
