/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_POSITION_H
#define MMP_JSON_POSITION_H

/*
 * Where in a JSON text a value is. The parser does not keep positions, so this reads the
 * text again, along one path: who says what is wrong in a document can say in which line.
 */

#include <stddef.h>

struct mmp_json_position {
	unsigned line, column; /* from 1; columns count characters, not bytes */
};

/*
 * The value at `path`: keys and array indexes with dots between them, such as
 * "registrations.3.addr" or "config.layout.unpg_rx"; "" is the whole text. The position
 * is that of the value's key where it has one. Returns 0, or -1 if the text, which was
 * parsed before, has no such value.
 */
int mmp_json_position(const char *text, size_t length, const char *path,
		      struct mmp_json_position *ret_position);

#endif
