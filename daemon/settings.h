/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "rpc/dispatch.h"

/*
 * /etc/mmp/mmpd.conf: who may do what, on which boards, how much of everything a user
 * may use, and how long things are kept. An immutable value; service.reload and SIGHUP
 * read a new one.
 */

#define SETTINGS_PATH "/etc/mmp/mmpd.conf"

enum {
	SETTINGS_ROWS_MAX = 256, /* users and groups that have a role or boards */
	SETTINGS_PATTERN_MAX = 64,
	SETTINGS_LINE_MAX = 198,    /* bytes that inih reads as one line with its end */
	SETTINGS_GROUPS_MAX = 1024, /* of one caller */
};

/*
 * Roles, one bit each. Everyone with another role is also a reader; an admin has all
 * roles.
 */
enum role {
	ROLE_READER = 1 << MMP_READ,
	ROLE_ENGINEER = 1 << MMP_WRITE,
	ROLE_OPERATOR = 1 << MMP_DRIVE,
	ROLE_ADMIN = 1 << MMP_ADMIN,
};

/* How much a user who is not an admin may use, and how long things are kept. */
struct policy {
	uint64_t memory;       /* bytes that all clients together may use */
	uint64_t user_memory;  /* bytes of one user; applies to admins too */
	uint64_t user_clients; /* connections */
	uint64_t user_jobs;    /* that run at once */
	uint64_t user_disk;    /* bytes of builds; 0: no limit */
	uint64_t idle; /* seconds after which a connection may be closed for another */
	/* Days for which things are kept; 0: for ever. */
	uint64_t keep_jobs, keep_history, keep_builds;
};

/* A user or group, and what is granted: roles, or a pattern of board names. */
struct grant {
	bool is_group;
	unsigned id; /* uid or gid */
	unsigned roles;
	char boards[SETTINGS_PATTERN_MAX]; /* "" for none */
};

struct settings {
	struct grant grants[SETTINGS_ROWS_MAX];
	size_t count;
	bool has_boards; /* operators have only the boards that are named */
	unsigned others; /* roles of everyone who can connect */
	struct policy policy;
};

/*
 * Read the settings. Without a file (`path` is NULL and there is none at SETTINGS_PATH)
 * the user that mmpd runs as and root are admins, and all others who can connect are
 * engineers and operators. Queries the name service, so it must not run in the loop.
 * Errors name file and line.
 */
int settings_read(struct settings *settings, const char *path, struct mmp_error *err);

/* The settings that apply without a file. */
void settings_none(struct settings *settings);

/* The roles of a user with these groups. */
unsigned settings_roles(const struct settings *settings, uid_t uid, const gid_t *groups,
			size_t count);

/* Whether they may use this board, provided that they are operators. */
bool settings_board(const struct settings *settings, uid_t uid, const gid_t *groups,
		    size_t count, const char *board);

/* Whether a role or boards are granted to this group. */
bool settings_names_group(const struct settings *settings, gid_t group);

/* The roles as text, for messages and whoami: "engineer, operator". */
enum { SETTINGS_ROLES_SIZE = 64 };
const char *settings_roles_text(unsigned roles, char text[SETTINGS_ROLES_SIZE]);

#endif
