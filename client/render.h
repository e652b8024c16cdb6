/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_RENDER_H
#define CLIENT_RENDER_H

#include "command.h"

/*
 * The way to the person, or to the script: commands know neither. Functions return 0,
 * or -1 with *err where the answer could not be said.
 */
struct render {
	int (*answer)(const struct command *command, const json_t *value,
		      const json_t *local, struct mmp_error *err);
	void (*failure)(const json_t *failure);
};

extern const struct render render_text; /* tables; failures to stderr */
extern const struct render render_json; /* one JSON value on stdout, failures too */

#endif
