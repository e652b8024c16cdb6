/* SPDX-License-Identifier: BSD-2-Clause */
#include "methods/listing.h"

#include <stdlib.h>

#include "base/limits.h"
#include "memory.h"
#include "work/dispose.h"
#include "work/errand.h"

/* Making JSON of one row takes about 30 us, and 1 to 4 KiB. */
enum { LISTING_ROWS = MMP_ROWS_AT_ONCE / 5, LISTING_ROW_BYTES = 2048 };

void listing_at(struct listing *listing, const char *name)
{
	free((char *)listing->after_name);
	listing->after_name = xstrdup(name);
}

/* The client has left before all rows were there: they are freed in a thread. */
static void free_listing(void *data)
{
	struct listing *listing = data;

	free((char *)listing->of);
	free((char *)listing->after_name);
	dispose_value(listing->service, listing->rows);
	free(listing);
}

/*
 * Give up our reference to the rows here, so that they are freed in the thread that
 * prints them.
 */
static int end_listing(struct listing *listing, json_t **ret_result,
		       struct mmp_error *err)
{
	int failed = 0;

	if (listing->end)
		failed = listing->end(listing, ret_result, err);
	else
		*ret_result = json_pack("{s:O}", listing->key, listing->rows);
	json_decref(listing->rows);
	listing->rows = NULL;
	return failed;
}

static int part_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct listing *listing = data;
	uint64_t most = listing->at_once ? listing->at_once : LISTING_ROWS,
		 left = listing->limit ? listing->limit - json_array_size(listing->rows)
				       : most;
	struct mmp_page page = { .limit = left < most ? left : most,
				 .after = listing->after };
	size_t before = json_array_size(listing->rows), now;

	if (listing->read(call->service, listing, &page, err))
		return -1;
	now = json_array_size(listing->rows);
	if (now - before < page.limit || now == listing->limit)
		return end_listing(listing, ret_result, err);
	call_charge(call, now * LISTING_ROW_BYTES);
	call_then(call, IN_STORE, part_step);
	call_weigh(call, STEP_GOES_ON);
	return MMP_LATER;
}

int listing_begin(struct mmp_call *call, const struct listing *what, json_t **ret_result,
		  struct mmp_error *err)
{
	struct listing *listing = xcalloc(1, sizeof(*listing));

	*listing = *what;
	listing->of = xstrdup(what->of);
	listing->after_name = xstrdup(what->after_name);
	listing->is_page = what->after || what->after_name;
	listing->service = call->service;
	listing->rows = json_array();
	call_keep(call, listing, free_listing);
	return part_step(call, listing, ret_result, err);
}
