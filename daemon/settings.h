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
 * /etc/mmp/mmpd.conf: who may do what, on which boards, how much of everything a user may
 * take up, and how long things are kept. A
 * value that is read once, and read anew as a whole by service.reload and SIGHUP.
 */

#define SETTINGS_PATH "/etc/mmp/mmpd.conf"

enum {
	SETTINGS_ROWS_MAX = 256, /* users and groups that have a role or boards */
	SETTINGS_PATTERN_MAX = 64,
	SETTINGS_GROUPS_MAX = 1024, /* of one caller */
};

/* Roles, a bit each. Who has any of the others is a reader, too; an admin has all. */
enum role {
	ROLE_READER = 1 << MMP_READ,
	ROLE_ENGINEER = 1 << MMP_WRITE,
	ROLE_OPERATOR = 1 << MMP_DRIVE,
	ROLE_ADMIN = 1 << MMP_ADMIN,
};

/* What a user who is not an admin may take up, and how long things are kept. */
struct policy {
	uint64_t memory;       /* bytes that all clients may take up in all */
	uint64_t user_memory;  /* bytes of one user; of admins, too */
	uint64_t user_clients; /* connections */
	uint64_t user_jobs;    /* that run at once */
	uint64_t user_disk;    /* bytes of builds; 0: no limit */
	uint64_t idle; /* seconds after which a connection may be closed for another */
	/* Days that things are kept; 0: for ever. */
	uint64_t keep_jobs, keep_history, keep_builds;
};

/* A user or a group, and what it has: roles, or a pattern of names of boards. */
struct grant {
	bool is_group;
	unsigned id; /* uid or gid */
	unsigned roles;
	char boards[SETTINGS_PATTERN_MAX]; /* "" for none */
};

struct settings {
	struct grant grants[SETTINGS_ROWS_MAX];
	size_t count;
	bool has_boards; /* an operator has the boards that are named, no others */
	unsigned others; /* roles of everybody who can connect */
	struct policy policy;
};

/*
 * Read it. Without a file (where `path` is NULL: none at SETTINGS_PATH) the user that
 * mmpd runs as and root are admins, and others who can connect engineers and operators.
 * Asks the name service: not for the loop. Errors name file and line.
 */
int settings_read(struct settings *settings, const char *path, struct mmp_error *err);

/* The settings where there is no file. */
void settings_none(struct settings *settings);

/* The roles of a user with these groups. */
unsigned settings_roles(const struct settings *settings, uid_t uid, const gid_t *groups,
			size_t count);

/* May they use this board, if they are operators at all? */
bool settings_board(const struct settings *settings, uid_t uid, const gid_t *groups,
		    size_t count, const char *board);

/* "engineer, operator"; for messages and whoami. */
enum { SETTINGS_ROLES_SIZE = 64 };
const char *settings_roles_text(unsigned roles, char text[SETTINGS_ROLES_SIZE]);

#endif
