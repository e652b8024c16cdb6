/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LISTING_H
#define LISTING_H

#include "rpc/dispatch.h"
#include "service.h"

/*
 * A list of rows of the database, read a part at a time in the database's thread: others
 * get their turn in between. The rows are in an order in which later ones come at the end
 * or not at all, so that no row appears twice.
 */
struct listing {
	/*
	 * Read a part of at most page->limit rows after the last one: add each to `rows`
	 * and note in `after`, or with listing_at in `after_name`, where it is.
	 */
	int (*read)(struct service *service, struct listing *listing,
		    const struct mmp_page *page, struct mmp_error *err);
	/* Make the answer of `rows`. NULL: an object with them under `key`. */
	int (*end)(const struct listing *listing, json_t **ret_result,
		   struct mmp_error *err);
	const char *key;
	uint64_t limit;         /* how many at the most; 0: all */
	uint64_t after;         /* the number of the last row; 0: none */
	const char *of;         /* what it is a list of; copied; NULL: nothing */
	const char *after_name; /* the name of the last row; copied; NULL: none */
	uint64_t at_once;       /* rows of a part; 0: as many as take some ms */
	bool is_page;           /* it does not begin with the first row */
	/* Set by listing_begin. */
	struct service *service;
	json_t *rows;
};

/* Answer the call with a list. In the database's thread. */
int listing_begin(struct mmp_call *call, const struct listing *what, json_t **ret_result,
		  struct mmp_error *err);

/* The last row that was read has that name. */
void listing_at(struct listing *listing, const char *name);

#endif
