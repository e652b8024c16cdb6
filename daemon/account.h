/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * What clients take up in memory, in all and by user: lines and the JSON that they
 * become, results that wait, output that is not fetched. One account for everything that
 * grows with what clients ask for, from any thread.
 */
struct account;

enum {
	ACCOUNT_USERS_MAX = 64
}; /* that take up something at once; the rest share a row */

struct account *account_new(void);
void account_free(struct account *account);

/* How much there may be in all, and of one user. */
void account_limit(struct account *account, uint64_t all, uint64_t user);

void account_add(struct account *account, uid_t uid, size_t bytes);
void account_sub(struct account *account, uid_t uid, size_t bytes);

/* Is there room for so much more of this user? MMP_BUSY says what is taken up. */
int account_check(struct account *account, uid_t uid, size_t more, struct mmp_error *err);

/* What is taken up; `uid` -1: by all. */
uint64_t account_bytes(struct account *account, uid_t uid);

#endif
