/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SHARES_H
#define SHARES_H

#include <stddef.h>
#include <sys/types.h>

/* How many of something each user has; for places that are few. The loop's. */
struct shares;

/* Of up to `most` in all. */
struct shares *shares_new(size_t most);
void shares_free(struct shares *shares);

void shares_add(struct shares *shares, uid_t uid);
void shares_sub(struct shares *shares, uid_t uid);
size_t shares_count(const struct shares *shares, uid_t uid);

#endif
