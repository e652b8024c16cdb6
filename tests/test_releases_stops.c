/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "release_pages.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"
#include "rules/optee/stops.h"

/* The stops of all releases, and the functions that they are in. */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_stop(const struct mmp_stop_info *a, const struct mmp_stop_info *b)
{
	return a->kind == b->kind && same_text(a->id, b->id) &&
	       same_text(a->message, b->message) && same_text(a->func, b->func) &&
	       same_text(a->file, b->file);
}

/* A line for each run of releases in which a stop says the same. */
static void stops_stand_as_on_the_page(void **state)
{
	struct mmp_buffer page = MMP_BUFFER_EMPTY;

	(void)state;
	mmp_buffer_printf(&page, "| id | releases | message | function | file |\n"
				 "|---|---|---|---|---|\n");
	for (unsigned stop = 0; stop < OPTEE_STOP_COUNT; stop++) {
		unsigned last;

		for (unsigned v = 0; v < OPTEE_VERSION_COUNT; v = last + 1) {
			const struct mmp_stop_info *info = &optee_stops[v][stop];

			for (last = v; last + 1 < OPTEE_VERSION_COUNT &&
				       same_stop(info, &optee_stops[last + 1][stop]);
			     last++)
				;
			if (!info->id)
				continue;
			mmp_buffer_printf(&page, "| %s | %s%s%s | %s%s%s | %s | %s |\n",
					  info->id, release_name(v), last > v ? "-" : "",
					  last > v ? release_name(last) : "",
					  info->kind == MMP_STOP_ASSERT ? "`" : "\"",
					  info->message,
					  info->kind == MMP_STOP_ASSERT ? "`" : "\"",
					  info->func, info->file);
		}
	}
	compare_page("optee-stops.md", &page);
}

/* Where a message lives, as section 11 of the reference has it, from 3.4 on. */
static const char *const functions[][2] = {
	/* clang-format off */
	{ "secure-nsec-overlap", "core_init_mmu_map 3.4-3.7; check_sec_nsec_mem_config 3.8 on" },
	{ "address-zero", "init_mem_map 3.4-3.7; collect_mem_ranges 3.8 on" },
	{ "tee-ram-outside-secure", "core_init_mmu_map 3.4-3.7; check_mem_map 3.8 on" },
	{ "nsec-shm-outside-window", "core_init_mmu_map 3.4-3.7; check_mem_map 3.8 on" },
	{ "unhandled-type", "check_mem_map 3.22 on" }, /* before, every type is known there */
	{ "sdp-overlap", "verify_special_mem_areas 3.12 on" },
	{ "special-overlap", "verify_special_mem_areas 3.4-3.11" },
	{ "sdp-over-ddr", "check_sdp_intersection_with_nsec_ddr 3.4-3.11" },
	{ "map-full", "add_phys_mem 3.4-4.3; grow_mem_map 4.4" },
	{ "map-full-va-space", "add_va_space 3.4-4.3; grow_mem_map 4.4" },
	{ "map-full-pager", "add_pager_vaspace 3.4-4.3; grow_mem_map 4.4" },
	{ "map-full-identity", "mem_map_add_id_map 3.8-4.3; grow_mem_map 4.4" },
	{ "tee-ram-beyond-end", "init_mem_map 3.4-3.7" },
	{ "va-unaligned", "assign_mem_va 3.8-3.16; assign_mem_va_dir 3.17 on" },
	{ "va-size-unaligned", "assign_mem_va 3.8-3.16; assign_mem_va_dir 3.17 on" },
	{ "no-user-va", "core_init_mmu_tables 3.4; core_init_mmu 3.5-3.14; set_user_va_idx 3.15 on" },
	{ "va-too-high", "core_init_mmu_tables 3.4; core_init_mmu 3.5 on" },
	{ "va-outside-tables", "core_mmu_map_region 3.4 on" },
	{ "mapped-twice", "core_mmu_map_region 3.4 on" },
	/* clang-format on */
};

static const char *function_of(const char *id, unsigned v)
{
	for (unsigned stop = 0; stop < OPTEE_STOP_COUNT; stop++)
		if (same_text(optee_stops[v][stop].id, id))
			return optee_stops[v][stop].func;
	return NULL;
}

static void write_functions(struct mmp_buffer *to, const char *id)
{
	unsigned last;

	for (unsigned v = V3_4; v < OPTEE_VERSION_COUNT; v = last + 1) {
		const char *func = function_of(id, v);

		for (last = v; last + 1 < OPTEE_VERSION_COUNT &&
			       same_text(func, function_of(id, last + 1));
		     last++)
			;
		if (!func)
			continue;
		mmp_buffer_printf(to, "%s%s %s", to->length ? "; " : "", func,
				  release_name(v));
		if (last + 1 == OPTEE_VERSION_COUNT)
			mmp_buffer_printf(to, " on");
		else if (last > v)
			mmp_buffer_printf(to, "-%s", release_name(last));
	}
	mmp_buffer_add(to, "", 1);
}

static void messages_live_in_the_functions_of_the_reference(void **state)
{
	(void)state;
	for (size_t n = 0; n < COUNT(functions); n++) {
		struct mmp_buffer ours = MMP_BUFFER_EMPTY;

		write_functions(&ours, functions[n][0]);
		assert_string_equal(ours.bytes, functions[n][1]);
		mmp_buffer_done(&ours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_stand_as_on_the_page),
		cmocka_unit_test(messages_live_in_the_functions_of_the_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
