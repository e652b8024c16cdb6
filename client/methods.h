/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_METHODS_H
#define CLIENT_METHODS_H

#include "command.h"

/*
 * The daemon's methods, from its own tables (daemon/print_methods.c makes the list
 * while mmpctl is built): a command that is one call uses the texts of its method,
 * unless its row has its own.
 */
struct method_param {
	const char *name, *about;
	bool required;
	const char *const *choices; /* all its values, ending with NULL; NULL: any */
};

struct method {
	const char *name, *about;
	const struct method_param *params; /* ends with a row without a name */
};

extern const struct method methods[]; /* ends with a row without a name */

/*
 * The description of a command, and of one of its words; `command` is NULL for globals.
 */
const char *command_about(const struct command *command);
const char *arg_about(const struct command *command, const struct arg *word);

/* The values that a word may have, ending with NULL; NULL if they are not a fixed list. */
const char *const *arg_choices(const struct command *command, const struct arg *word);

/*
 * Check commands against methods: each method exists, a word that is sent is a
 * parameter of it, required parameters are asked for, and everything has a description.
 * MMP_SYSTEM names a mismatch.
 */
int methods_check(struct mmp_error *err);

#endif
