/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

int lease_check(const struct service *service, const char *board, const char *line,
		struct mmp_error *err)
{
	for (const struct lease *l = service->leases; l; l = l->next) {
		if (!strcmp(l->board, board))
			return mmp_fail(err, MMP_BUSY, "board \"%.100s\": in use by %s",
					board, l->what);
		if (line && !strcmp(l->line, line))
			return mmp_fail(
				err, MMP_BUSY,
				"board \"%.60s\": its line is in use by %s on board "
				"\"%.60s\"",
				board, l->what, l->board);
	}
	return 0;
}

int lease_take(struct service *service, const char *board, const char *line,
	       const char *what, struct lease **ret_lease, struct mmp_error *err)
{
	struct lease *lease;

	if (lease_check(service, board, line, err))
		return -1;
	lease = xcalloc(1, sizeof(*lease));
	*lease = (struct lease){ .service = service,
				 .next = service->leases,
				 .board = xstrdup(board),
				 .line = xstrdup(line) };
	snprintf(lease->what, sizeof(lease->what), "%s", what);
	service->leases = lease;
	*ret_lease = lease;
	return 0;
}

void lease_release(struct lease *lease)
{
	struct lease **at;

	if (!lease)
		return;
	at = &lease->service->leases;
	while (*at != lease)
		at = &(*at)->next;
	*at = lease->next;
	free(lease->board);
	free(lease->line);
	free(lease);
}
