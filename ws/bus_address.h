/*
 * bus_address.h: what connecting and listening on the bus have in common.
 */
#ifndef WS_BUS_ADDRESS_H
#define WS_BUS_ADDRESS_H

#include <sys/un.h>

/* 0, or -1 with ENAMETOOLONG (or no name at all). */
int bus_address(struct sockaddr_un *address, const char *path);

/* A new socket of the bus's kind; -1 with errno. */
int bus_socket(void);

#endif
