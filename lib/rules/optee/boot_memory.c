/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/boot_memory.h"

#include "base/page.h"
#include "rules/optee/config.h"
#include "rules/optee/releases.h"

/*
 * Boot memory with CFG_DYN_CONFIG: permanent allocations from __vcore_free_start upward,
 * temporary ones from __vcore_free_end downward (core/mm/boot_mem.c). Measured in real
 * boots of 4.10: a map of 13 entries, 4 tables, 2 threads and 4 cores take 28,992 and
 * 29,768 bytes.
 */

/*
 * Without relocations the embedded data fits its first page; those of ASLR take another
 * one.
 */
enum { EMBEDDED_DATA = MMP_PAGE, EMBEDDED_RELOCATIONS = MMP_PAGE };

/* THREAD_BOOT_INIT_TMP_ALLOC: the stacks of the boot core, from 4.7 on. */
enum { INITIAL_THREAD = 6 * MMP_PAGE, SINCE_INITIAL_THREAD = 407 };

/*
 * sizeof(struct thread_core_local) with CFG_TEE_CORE_DEBUG, for each core, from 4.7 on.
 */
enum { CORE_LOCAL_64 = 80, CORE_LOCAL_32 = 48 };

unsigned optee_release(const struct mmp_rules *rules)
{
	unsigned version = optee_release_of(rules)->version;

	if (version < V4_0)
		return 300 + version;
	return 400 + (version < V4_10 ? version : V4_10) - V4_0;
}

void optee_set_boot_room(struct mmp_table_shape *shape,
			 const struct mmp_platform *platform)
{
	const struct optee_config *c = optee_config(platform);
	bool has_stacks = optee_release(platform->rules) >= SINCE_INITIAL_THREAD;

	shape->boot_room = UINT64_MAX;
	shape->boot_room_before = EMBEDDED_DATA;
	shape->boot_room_after = 0;
	if (c->layout.free.given && c->dyn_config && !c->boot_mem_size_given)
		shape->boot_room = c->layout.free.size;
	if (c->aslr)
		shape->boot_room_before += EMBEDDED_RELOCATIONS;
	if (!has_stacks)
		return;
	shape->boot_room_before += INITIAL_THREAD;
	shape->boot_room_after =
		c->nb_core * (c->arch == OPTEE_ARM64 ? CORE_LOCAL_64 : CORE_LOCAL_32);
}
