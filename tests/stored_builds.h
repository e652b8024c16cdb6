/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORED_BUILDS_H
#define STORED_BUILDS_H

#include <stdint.h>

#include "store/store.h"

/*
 * For the tests of builds in the database: an empty store for each test, in the file of
 * store_file.h or on the server of test_postgres.sh, and three small builds.
 */
extern const struct mmp_signature eva, ion;
extern char id_a[65], id_b[65], id_c[65]; /* the first two share eight digits */
extern struct mmp_store *store;
extern struct mmp_error err; /* of the last call that failed */

int set_up(void **state);
int tear_down(void **state);

/* Put a small build; whether it is new. */
bool put(const char *id, const char *platform, uint64_t revision,
	 const struct mmp_signature *by);

/* Append a build to the struct mmp_buffer `data`. */
int see_build(void *data, const struct mmp_build_row *row, struct mmp_error *ret_err);

/* The call failed with this code, and these words are in its error. */
void fails(int outcome, enum mmp_code code, const char *words);

#endif
