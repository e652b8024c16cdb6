/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/sql.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

uint64_t sql_limit(const struct mmp_page *page)
{
	return page->limit && page->limit < INT64_MAX ? page->limit : INT64_MAX;
}

int sql_clip(const char *text, int most)
{
	int length = (int)strnlen(text, (size_t)most + 1);

	if (length <= most)
		return length;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

static size_t read_values(const char *types, va_list args,
			  struct sql_value values[SQL_VALUES_MAX])
{
	size_t count = 0;

	for (; *types; types++, count++) {
		struct sql_value *value = &values[count];

		assert(count < SQL_VALUES_MAX);
		*value = (struct sql_value){ .type = *types };
		if (*types == 'n') {
			value->number = va_arg(args, uint64_t);
			continue;
		}
		value->bytes = va_arg(args, const void *);
		if (*types == 'b')
			value->size = va_arg(args, size_t);
	}
	return count;
}

static struct sql_query *start_values(struct mmp_store *store, struct mmp_error *err,
				      const char *sql, const char *types, va_list args)
{
	struct sql_value values[SQL_VALUES_MAX];
	size_t count = read_values(types, args, values);

	return store->driver->start(store, sql, values, count, err);
}

struct sql_query *sql_start(struct mmp_store *store, struct mmp_error *err,
			    const char *sql, const char *types, ...)
{
	struct sql_query *query;
	va_list args;

	va_start(args, types);
	query = start_values(store, err, sql, types, args);
	va_end(args);
	return query;
}

int sql_row(struct mmp_store *store, struct sql_query *query, struct mmp_error *err)
{
	int found = store->driver->row(query, err);

	store->rows += found > 0;
	return found;
}

int sql_one(struct mmp_store *store, struct sql_query *query, struct mmp_error *err)
{
	int found = query ? sql_row(store, query, err) : -1;

	if (found > 0)
		return 0;
	if (!found)
		mmp_fail(err, MMP_SYSTEM,
			 "%s: a row is missing that others belong to: the database is "
			 "damaged",
			 store->path);
	return -1;
}

void sql_end(struct sql_query *query)
{
	query->store->driver->end(query);
}

int sql_run(struct mmp_store *store, struct mmp_error *err, const char *sql,
	    const char *types, ...)
{
	struct sql_query *query;
	va_list args;

	va_start(args, types);
	query = start_values(store, err, sql, types, args);
	va_end(args);
	return query ? sql_row(store, query, err) : -1;
}

int sql_insert(struct mmp_store *store, struct mmp_error *err, uint64_t *ret_id,
	       const char *sql, const char *types, ...)
{
	struct sql_query *query;
	va_list args;

	va_start(args, types);
	query = start_values(store, err, sql, types, args);
	va_end(args);
	if (sql_one(store, query, err))
		return -1;
	*ret_id = sql_number(query, 0);
	return sql_row(store, query, err) ? -1 : 0;
}

uint64_t sql_changed(const struct mmp_store *store)
{
	return store->driver->changed(store);
}

uint64_t sql_number(struct sql_query *query, int column)
{
	return query->store->driver->number(query, column);
}

const char *sql_text(struct sql_query *query, int column)
{
	return query->store->driver->text(query, column);
}

const void *sql_bytes(struct sql_query *query, int column)
{
	return query->store->driver->bytes(query, column);
}

uint64_t mmp_store_rows(const struct mmp_store *store)
{
	return store->rows;
}

uint64_t mmp_store_changes(const struct mmp_store *store)
{
	return store->driver->changes(store);
}

const char *mmp_store_path(const struct mmp_store *store)
{
	return store->path;
}

bool mmp_store_is_shared(const struct mmp_store *store)
{
	return store->is_shared;
}

void mmp_store_close(struct mmp_store *store)
{
	if (store)
		store->driver->close(store);
}

bool mmp_store_is_address(const char *path)
{
	return !strncmp(path, "postgresql://", 13) || !strncmp(path, "postgres://", 11);
}

int mmp_store_open(const char *path, struct mmp_store **ret_store, struct mmp_error *err)
{
	if (mmp_store_is_address(path))
		return postgres_open(path, ret_store, err);
	return sqlite_open(path, ret_store, err);
}

/* --- transactions and groups of them --- */

static int begin_transaction(struct mmp_store *store, struct mmp_error *err)
{
	struct sql_query *query;

	if (sql_run(store, err, store->driver->begin, ""))
		return -1;
	if (!store->driver->writer_lock)
		return 0;
	query = sql_start(store, err, store->driver->writer_lock, "");
	if (!query || sql_row(store, query, err) < 0)
		return -1;
	sql_end(query);
	return 0;
}

void mmp_store_group_begin(struct mmp_store *store)
{
	store->grouped = true;
	store->open = store->lost = false;
}

bool mmp_store_group_wrote(const struct mmp_store *store)
{
	return store->open || store->lost;
}

/* The transaction of a group was lost, and with it everything done in it. */
static int lose_group(struct mmp_store *store, const struct mmp_error *why)
{
	store->lost = true;
	store->why = *why;
	return -1;
}

/* Commit to the file that was opened, and not to another that has replaced it. */
static int commit(struct mmp_store *store, struct mmp_error *err)
{
	if (!store->driver->in_transaction(store))
		return mmp_fail(err, MMP_BUSY,
				"%s: the connection was lost before the commit",
				store->path);
	if (store->driver->check_place && store->driver->check_place(store, err))
		return -1;
	if (store->is_shared && sql_run(store, err, "NOTIFY mmp", ""))
		return -1;
	if (!sql_run(store, err, "COMMIT", ""))
		return 0;
	return store->is_shared ? mmp_while(err, "it is not known whether it was done")
				: -1;
}

int mmp_store_group_end(struct mmp_store *store, struct mmp_error *err)
{
	bool open = store->open, lost = store->lost;
	struct mmp_error ignored;

	store->grouped = store->open = store->lost = false;
	if (lost)
		*err = store->why;
	else if (!open || !commit(store, err))
		return 0;
	if (open)
		sql_run(store, &ignored, "ROLLBACK", "");
	return -1;
}

static int begin_in_group(struct mmp_store *store, bool saved, struct mmp_error *err)
{
	if (store->lost) {
		*err = store->why;
		return -1;
	}
	if (!store->open && begin_transaction(store, err))
		return lose_group(store, err);
	store->open = true;
	store->saved = saved;
	store->changes = store->driver->changes(store);
	if (!saved)
		return 0;
	return sql_run(store, err, "SAVEPOINT one", "") ? lose_group(store, err) : 0;
}

/* A change that has failed half-way cannot be undone without the rest of its group. */
static int finish_unsaved(struct mmp_store *store, int failed,
			  const struct mmp_error *why)
{
	if (failed && store->driver->changes(store) != store->changes)
		return lose_group(store, why);
	return failed ? -1 : 0;
}

/* A full disk rolls back the whole transaction and not just the savepoint. */
static int finish_in_group(struct mmp_store *store, int failed, struct mmp_error *err)
{
	struct mmp_error why;

	if (store->lost)
		return -1;
	if (!store->driver->in_transaction(store)) {
		if (!failed)
			mmp_fail(err, MMP_SYSTEM, "%s: the transaction has ended early",
				 store->path);
		return lose_group(store, err);
	}
	if (!store->saved)
		return finish_unsaved(store, failed, err);
	if (failed && sql_run(store, &why, "ROLLBACK TO one", ""))
		return lose_group(store, &why);
	if (sql_run(store, &why, "RELEASE one", "")) {
		*err = why;
		return lose_group(store, &why);
	}
	return failed ? -1 : 0;
}

int sql_begin(struct mmp_store *store, struct mmp_error *err)
{
	if (store->grouped)
		return begin_in_group(store, true, err);
	return begin_transaction(store, err);
}

int sql_begin_checked(struct mmp_store *store, struct mmp_error *err)
{
	if (store->grouped)
		return begin_in_group(store, !store->driver->fails_alone, err);
	return begin_transaction(store, err);
}

int sql_finish(struct mmp_store *store, int failed, struct mmp_error *err)
{
	struct mmp_error ignored;

	if (store->grouped)
		return finish_in_group(store, failed, err);
	if (!failed && !commit(store, err))
		return 0;
	sql_run(store, &ignored, "ROLLBACK", "");
	return -1;
}

int sql_history(struct mmp_store *store, const struct mmp_signature *by, const char *kind,
		const char *name, const char *action, const char *about,
		const char *before, const char *after, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO history (time, uid, gid, pid, user, kind, name, action, "
		"about, "
		"before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

	return sql_run(store, err, sql, "tnnnttttttt", by->time, by->uid, by->gid,
		       by->pid, by->user, kind, name, action, about, before, after);
}
