/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LISTING_H
#define LISTING_H

#include "rpc/dispatch.h"
#include "service.h"

/*
 * A list of rows of the database, read a part at a time in the database's thread: others
 * get their turn in between. New rows are added at the end of the order, or are not
 * listed at all, so no row is listed twice.
 */
struct listing {
	/*
	 * Read at most page->limit rows, beginning after the last one. For each, add it
	 * to `rows`, and record its number in `after` or its name with listing_at.
	 */
	int (*read)(struct service *service, struct listing *listing,
		    const struct mmp_page *page, struct mmp_error *err);
	/*
	 * Make the answer from `rows`. NULL: the answer is an object that has them under
	 * `key`.
	 */
	int (*end)(const struct listing *listing, json_t **ret_result,
		   struct mmp_error *err);
	const char *key;
	uint64_t limit; /* how many at the most; 0: all */
	uint64_t after; /* the number of the last row; 0: none */
	const char *of; /* the name of what the rows belong to; copied; NULL: nothing */
	const char *after_name; /* the name of the last row; copied; NULL: none */
	uint64_t at_once;       /* rows of a part; 0: as many as take some ms */
	bool is_page;           /* a page that does not begin with the first row */
	/* Set by listing_begin. */
	struct service *service;
	json_t *rows;
};

/* Answer the call with a list. In the database's thread. */
int listing_begin(struct mmp_call *call, const struct listing *what, json_t **ret_result,
		  struct mmp_error *err);

/* Record that the last row that was read has that name. */
void listing_at(struct listing *listing, const char *name);

#endif
