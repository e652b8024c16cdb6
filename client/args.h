/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_ARGS_H
#define CLIENT_ARGS_H

#include "command.h"

/*
 * Parse the words after a command's name according to its rows: *ret_params is sent to
 * the daemon, *ret_local stays in the client. Both are new references. Wrong usage is
 * MMP_BAD_REQUEST and says what would be right.
 */
int args_parse(const struct command *command, int count, char **words,
	       json_t **ret_params, json_t **ret_local, struct mmp_error *err);

/* Whether it is sent to the daemon instead of being used by the client. */
bool arg_is_sent(const struct arg *row);

/* Whether it is "--something" or "-h", and not a lone "-" or a negative number. */
bool arg_is_option(const char *word);

/*
 * The row of the option, or NULL. *ret_value: the text after its "=", or NULL if there
 * is none.
 */
const struct arg *arg_find_option(const struct arg *rows, const char *option,
				  const char **ret_value);

/* Whether the option takes a value. */
bool arg_takes_value(const struct arg *row);

/* Whether it is, or may be, the name of a file. */
bool arg_is_file(const struct arg *row);

/* Whether it may be given more than once. */
bool arg_repeats(const struct arg *row);

/* Fail with MMP_BAD_REQUEST: the option takes no value, but one was given. */
int arg_no_value(const struct arg *row, struct mmp_error *err);

/*
 * Fail with MMP_BAD_REQUEST, suggesting the row of `rows`, or the global, that is
 * nearest to `option`.
 */
int arg_unknown_option(const struct arg *rows, const char *option, struct mmp_error *err);

#endif
