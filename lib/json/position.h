/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_POSITION_H
#define MMP_JSON_POSITION_H

/*
 * Find the position of a value in JSON text. The parser keeps no positions, so this reads
 * the text again, along one path. It lets messages about a document name the line.
 */

#include <stddef.h>

struct mmp_json_position {
	unsigned line, column; /* from 1; columns count characters, not bytes */
};

/*
 * Find the value at `path`: keys and array indexes separated by dots, such as
 * "registrations.3.addr" or "config.layout.unpg_rx"; "" is the whole text. If the value
 * has a key, the position is that of the key. The text must be valid JSON. Returns 0, or
 * -1 if it has no such value.
 */
int mmp_json_position(const char *text, size_t length, const char *path,
		      struct mmp_json_position *ret_position);

#endif
