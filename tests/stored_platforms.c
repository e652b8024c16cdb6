/* SPDX-License-Identifier: BSD-2-Clause */
#include "stored_platforms.h"

#include "check.h"

#include <inttypes.h>
#include <string.h>

#include "database.h"

const struct mmp_signature eva = { 1000, 1000, 7, "eva", "2026-01-01T00:00:00.000Z" };
const struct mmp_signature ion = { 1001, 1001, 8, "ion", "2026-01-02T00:00:00.000Z" };

const struct mmp_page all;
struct mmp_store *store;
struct mmp_error err;

int set_up(void **state)
{
	(void)state;
	err = (struct mmp_error){ 0 };
	return mmp_store_open(test_database(":memory:"), &store, &err);
}

int tear_down(void **state)
{
	(void)state;
	mmp_store_close(store);
	return 0;
}

#define REGION(section_, type_, name_, origin_, addr_, size_)                            \
	{                                                                                \
		.section = section_, .type = type_, .name = name_, .origin = origin_,    \
		.addr = addr_, .size = size_                                             \
	}

const struct mmp_region_row regions[4] = {
	REGION("phys_mem_map", "MEM_AREA_IO_SEC", "UART", "platform", 0x9000000, 0x1000),
	REGION("phys_mem_map", "MEM_AREA_IO_NSEC", "", "platform", 0, 0),
	REGION("nsec_ddr", "MEM_AREA_DDR_OVERALL", "top", "board.c", 0xfffffffffffff000,
	       0x1000),
	REGION("phys_mem_map", "MEM_AREA_IO_SEC", "UART", "platform", 0x8000000000000000,
	       UINT64_MAX),
};

uint64_t put(const char *name, size_t count, uint64_t if_revision,
	     const struct mmp_signature *by)
{
	struct mmp_platform_row row = { .name = name,
					.rules = "optee-4.10",
					.config = "{\"nb_core\":4}",
					.regions_count = count,
					.regions = regions };
	uint64_t revision = 0;

	return mmp_store_platform_put(store, &row, if_revision, by, &revision, &err)
		       ? 0
		       : revision;
}

int see_platform(void *data, const struct mmp_platform_row *row,
		 struct mmp_error *ret_err)
{
	struct seen *seen = data;

	(void)ret_err;
	seen->revision = row->revision;
	mmp_buffer_printf(&seen->text, "%s@%" PRIu64 " %s %s %zu %s %s;", row->name,
			  row->revision, row->rules, row->config ? row->config : "-",
			  row->regions_count, row->user, row->time);
	return 0;
}

int see_region(void *data, const struct mmp_region_row *row, struct mmp_error *ret_err)
{
	struct seen *seen = data;

	(void)ret_err;
	mmp_buffer_printf(&seen->text, "%s %s '%s' %" PRIx64 "+%" PRIx64 " %s;",
			  row->section, row->type, row->name, row->addr, row->size,
			  row->origin);
	return 0;
}

void has_regions(const char *name, uint64_t revision, const char *wanted)
{
	struct seen seen = { 0 };

	mmp_buffer_text(&seen.text, "");
	assert_int_equal(mmp_store_platform_regions(store, name, revision, see_region,
						    &seen, &err),
			 0);
	assert_string_equal(seen.text.bytes, wanted);
	mmp_buffer_done(&seen.text);
}

static int see_first(void *data, const struct mmp_platform_row *row,
		     struct mmp_error *ret_err)
{
	(void)ret_err;
	*(struct mmp_region_cursor *)data = row->first;
	return 0;
}

struct mmp_region_cursor first_of(const char *name, uint64_t revision)
{
	struct mmp_region_cursor first;

	if (mmp_store_platform_get(store, name, revision, see_first, &first, &err))
		fail_msg("%s", err.text);
	return first;
}

size_t has_regions_in_parts(const char *name, uint64_t revision, uint64_t most,
			    const char *wanted)
{
	struct mmp_region_cursor cursor = first_of(name, revision);
	struct seen seen = { 0 };
	size_t parts = 0;
	int more;

	mmp_buffer_text(&seen.text, "");
	do {
		more = mmp_store_regions_some(store, &cursor, most, see_region, &seen,
					      &err);
		parts++;
	} while (more > 0);
	assert_int_equal(more, 0);
	assert_string_equal(seen.text.bytes, wanted);
	mmp_buffer_done(&seen.text);
	return parts;
}

void is_at(const char *name, uint64_t revision, const char *wanted)
{
	struct seen seen = { 0 };

	if (mmp_store_platform_get(store, name, revision, see_platform, &seen, &err))
		fail_msg("%s", err.text);
	assert_string_equal(seen.text.bytes, wanted);
	mmp_buffer_done(&seen.text);
}

void is_missing(const char *name, uint64_t revision, const char *words)
{
	struct seen seen = { 0 };

	assert_int_equal(
		mmp_store_platform_get(store, name, revision, see_platform, &seen, &err),
		-1);
	assert_int_equal(err.code, MMP_NOT_FOUND);
	assert_non_null(strstr(err.text, words));
}

uint64_t registers(uint64_t if_revision, struct mmp_platform_tip *tip)
{
	uint64_t revision, ordinal = 0;

	if (mmp_store_region_add(store, "virt", &regions[2], if_revision, &ion, tip,
				 &revision, &ordinal, &err))
		fail_msg("%s", err.text);
	return ordinal;
}
