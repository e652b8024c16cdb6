/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HTTP_H
#define HTTP_H

#include "service.h"

/*
 * GET /metrics over HTTP, for Prometheus and compatible tools: only OpenMetrics text.
 * Off unless mmpd is given an address: unix:/path (mode 0660), or a loopback address
 * and port, which every user of the machine can read.
 */
struct http;

/*
 * Listen on "unix:/path", "127.0.0.1:9464" or "[::1]:9464". MMP_INVALID: any other
 * address.
 */
int http_new(struct service *service, const char *address, struct http **ret_http,
	     struct mmp_error *err);
void http_free(struct http *http); /* removes its socket file; NULL is fine */

#endif
