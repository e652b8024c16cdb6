/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORED_PLATFORMS_H
#define STORED_PLATFORMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "store/store.h"

/*
 * For the tests of platforms in the database: an empty store for each test, on SQLite or
 * on the server of test_postgres.sh, and platforms of up to four regions.
 */
extern const struct mmp_signature eva, ion;
extern const struct mmp_page all;
extern struct mmp_store *store;
extern struct mmp_error err; /* of the last call that failed */

int set_up(void **state);
int tear_down(void **state);

extern const struct mmp_region_row regions[4];

/* As has_regions prints the first two, the third and the last two of `regions`. */
#define FIRST                                                                            \
	"phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 platform;"                     \
	"phys_mem_map MEM_AREA_IO_NSEC '' 0+0 platform;"
#define THIRD "nsec_ddr MEM_AREA_DDR_OVERALL 'top' fffffffffffff000+1000 board.c;"
#define LAST                                                                             \
	THIRD "phys_mem_map MEM_AREA_IO_SEC 'UART' "                                     \
	      "8000000000000000+ffffffffffffffff platform;"

/* Put a platform with the first `count` regions. Its revision; 0: it failed, see err. */
uint64_t put(const char *name, size_t count, uint64_t if_revision,
	     const struct mmp_signature *by);

/* Register regions[2], which is FIRST's successor; the ordinal it gets. */
uint64_t registers(uint64_t if_revision, struct mmp_platform_tip *tip);

/* What was seen of rows, one after the other; the caller frees the text. */
struct seen {
	struct mmp_buffer text;
	uint64_t revision; /* of the last platform */
};

int see_platform(void *data, const struct mmp_platform_row *row,
		 struct mmp_error *ret_err);
int see_region(void *data, const struct mmp_region_row *row, struct mmp_error *ret_err);

/* The revision has these regions. */
void has_regions(const char *name, uint64_t revision, const char *wanted);

/* The same, read `most` stored regions at a time; how many times that took. */
size_t has_regions_in_parts(const char *name, uint64_t revision, uint64_t most,
			    const char *wanted);

/* Where the regions of the revision begin. */
struct mmp_region_cursor first_of(const char *name, uint64_t revision);

/* The revision is as see_platform prints it; 0 is the newest. */
void is_at(const char *name, uint64_t revision, const char *wanted);

/* There is no such revision, and the error says so in these words. */
void is_missing(const char *name, uint64_t revision, const char *words);

#endif
