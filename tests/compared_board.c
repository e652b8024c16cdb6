/* SPDX-License-Identifier: BSD-2-Clause */
#include "compared_board.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "doc/compare.h"
#include "doc/platform.h"
#include "vector.h"

struct board board_of(const char *vector, const char *placement)
{
	struct board board;
	struct mmp_build_request request = { .as_firmware = !!placement };
	struct mmp_platform *platform;
	json_t *json = vector_read(vector), *stop = NULL;
	struct mmp_error err;

	if (!placement) {
		json_t *config = json_object_get(json, "config");
		json_t *dram = json_object_get(config, "trusted_dram");
		const char *base = json_string_value(json_object_get(dram, "base"));

		request.pool_given = true;
		request.pool_pa =
			strtoull(base, NULL, 16) + 0x400000; /* after the core */
		request.pool_size = 0x100000;
	}
	if (mmp_platform_read(json, &platform, &err) ||
	    mmp_build_make(platform, &request, &board.build, &stop, &err))
		fail_msg("%s: %s", vector, err.text);
	json_decref(json);
	board.bytes = malloc(board.build->length);
	memcpy(board.bytes, board.build->bytes, board.build->length);
	return board;
}

void done(struct board *board)
{
	mmp_build_free(board->build);
	free(board->bytes);
}

json_t *range(const struct board *board, size_t from, size_t size)
{
	char *text = mmp_base64_encode(board->bytes + from, size);
	json_t *one = json_pack(
		"{s:o, s:s}", "address",
		json_sprintf("0x%llx",
			     (unsigned long long)(board->build->pool_pa + from)),
		"bytes", text);

	free(text);
	return one;
}

json_t *compare(const struct board *board, json_t *take_dump)
{
	struct mmp_writer builder = MMP_BUILDER;
	struct mmp_error err;

	mmp_writer_begin(&builder, '{');
	if (mmp_compare_members(&builder, board->build, take_dump, &err))
		fail_msg("%s", err.text);
	mmp_writer_end(&builder, '}');
	json_decref(take_dump);
	return mmp_writer_done(&builder);
}

json_t *compare_all(const struct board *board)
{
	return compare(board, json_pack("[o]", range(board, 0, board->build->length)));
}

json_int_t number(const json_t *answer, const char *key)
{
	return json_integer_value(json_object_get(answer, key));
}

const json_t *difference(const json_t *answer, size_t n)
{
	return json_array_get(json_object_get(answer, "differences"), n);
}

bool has(const json_t *list, const char *text)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)list, i, one)
		if (strstr(json_string_value(one), text))
			return true;
	return false;
}

uint64_t *entry_of(const struct board *board, uint64_t va)
{
	struct mmp_memory memory = mmp_layout_memory(&board->build->layout);
	struct mmp_walker walker = mmp_layout_walker(&board->build->layout, &memory, 0);
	struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ va });
	const struct mmp_walk_step *last = &walk.steps[walk.count - 1];

	return (uint64_t *)(void *)(board->bytes +
				    (last->table_pa - board->build->pool_pa)) +
	       last->index;
}

const struct mmp_region *region_of(const struct board *board, const char *label)
{
	const struct mmp_plan *plan = &board->build->layout.plan;

	for (size_t n = 0; n < plan->count; n++)
		if (!strcmp(mmp_memtype_label(plan->platform->rules,
					      plan->regions[n].type),
			    label))
			return &plan->regions[n];
	fail_msg("there is no %s", label);
	return NULL;
}
