/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/quality.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct quality *look_up(const struct quality_table *table, const char *board)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->rows[i].board, board))
			return &table->rows[i];
	return NULL;
}

static struct quality *find_quality(struct quality_table *table, const char *board)
{
	struct quality *rows = look_up(table, board);

	if (rows)
		return rows;
	if (table->count == QUALITY_BOARDS_MAX)
		return NULL;
	rows = realloc(table->rows, (table->count + 1) * sizeof(*rows));
	if (!rows)
		return NULL;
	table->rows = rows;
	rows[table->count] = (struct quality){ 0 };
	snprintf(rows[table->count].board, sizeof(rows->board), "%s", board);
	return &rows[table->count++];
}

void quality_add(struct quality_table *table, const char *board,
		 const struct mmp_session_report *report, bool failed)
{
	struct quality *row = find_quality(table, board);

	if (!row)
		return;
	row->sessions++;
	row->failed += failed;
	row->frames_sent += report->frames_sent;
	row->frames_received += report->frames_received;
	row->frames_resent += report->frames_resent;
	row->frames_broken += report->frames_broken;
	row->frames_foreign += report->answers_foreign;
	if (report->greeted && report->pages) /* a hello alone shows little */
		row->body_limit = report->body_limit;
	if (report->round_trip_ms)
		row->round_trip_ms = report->round_trip_ms;
}

size_t quality_body_limit(const struct quality_table *table, const char *board)
{
	const struct quality *row = look_up(table, board);

	return row ? row->body_limit : 0;
}

void quality_done(struct quality_table *table)
{
	free(table->rows);
	*table = (struct quality_table){ 0 };
}
