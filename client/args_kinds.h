/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_ARGS_KINDS_H
#define CLIENT_ARGS_KINDS_H

#include "args.h"

/*
 * How a word of each kind becomes JSON. A function converts the text of a word and sets
 * it in `into` under `key`, or adds it to what an earlier word of the kind set there.
 * MMP_BAD_REQUEST if the text is not of that kind; those that read a file also fail as
 * document_bytes() does.
 */
typedef int arg_taker(const char *key, const char *text, json_t *into,
		      struct mmp_error *err);

/* args_values.c */
arg_taker take_text, take_count, take_address, take_subject, take_flag, take_config;
arg_taker take_range, take_placement;

/* args_files.c */
arg_taker take_document, take_platform, take_side, take_path;
arg_taker take_dump_address, take_dump_file;

/* args_lists.c */
arg_taker take_each, take_names, take_flag_or_names, take_amounts, take_waivers;

/* Convert a word by the kind of its row; it goes to `sent` or `local` (arg_is_sent). */
int arg_take(const struct arg *row, const char *text, json_t *sent, json_t *local,
	     struct mmp_error *err);

#endif
