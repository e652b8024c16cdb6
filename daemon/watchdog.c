/* SPDX-License-Identifier: BSD-2-Clause */
#include "watchdog.h"

#include <inttypes.h>
#include <stdlib.h>

#include "log.h"
#include "memory.h"
#include "work/store_thread.h"
#include "work/workers.h"

struct watchdog {
	struct event *event;
	struct service *service;
	uint64_t patience_ms;
	void (*tell)(void *data, bool is_alive);
	void *data;
	bool is_stuck; /* already logged */
};

static void on_watchdog(evutil_socket_t fd, short what, void *data)
{
	struct watchdog *watchdog = data;
	uint64_t store = store_thread_stuck_ms(watchdog->service->store_thread);
	uint64_t workers = workers_stuck_ms(watchdog->service->workers);
	bool is_stuck = store > watchdog->patience_ms || workers > watchdog->patience_ms;

	(void)fd, (void)what;
	if (is_stuck && !watchdog->is_stuck)
		log_error("the %s has made no progress for %" PRIu64
			  " ms: the watchdog is no longer notified",
			  store > workers ? "database thread" : "work of a thread",
			  store > workers ? store : workers);
	watchdog->is_stuck = is_stuck;
	watchdog->tell(watchdog->data, !is_stuck);
}

struct watchdog *watchdog_new(struct service *service, uint64_t watchdog_us,
			      void (*tell)(void *data, bool is_alive), void *data)
{
	struct watchdog *watchdog = xcalloc(1, sizeof(*watchdog));
	struct timeval half = { .tv_sec = (time_t)(watchdog_us / 2 / 1000000),
				.tv_usec = (suseconds_t)(watchdog_us / 2 % 1000000) };

	*watchdog = (struct watchdog){ .service = service,
				       .patience_ms = watchdog_us / 1000,
				       .tell = tell,
				       .data = data };
	watchdog->event = event_new(service->base, -1, EV_PERSIST, on_watchdog, watchdog);
	event_add(watchdog->event, &half);
	return watchdog;
}

void watchdog_free(struct watchdog *watchdog)
{
	if (!watchdog)
		return;
	event_free(watchdog->event);
	free(watchdog);
}
