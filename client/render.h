/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_RENDER_H
#define CLIENT_RENDER_H

#include "command.h"

/*
 * Output for people, or for scripts; commands do not know which. Functions return 0, or
 * -1 with *err if the answer could not be written.
 */
struct render {
	int (*answer)(const struct command *command, const json_t *value,
		      const json_t *local, struct mmp_error *err);
	void (*failure)(const json_t *failure);
};

extern const struct render render_text; /* tables; failures to stderr */
extern const struct render render_json; /* one JSON value on stdout, for failures too */

#endif
