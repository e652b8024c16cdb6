/* SPDX-License-Identifier: BSD-2-Clause */
#include "served.h"

struct event_base *base;
struct service *service;

int begin_service(const char *database)
{
	struct mmp_error err;

	base = event_base_new();
	service = service_new(base, database, NULL, &err);
	return service ? 0 : -1;
}

int end_service(void **state)
{
	(void)state;
	service_free(service);
	event_base_free(base);
	return 0;
}
