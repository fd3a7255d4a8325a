/*
 * health.h: GET /api/health: 200 {"success":true,"data":{"status":"ok"}} when
 * the database answers within a second, else 503 (shape of reply_error).
 * GET /api/openapi.json: the file openapi.json, built into the program.
 */
#ifndef CGI_HEALTH_H
#define CGI_HEALTH_H

#include "cgi/reply.h"
#include "cgi/request.h"

int health_get(struct request *req, struct reply *out);
int openapi_get(struct request *req, struct reply *out);

#endif
