/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SHARES_H
#define SHARES_H

#include <stddef.h>
#include <sys/types.h>

/* How many of a limited number of places each user has. Belongs to the loop. */
struct shares;

/* A table for up to `most` places. */
struct shares *shares_new(size_t most);
void shares_free(struct shares *shares);

/* Take a place for a user, give one back, and the number of places that a user has. */
void shares_add(struct shares *shares, uid_t uid);
void shares_sub(struct shares *shares, uid_t uid);
size_t shares_count(const struct shares *shares, uid_t uid);

#endif
