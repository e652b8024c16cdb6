/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_ARGS_H
#define CLIENT_ARGS_H

#include "command.h"

/*
 * What follows a command's name, checked against its rows: *ret_params is what
 * the daemon gets, *ret_local what the client keeps for itself. Both new references.
 * Wrong usage is MMP_BAD_REQUEST and says what would be right.
 */
int args_parse(const struct command *command, int count, char **words,
	       json_t **ret_params, json_t **ret_local, struct mmp_error *err);

/* Whether the daemon gets it, and not the client itself. */
bool arg_is_sent(const struct arg *row);

/* Is it "--something" (or "-h"), and neither a lone "-" nor a number below zero? */
bool arg_is_option(const char *word);

/*
 * The row that the option is of, or NULL. *ret_value: what follows its "=", or
 * NULL if there is none.
 */
const struct arg *arg_find_option(const struct arg *rows, const char *option,
				  const char **ret_value);

/* Does the option want a value after it? */
bool arg_takes_value(const struct arg *row);

/* Is it, or may it be, the name of a file? */
bool arg_is_file(const struct arg *row);

/* May it be given more than once? */
bool arg_repeats(const struct arg *row);

/* Fail with MMP_BAD_REQUEST: the option was given a value, and takes none. */
int arg_no_value(const struct arg *row, struct mmp_error *err);

/* Fail with MMP_BAD_REQUEST, naming the row of `rows`, or the global, that is nearest to `option`. */
int arg_unknown_option(const struct arg *rows, const char *option, struct mmp_error *err);

/* args_lists.c: how words that are lists become JSON. */
int take_each(const char *key, const char *text, json_t *into, struct mmp_error *err);
int take_flag_or_names(const char *key, const char *text, json_t *into,
		       struct mmp_error *err);
int take_names(const char *key, const char *text, json_t *into, struct mmp_error *err);
int take_amounts(const char *key, const char *text, json_t *into, struct mmp_error *err);
int take_waivers(const char *key, const char *text, json_t *into, struct mmp_error *err);

#endif
