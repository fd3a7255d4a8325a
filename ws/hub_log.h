/*
 * hub_log.h: one line on standard error for what somebody should know.
 *
 * Never waits: a line that the reader of the pipe has no room for is left
 * out, and so is what goes beyond HUB_LOG_PER_SECOND.
 */
#ifndef WS_HUB_LOG_H
#define WS_HUB_LOG_H

#define HUB_LOG_PER_SECOND 20

__attribute__((format(printf, 1, 2))) void hub_log(const char *format, ...);

#endif
