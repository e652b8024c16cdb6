/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE 1 /* struct ucred */
#include "caller.h"

#include <pthread.h>
#include <sys/socket.h>

#include "service.h"
#include "settings.h"

/* The groups that the process had when it connected; the first is its primary group. */
static void learn_groups(int fd, struct caller *caller)
{
	gid_t groups[SETTINGS_GROUPS_MAX];
	socklen_t size = sizeof(groups);

	caller->groups[caller->group_count++] = caller->gid;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
		return;
	for (size_t i = 0; i < size / sizeof(gid_t); i++)
		if (caller->group_count < CALLER_GROUPS_MAX)
			caller->groups[caller->group_count++] = groups[i];
}

void caller_learn(struct caller *caller, int fd, struct service *service)
{
	struct ucred peer = { .pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1 };
	socklen_t size = sizeof(peer);

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	*caller = (struct caller){ .uid = peer.uid, .gid = peer.gid, .pid = peer.pid };
	learn_groups(fd, caller);
	pthread_mutex_lock(&service->settings_lock);
	caller->roles = settings_roles(service->settings, caller->uid, caller->groups,
				       caller->group_count);
	pthread_mutex_unlock(&service->settings_lock);
}

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
	return mmp_fail(err, MMP_DENIED, "%s: needs the role %s; you have: %s (see %s)",
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
