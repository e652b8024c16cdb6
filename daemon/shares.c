/* SPDX-License-Identifier: BSD-2-Clause */
#include "shares.h"

#include <assert.h>
#include <stdlib.h>

#include "memory.h"

struct share {
	uid_t uid;
	size_t count;
};

struct shares {
	size_t users, most;
	struct share rows[];
};

struct shares *shares_new(size_t most)
{
	struct shares *shares =
		xcalloc(1, sizeof(*shares) + most * sizeof(shares->rows[0]));

	shares->most = most;
	return shares;
}

void shares_free(struct shares *shares)
{
	free(shares);
}

static size_t find(const struct shares *shares, uid_t uid)
{
	size_t at = 0;

	while (at < shares->users && shares->rows[at].uid != uid)
		at++;
	return at;
}

void shares_add(struct shares *shares, uid_t uid)
{
	size_t at = find(shares, uid);

	assert(at < shares->most);
	if (at == shares->users)
		shares->rows[shares->users++] = (struct share){ .uid = uid };
	shares->rows[at].count++;
}

void shares_sub(struct shares *shares, uid_t uid)
{
	size_t at = find(shares, uid);

	assert(at < shares->users);
	if (!--shares->rows[at].count)
		shares->rows[at] = shares->rows[--shares->users];
}

size_t shares_count(const struct shares *shares, uid_t uid)
{
	size_t at = find(shares, uid);

	return at < shares->users ? shares->rows[at].count : 0;
}
