/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "render.h"

static void print_line(const json_t *value)
{
	json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
	putchar('\n');
}

static int print_answer(const struct command *command, const json_t *value,
			const json_t *local, struct mmp_error *err)
{
	(void)command, (void)local, (void)err;
	print_line(value);
	return 0;
}

static void failure(const json_t *failure)
{
	json_t *wrapped = json_pack("{s:O}", "error", (json_t *)failure);

	print_line(wrapped);
	json_decref(wrapped);
}

const struct render render_json = { print_answer, failure };
