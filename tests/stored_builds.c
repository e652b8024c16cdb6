/* SPDX-License-Identifier: BSD-2-Clause */
#include "stored_builds.h"

#include "check.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "database.h"
#include "store_file.h"

const struct mmp_signature eva = { 1000, 1000, 7, "eva", "2026-01-01T00:00:00.000Z" };
const struct mmp_signature ion = { 1001, 1001, 8, "ion", "2026-01-02T00:00:00.000Z" };

char id_a[65], id_b[65], id_c[65];
struct mmp_store *store;
struct mmp_error err;

static void fill_id(char id[65], const char *start)
{
	memset(id, '0', 64);
	id[64] = '\0';
	memcpy(id, start, strlen(start));
}

int set_up(void **state)
{
	err = (struct mmp_error){ 0 };
	fill_id(id_a, "aaaaaaaa1");
	fill_id(id_b, "aaaaaaaa2");
	fill_id(id_c, "cccc");
	make_folder(state);
	return mmp_store_open(test_database(path), &store, &err);
}

int tear_down(void **state)
{
	mmp_store_close(store);
	return remove_folder(state);
}

bool put(const char *id, const char *platform, uint64_t revision,
	 const struct mmp_signature *by)
{
	struct mmp_build_row row = { .id = id,
				     .manifest = "{}",
				     .bytes = "\0tables",
				     .bytes_size = 7,
				     .platform = platform,
				     .revision = revision };
	bool is_new;

	if (mmp_store_build_put(store, &row, by, &is_new, &err))
		fail_msg("%s", err.text);
	return is_new;
}

int see_build(void *data, const struct mmp_build_row *row, struct mmp_error *ret_err)
{
	struct mmp_buffer *text = data;

	(void)ret_err;
	if (row->bytes)
		assert_memory_equal(row->bytes, "\0tables", 7);
	mmp_buffer_printf(text, "%.9s %s %zu %s@%" PRIu64 " %s;", row->id,
			  row->manifest ? row->manifest : "-", row->bytes_size,
			  row->platform, row->revision, row->user);
	return 0;
}

void fails(int outcome, enum mmp_code code, const char *words)
{
	assert_int_equal(outcome, -1);
	assert_string_equal(mmp_code_info(err.code)->name, mmp_code_info(code)->name);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, err.text);
}
