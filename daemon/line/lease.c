/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/lease.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link/serial.h"
#include "memory.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* protects the list of leases */

/*
 * The key of the place that the line leads to, or the text itself if it is not a valid
 * line.
 */
static const char *key_of(const char *text, char key[MMP_LINE_KEY_SIZE])
{
	struct mmp_error ignored;
	struct mmp_line line;

	if (mmp_line_parse(text, &line, &ignored))
		snprintf(key, MMP_LINE_KEY_SIZE, "%s", text);
	else
		mmp_line_key(&line, key);
	return key;
}

static int check_locked(const struct service *service, const char *board,
			const char *line, struct mmp_error *err)
{
	char key[MMP_LINE_KEY_SIZE];

	if (line)
		key_of(line, key);
	for (const struct lease *l = service->leases; l; l = l->next) {
		if (!strcmp(l->board, board))
			return mmp_fail(err, MMP_BUSY, "board \"%.100s\": in use by %s",
					board, l->what);
		if (line && !strcmp(l->line, key))
			return mmp_fail(
				err, MMP_BUSY,
				"board \"%.60s\": its line is in use by %s on board "
				"\"%.60s\"",
				board, l->what, l->board);
	}
	return 0;
}

int lease_check(const struct service *service, const char *board, const char *line,
		struct mmp_error *err)
{
	int failed;

	pthread_mutex_lock(&lock);
	failed = check_locked(service, board, line, err);
	pthread_mutex_unlock(&lock);
	return failed;
}

bool lease_is_elsewhere(const struct service *service, const struct mmp_board_row *board)
{
	return *board->host && strcmp(board->host, service->host) != 0;
}

static int check_line(void *line, const struct mmp_board_row *board,
		      struct mmp_error *err)
{
	if (!strcmp(board->line, line))
		return 0;
	return mmp_fail(err, MMP_CONFLICT,
			"board \"%.80s\": it was given another line in the meantime",
			board->name);
}

int lease_check_line(struct service *service, const char *board, const char *line,
		     struct mmp_error *err)
{
	return mmp_store_board_get(service->store, board, check_line, (char *)line, err);
}

void lease_for_job(struct lease *lease, uint64_t job)
{
	pthread_mutex_lock(&lock);
	snprintf(lease->what, sizeof(lease->what), "job %" PRIu64, job);
	pthread_mutex_unlock(&lock);
}

int lease_take(struct service *service, const char *board, const char *line,
	       const char *what, struct lease **ret_lease, struct mmp_error *err)
{
	char key[MMP_LINE_KEY_SIZE];
	struct lease *lease;

	if (lease_check(service, board, line, err))
		return -1;
	lease = xcalloc(1, sizeof(*lease));
	*lease = (struct lease){ .service = service,
				 .next = service->leases, /* only the loop changes it */
				 .board = xstrdup(board),
				 .line = xstrdup(key_of(line, key)) };
	snprintf(lease->what, sizeof(lease->what), "%s", what);
	pthread_mutex_lock(&lock);
	service->leases = lease;
	pthread_mutex_unlock(&lock);
	*ret_lease = lease;
	return 0;
}

void lease_release(struct lease *lease)
{
	struct lease **at;

	if (!lease)
		return;
	pthread_mutex_lock(&lock);
	at = &lease->service->leases;
	while (*at != lease)
		at = &(*at)->next;
	*at = lease->next;
	pthread_mutex_unlock(&lock);
	free(lease->board);
	free(lease->line);
	free(lease);
}
