/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_METHODS_H
#define CLIENT_METHODS_H

#include "command.h"

/*
 * The daemon's methods, from its own tables (daemon/print_methods.c makes the list while
 * mmpctl is built): a command that is one call has the words of its method, unless its
 * row has others.
 */
struct method_param {
	const char *name, *about;
	bool required;
};

struct method {
	const char *name, *about;
	const struct method_param *params; /* ends with a row without a name */
};

extern const struct method methods[]; /* ends with a row without a name */

/* What a command is for, and what a word of it says; `command` is NULL for globals. */
const char *command_about(const struct command *command);
const char *arg_about(const struct command *command, const struct arg *word);

/*
 * Whether commands and methods fit: each method is there, a word that is sent is a
 * parameter of it, what is required is asked for, and everything says what it is for.
 * MMP_SYSTEM names what does not fit.
 */
int methods_check(struct mmp_error *err);

#endif
