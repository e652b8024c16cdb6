/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PARSING_H
#define PARSING_H

#include "service.h"

/*
 * Parses a long line in a thread, and has its user charged for it.
 *
 * MMP_JSON_FACTOR bytes for each of the line are charged before it waits for a thread, and
 * what its values take beyond that before they take it. So all long lines of a user together
 * stay within the limit, however many are parsed at once: one that does not fit is refused
 * (MMP_BUSY), at once or when it turns out.
 */
struct parsing;

/*
 * What its text takes, for each byte, while it is parsed: a copy, and the text with markers
 * that a line which is not quite JSON is read as (rpc/requests.c), up to twice as long, in a
 * buffer that doubles.
 */
enum { PARSING_TEXTS_FACTOR = 7 };

/* `take_line` gives back what was charged when its memory is freed. */
typedef void parsing_done(void *data, struct mmp_parsed *take_line,
			  const struct mmp_error *why);

/*
 * Begin; `done` is called in the loop, with NULL if the line is not JSON or does not fit.
 * NULL with *err: a line of that length does not fit.
 */
struct parsing *parsing_begin(struct service *service, uid_t uid, const char *text,
			      size_t length, parsing_done *done, void *data,
			      struct mmp_error *err);

/* Cancel: `done` is not called any more. */
void parsing_forget(struct parsing *parsing);

/*
 * Charge a user for a parsed line whose text has so many bytes, as above, until its memory
 * is freed; `charged` of it is charged already.
 */
void parsing_charge(struct service *service, uid_t uid, struct mmp_parsed *line,
		    size_t length, size_t charged);

#endif
