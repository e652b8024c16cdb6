/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_COMPARE_PRIVATE_H
#define MMP_DOC_COMPARE_PRIVATE_H

/* Shared by the files of doc/compare. */

#include "base/buffer.h"
#include "doc/compare.h"

/* --- compare_dump.c: the memory that was read out of the board --- */

struct compare_dumps {
	size_t count;
	struct mmp_dump *all; /* by address */
	uint8_t **bytes;      /* of each; owned */
};

/* Read and check them; compare_dumps_done frees what was read, also after an error. */
int compare_dumps_read(struct compare_dumps *dumps, const json_t *array,
		       struct mmp_error *err);
void compare_dumps_done(struct compare_dumps *dumps);

/* --- compare_words.c: a difference in words --- */

struct compare_writing {
	const struct mmp_layout *layout;
	const struct mmp_format *format;
};

/* The texts of a difference; all zero before compare_say. */
struct compare_words {
	struct mmp_buffer was, is; /* what the two entries mean */
	struct mmp_buffer changes; /* one after the other, each ended by a NUL */
};

/* Fill in the texts; compare_words_done frees them. */
void compare_say(struct compare_words *words, const struct compare_writing *w,
		 const struct mmp_difference *d);
void compare_words_done(struct compare_words *words);

/* The change after this one, the first one for NULL; NULL after the last one. */
const char *compare_change_after(const struct mmp_buffer *changes, const char *change);

/* The whole difference in one line. */
void compare_say_message(struct mmp_buffer *text, const struct compare_writing *w,
			 const struct mmp_difference *d,
			 const struct mmp_buffer *changes);

/* Whether the registration is part of the region. */
bool compare_is_of_region(const struct mmp_plan *plan, const struct mmp_region *r,
			  const struct mmp_registration *one);

#endif
