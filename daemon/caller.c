/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE 1 /* struct ucred */
#include "caller.h"

#include <pthread.h>
#include <sys/socket.h>

#include "service.h"
#include "settings.h"

/* Keep as many as fit; those that the settings name come first. */
static void keep_groups(struct caller *caller, const struct settings *settings,
			const gid_t *groups, size_t count)
{
	for (int named = 1; named >= 0; named--)
		for (size_t i = 0; i < count; i++)
			if (caller->group_count < CALLER_GROUPS_MAX &&
			    settings_names_group(settings, groups[i]) == named)
				caller->groups[caller->group_count++] = groups[i];
}

/*
 * The groups that the process had when it connected, its primary group before the
 * others. Returns their number.
 */
static size_t learn_groups(int fd, gid_t primary, gid_t groups[SETTINGS_GROUPS_MAX + 1])
{
	socklen_t size = SETTINGS_GROUPS_MAX * sizeof(*groups);

	groups[0] = primary;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &size))
		return 1;
	return 1 + size / sizeof(*groups);
}

void caller_learn(struct caller *caller, int fd, struct service *service)
{
	struct ucred peer = { .pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1 };
	gid_t groups[SETTINGS_GROUPS_MAX + 1];
	socklen_t size = sizeof(peer);
	size_t count;

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	*caller = (struct caller){ .uid = peer.uid, .gid = peer.gid, .pid = peer.pid };
	count = learn_groups(fd, peer.gid, groups);
	pthread_mutex_lock(&service->settings_lock);
	keep_groups(caller, service->settings, groups, count);
	caller->roles = settings_roles(service->settings, caller->uid, groups, count);
	caller->settings_number = service->settings_number;
	pthread_mutex_unlock(&service->settings_lock);
}

const struct mmp_signature *caller_signature(const struct mmp_call *call)
{
	const struct caller *caller = call->client;

	return &caller->signature;
}

/* The settings may have been read again since the caller connected. */
static void learn_roles_again(struct caller *caller, struct service *service)
{
	if (caller->settings_number == service->settings_number)
		return;
	pthread_mutex_lock(&service->settings_lock);
	caller->roles = settings_roles(service->settings, caller->uid, caller->groups,
				       caller->group_count);
	caller->settings_number = service->settings_number;
	pthread_mutex_unlock(&service->settings_lock);
}

int caller_may(const struct mmp_call *call, const struct mmp_method *method,
	       struct mmp_error *err)
{
	struct caller *caller = call->client;
	enum mmp_access access = mmp_method_access(method);
	char roles[SETTINGS_ROLES_SIZE];

	learn_roles_again(caller, call->service);
	if (caller->roles & (1u << access))
		return 0;
	return mmp_fail(err, MMP_DENIED, "%s: needs the role %s; you have: %s (see %s)",
			method->name, mmp_access_name(access),
			settings_roles_text(caller->roles, roles),
			service_settings_path(call->service));
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
			board, service_settings_path(service));
}
