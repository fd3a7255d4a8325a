/*
 * log.h: one line per event on standard error, under 1 KiB, controls escaped.
 *
 * "2026-11-24T08:00:00.000Z level: text".  Never a token, a text of a
 * message, or the query string of a request.
 */
#ifndef CGI_LOG_H
#define CGI_LOG_H

void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
