/* SPDX-License-Identifier: BSD-2-Clause */
#include "args_kinds.h"

enum trait {
	LOCAL = 1 << 0,     /* stays in the client */
	REPEATS = 1 << 1,   /* may be given more than once */
	FILE_NAME = 1 << 2, /* is, or may be, the name of a file */
	ALONE = 1 << 3,     /* an option without a value */
};

/* clang-format off */
static const struct word_row {
	arg_taker *take;
	unsigned traits;
} rows[WORD_KIND_COUNT] = {
	[WORD_TEXT]           = { take_text, 0 },
	[WORD_COUNT]          = { take_count, 0 },
	[WORD_ADDRESS]        = { take_address, 0 },
	[WORD_SUBJECT]        = { take_subject, 0 },
	[WORD_FLAG]           = { take_flag, ALONE },
	[WORD_FLAG_OR_NAMES]  = { take_flag_or_names, REPEATS },
	[WORD_CONFIG]         = { take_config, REPEATS },
	[WORD_RANGE]          = { take_range, 0 },
	[WORD_PLACEMENT]      = { take_placement, 0 },
	[WORD_DUMP_ADDRESS]   = { take_dump_address, REPEATS },
	[WORD_DUMP_FILE]      = { take_dump_file, REPEATS | FILE_NAME },
	[WORD_DOCUMENT]       = { take_document, FILE_NAME },
	[WORD_PLATFORM]       = { take_platform, FILE_NAME },
	[WORD_SIDE]           = { take_side, FILE_NAME },
	[WORD_PATH]           = { take_path, FILE_NAME },
	[WORD_LOCAL]          = { take_text, LOCAL },
	[WORD_SWITCH]         = { take_flag, LOCAL | ALONE },
	[WORD_EACH]           = { take_each, LOCAL | REPEATS | FILE_NAME },
	[WORD_REPORT]         = { take_each, LOCAL | REPEATS },
	[WORD_NAMES]          = { take_names, REPEATS },
	[WORD_AMOUNTS]        = { take_amounts, 0 },
	[WORD_WAIVERS]        = { take_waivers, REPEATS | FILE_NAME },
};
/* clang-format on */

bool arg_is_sent(const struct arg *row)
{
	return !(rows[row->kind].traits & LOCAL);
}

bool arg_repeats(const struct arg *row)
{
	return rows[row->kind].traits & REPEATS;
}

bool arg_is_file(const struct arg *row)
{
	return rows[row->kind].traits & FILE_NAME;
}

bool arg_takes_value(const struct arg *row)
{
	return !(rows[row->kind].traits & ALONE);
}

int arg_take(const struct arg *row, const char *text, json_t *sent, json_t *local,
	     struct mmp_error *err)
{
	return rows[row->kind].take(row->key, text, arg_is_sent(row) ? sent : local, err);
}
