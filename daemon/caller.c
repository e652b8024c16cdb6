/* SPDX-License-Identifier: BSD-2-Clause */
#include "caller.h"

#include <pthread.h>

#include "service.h"
#include "settings.h"

const struct mmp_signature *caller_signature(const struct mmp_call *call)
{
	const struct caller *caller = call->client;

	return &caller->signature;
}

int caller_may(const struct mmp_call *call, const struct mmp_method *method,
	       struct mmp_error *err)
{
	const struct caller *caller = call->client;
	enum mmp_access access = mmp_method_access(method);
	char roles[SETTINGS_ROLES_SIZE];

	if (caller->roles & (1u << access))
		return 0;
	return mmp_fail(err, MMP_DENIED, "%s: takes the role %s; yours: %s (see %s)",
			method->name, mmp_access_name(access),
			settings_roles_text(caller->roles, roles), SETTINGS_PATH);
}

int caller_may_use_board(const struct mmp_call *call, const char *board,
			 struct mmp_error *err)
{
	struct service *service = call->service;
	const struct caller *caller = call->client;
	bool may;

	pthread_mutex_lock(&service->settings_lock);
	may = settings_board(service->settings, caller->uid, caller->groups,
			     caller->group_count, board);
	pthread_mutex_unlock(&service->settings_lock);
	if (may)
		return 0;
	return mmp_fail(err, MMP_DENIED,
			"board \"%.100s\": is not among the boards that you may use (see "
			"[boards] in %s)",
			board, SETTINGS_PATH);
}
