/* SPDX-License-Identifier: BSD-2-Clause */
#include "account.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "memory.h"

enum { MORE_SIZE = 48 }; /* bytes of the words for what is needed */

struct user {
	uid_t uid;
	uint64_t bytes; /* 0: the row is free */
};

struct account {
	pthread_mutex_t lock;
	uint64_t limit, user_limit, bytes;
	bool was_high; /* at MMP_TRIM_FROM, and not low since then */
	void (*fell)(void *data);
	void *fell_data;
	struct user
		users[ACCOUNT_USERS_MAX + 1]; /* the last one: all users without a row */
};

struct account *account_new(void)
{
	struct account *account = xcalloc(1, sizeof(*account));

	pthread_mutex_init(&account->lock, NULL);
	account->limit = MMP_MEMORY;
	account->user_limit = MMP_USER_MEMORY;
	return account;
}

void account_free(struct account *account)
{
	if (!account)
		return;
	pthread_mutex_destroy(&account->lock);
	free(account);
}

void account_limit(struct account *account, uint64_t all, uint64_t user)
{
	pthread_mutex_lock(&account->lock);
	account->limit = all;
	account->user_limit = user;
	pthread_mutex_unlock(&account->lock);
}

static struct user *find_user(struct account *account, uid_t uid)
{
	struct user *free_row = &account->users[ACCOUNT_USERS_MAX];

	for (size_t i = ACCOUNT_USERS_MAX; i-- > 0;) {
		struct user *user = &account->users[i];

		if (user->bytes && user->uid == uid)
			return user;
		if (!user->bytes)
			free_row = user;
	}
	free_row->uid = uid;
	return free_row;
}

static void add_locked(struct account *account, uid_t uid, size_t bytes)
{
	account->bytes += bytes;
	account->was_high |= account->bytes >= MMP_TRIM_FROM;
	find_user(account, uid)->bytes += bytes;
}

void account_add(struct account *account, uid_t uid, size_t bytes)
{
	pthread_mutex_lock(&account->lock);
	add_locked(account, uid, bytes);
	pthread_mutex_unlock(&account->lock);
}

/* Returns what could not be taken. */
static uint64_t take_away(uint64_t *from, uint64_t bytes)
{
	uint64_t taken = *from < bytes ? *from : bytes;

	*from -= taken;
	return bytes - taken;
}

void account_sub(struct account *account, uid_t uid, size_t bytes)
{
	pthread_mutex_lock(&account->lock);
	take_away(&account->bytes, bytes);
	/* What was added before the user had a row is in the shared one. */
	take_away(&account->users[ACCOUNT_USERS_MAX].bytes,
		  take_away(&find_user(account, uid)->bytes, bytes));
	if (account->was_high && account->bytes < MMP_TRIM_BELOW) {
		account->was_high = false;
		if (account->fell)
			account->fell(account->fell_data);
	}
	pthread_mutex_unlock(&account->lock);
}

void account_on_fall(struct account *account, void (*fell)(void *data), void *data)
{
	pthread_mutex_lock(&account->lock);
	account->fell = fell;
	account->fell_data = data;
	pthread_mutex_unlock(&account->lock);
}

bool account_is_low(struct account *account)
{
	bool low;

	pthread_mutex_lock(&account->lock);
	low = account->bytes < MMP_TRIM_BELOW;
	account->was_high |= !low;
	pthread_mutex_unlock(&account->lock);
	return low;
}

/* ", and 12 more are needed", or nothing. */
static const char *print_more(size_t more, char text[MORE_SIZE])
{
	if (more)
		snprintf(text, MORE_SIZE, ", and %zu more are needed", more);
	else
		*text = '\0';
	return text;
}

static int check_locked(struct account *account, uid_t uid, size_t more,
			struct mmp_error *err)
{
	uint64_t all = account->bytes, own = find_user(account, uid)->bytes;
	char needed[MORE_SIZE];

	if (own + more > account->user_limit)
		return mmp_fail(err, MMP_BUSY,
				"your requests and answers take up %" PRIu64
				" bytes of memory%s; the limit is %" PRIu64
				": fetch answers, and send less at a time",
				own, print_more(more, needed), account->user_limit);
	if (all + more > account->limit)
		return mmp_fail(err, MMP_BUSY,
				"all clients take up %" PRIu64
				" bytes of memory%s; the limit is %" PRIu64
				": try again later",
				all, print_more(more, needed), account->limit);
	return 0;
}

int account_check(struct account *account, uid_t uid, size_t more, struct mmp_error *err)
{
	int failed;

	pthread_mutex_lock(&account->lock);
	failed = check_locked(account, uid, more, err);
	pthread_mutex_unlock(&account->lock);
	return failed;
}

int account_take(struct account *account, uid_t uid, size_t bytes, struct mmp_error *err)
{
	int failed;

	pthread_mutex_lock(&account->lock);
	failed = check_locked(account, uid, bytes, err);
	if (!failed)
		add_locked(account, uid, bytes);
	pthread_mutex_unlock(&account->lock);
	return failed;
}

bool account_has_room(struct account *account, uid_t uid)
{
	bool has_room;

	pthread_mutex_lock(&account->lock);
	has_room = find_user(account, uid)->bytes <= account->user_limit &&
		   account->bytes <= account->limit;
	pthread_mutex_unlock(&account->lock);
	return has_room;
}

uint64_t account_bytes(struct account *account, uid_t uid)
{
	uint64_t bytes;

	pthread_mutex_lock(&account->lock);
	bytes = uid == (uid_t)-1 ? account->bytes : find_user(account, uid)->bytes;
	pthread_mutex_unlock(&account->lock);
	return bytes;
}

size_t account_rows(struct account *account,
		    struct account_row rows[ACCOUNT_USERS_MAX + 1])
{
	size_t count = 0;

	pthread_mutex_lock(&account->lock);
	for (size_t i = 0; i <= ACCOUNT_USERS_MAX; i++)
		if (account->users[i].bytes)
			rows[count++] = (struct account_row){
				.uid = i < ACCOUNT_USERS_MAX ? account->users[i].uid
							     : (uid_t)-1,
				.bytes = account->users[i].bytes,
			};
	pthread_mutex_unlock(&account->lock);
	return count;
}
