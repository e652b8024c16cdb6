/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORED_JOBS_H
#define STORED_JOBS_H

#include <stdint.h>

#include "base/limits.h"
#include "store/store.h"

/*
 * For the tests of jobs in the database: a board "desk" and a build for each test. On
 * SQLite there is one host, without a name; on a server there are two, "one" and "two".
 */
#define BUILD   "aaaaaaaa1"
#define NOW     "2026-11-29T10:00:00.000Z"
#define LATER   "2026-11-29T10:00:00.001Z" /* by the smallest step */
#define DEAD_MS (MMP_HOST_DEAD_SECONDS * UINT64_C(1000))

extern const struct mmp_signature eva;
extern struct mmp_store *store,
	*other;              /* `other`: on a server; NULL: there is only one */
extern struct mmp_error err; /* of the last call that failed */

int set_up(void **state);
int tear_down(void **state);

/* Fail the test with the words of `err` if the call has failed. */
void check(int failed);

/* The name of the host of `store`. */
const char *own(void);

/* The id of a new job, of a push or of another kind; 0: it failed, see `err`. */
uint64_t new_job(struct mmp_store *by, const char *host, enum mmp_job_state state,
		 const char *board);
uint64_t new_of(const char *kind, struct mmp_store *by, const char *host,
		enum mmp_job_state state, const char *board);

struct seen {
	enum mmp_job_state state;
	uint64_t attempt, done, total;
	bool is_cancelled;
	char step[32];
};
int see(void *data, const struct mmp_job_row *row, struct mmp_error *ret_err);

/* The job as it is in the database. */
struct seen job(uint64_t id);

/* The job is done. */
void end(uint64_t id);

/* A heartbeat of a host at this time; how many jobs of dead hosts it has interrupted. */
uint64_t beat(struct mmp_store *by, uint64_t now_ms);

#endif
