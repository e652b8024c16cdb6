/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/rows.h"

#include <string.h>

#include "base/stop.h"

enum { LOOK_EVERY = 1024 }; /* rows, after which a worker looks whether it is to stop */

static int add_text(struct rows *rows, const char *text)
{
	return mmp_buffer_add(&rows->texts, text, strlen(text) + 1);
}

int rows_add(void *data, const struct mmp_region_row *row, struct mmp_error *err)
{
	struct rows *rows = data;

	if (mmp_buffer_add(&rows->list, row, sizeof(*row)) ||
	    add_text(rows, row->section) || add_text(rows, row->type) ||
	    add_text(rows, row->name) || add_text(rows, row->origin))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	return 0;
}

size_t rows_count(const struct rows *rows)
{
	return rows->list.length / sizeof(struct mmp_region_row);
}

size_t rows_bytes(const struct rows *rows)
{
	return rows->list.capacity + rows->texts.capacity;
}

static const char *next_text(const char **at)
{
	const char *text = *at;

	*at += strlen(text) + 1;
	return text;
}

int rows_each(const struct rows *rows, mmp_each_region *each, void *data,
	      struct mmp_error *err)
{
	const char *text = rows->texts.bytes;
	struct mmp_region_row row;

	for (size_t i = 0; i < rows_count(rows); i++) {
		memcpy(&row, rows->list.bytes + i * sizeof(row), sizeof(row));
		row.section = next_text(&text);
		row.type = next_text(&text);
		row.name = next_text(&text);
		row.origin = next_text(&text);
		if ((i % LOOK_EVERY == 0 && mmp_stop_check(err)) || each(data, &row, err))
			return -1;
	}
	return 0;
}

void rows_done(struct rows *rows)
{
	mmp_buffer_done(&rows->list);
	mmp_buffer_done(&rows->texts);
}
