/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CALLER_H
#define CALLER_H

#include <sys/types.h>

#include "clock.h"
#include "rpc/dispatch.h"
#include "store/store.h"

struct connection;
struct service;

enum { CALLER_USER_SIZE = 64, CALLER_GROUPS_MAX = 64 };

/* Who calls: what mmp_call.client points to. A value; each running call has its own. */
struct caller {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	char user[CALLER_USER_SIZE];     /* the number if the system has no name */
	unsigned roles;                  /* see settings.h */
	unsigned settings_number;        /* of the settings that the roles are from */
	gid_t groups[CALLER_GROUPS_MAX]; /* at the time it connected */
	size_t group_count;
	char time[CLOCK_TEXT_SIZE];     /* when the call arrived */
	struct connection *connection;  /* in the loop, while the client waits */
	struct mmp_signature signature; /* made of the above */
};

/*
 * Fill in who is at the other end of a connected socket, including roles but not the
 * name.
 */
void caller_learn(struct caller *caller, int fd, struct service *service);

/* MMP_DENIED if the caller is an operator, but not of this board. */
int caller_may_use_board(const struct mmp_call *call, const char *board,
			 struct mmp_error *err);

/*
 * For struct mmp_call.may: whether the caller has the role that the method requires, by
 * the settings of now.
 */
int caller_may(const struct mmp_call *call, const struct mmp_method *method,
	       struct mmp_error *err);

/* Who calls, and when. Valid as long as the call. */
const struct mmp_signature *caller_signature(const struct mmp_call *call);

#endif
