/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_BUDGET_PRIVATE_H
#define MMP_DOC_BUDGET_PRIVATE_H

#include "doc/budget.h"

/*
 * A budget as JSON:
 *
 *	budget.c              all of it: regions, the map, what is needed at run time
 *	budget_tables.c       the tables, and why each of them is there
 *	budget_suggestions.c  what would save tables or map entries
 */

/* Write the buffer's text and empty the buffer. */
void budget_take_text(struct mmp_writer *w, const char *key, struct mmp_buffer *text);

/* The key that sets the limit on tables, or the resource that is limited. */
const char *budget_limited_by(const struct mmp_known_keys *known,
			      const struct mmp_table_shape *shape);

/* Append what a table is: its level and addresses, and why it was made. */
void budget_say_table(struct mmp_buffer *text, const struct mmp_budget *b, uint32_t n);

/* How many tables there are, are needed and are spare, and what limits them. */
void budget_write_counts(struct mmp_writer *w, const struct mmp_budget *b);

/* Each table with the reason why it was made. */
void budget_write_made(struct mmp_writer *w, const struct mmp_budget *b);

/* Each suggestion with what it saves. */
void budget_write_suggestions(struct mmp_writer *w, const struct mmp_budget *b);

#endif
