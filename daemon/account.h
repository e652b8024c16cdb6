/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The memory that clients use, in total and by user: lines and the JSON parsed from
 * them, waiting results, unfetched output. One account for everything that grows with
 * what clients ask for. Used from any thread.
 */
struct account;

enum { ACCOUNT_USERS_MAX = 64 }; /* with a row of their own; all others share one */

struct account *account_new(void);
void account_free(struct account *account);

/* Set the limits in bytes, in total and for one user. */
void account_limit(struct account *account, uint64_t all, uint64_t user);

/* Charge bytes to a user, whether or not there is room for them, and take that back. */
void account_add(struct account *account, uid_t uid, size_t bytes);
void account_sub(struct account *account, uid_t uid, size_t bytes);

/* Check that this user may use `more` bytes. MMP_BUSY says what is in use. */
int account_check(struct account *account, uid_t uid, size_t more, struct mmp_error *err);

/*
 * Have `fell` called when all together fall below MMP_TRIM_BELOW bytes after they were at
 * MMP_TRIM_FROM or above: once for each such fall, in the thread of account_sub, which it
 * must not call. NULL: nobody.
 */
void account_on_fall(struct account *account, void (*fell)(void *data), void *data);

/* Whether that is still so. If not, the next fall below it is told of, too. */
bool account_is_low(struct account *account);

/* Charge that much if there is room for it, in one go; else MMP_BUSY, and nothing. */
int account_take(struct account *account, uid_t uid, size_t bytes, struct mmp_error *err);

/* Whether neither the user nor all together are over their limit. */
bool account_has_room(struct account *account, uid_t uid);

/* The bytes in use by a user; `uid` -1: by all. */
uint64_t account_bytes(struct account *account, uid_t uid);

/* The users with bytes in use; the row with `uid` -1 is of all who share one. */
struct account_row {
	uid_t uid;
	uint64_t bytes;
};
size_t account_rows(struct account *account,
		    struct account_row rows[ACCOUNT_USERS_MAX + 1]);

#endif
