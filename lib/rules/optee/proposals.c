/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "plan/range.h"
#include "rules/optee/checks.h"
#include "rules/optee/releases.h"

/* Fixes for stops of the map, with numbers, and the keys of the firmware's own ranges. */

const struct mmp_word optee_words[] = {
	{ "xlat tables exhausted", "tables-exhausted" },
	{ "L2 tables exhausted", "tables-exhausted" },
	{ "Out of entries", "map-full" },
	{ "Non-sec mem", "ddr-overlaps-map" },
	{ "overlaps map", "ddr-overlaps-map" },
	{ "Uhandled memtype", "unhandled-type" },
	{ "Failed to map core with seed", "no-va" },
	{ "boot_mem.c", "boot-memory-exhausted" },
	{ "mem_alloc", "boot-memory-exhausted" },
	{ "mem_alloc_tmp", "boot-memory-exhausted" },
	{ "alloc_stack", "stack-space-full" },
	{ NULL, NULL },
};

/* The largest mapped registration that the core does not need. */
static const struct mmp_registration *largest(const struct mmp_platform *p)
{
	const struct mmp_registration *most = NULL;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		const char *label = mmp_memtype_label(p->rules, (int)r->type);

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP ||
		    !strncmp(label, "TEE_RAM", 7) || !strcmp(label, "NSEC_SHM"))
			continue;
		if (!most || r->size > most->size)
			most = r;
	}
	return most;
}

/*
 * Propose less of the largest registration, by whole GiB, as long as some of it is left.
 */
static void propose_less(struct mmp_findings *findings)
{
	enum { GIB = 1 << 30, STEPS = 4 };
	const struct mmp_platform *p = findings->current;
	const struct mmp_registration *r = largest(p);

	if (!r)
		return;
	for (uint64_t n = 1; n <= STEPS && r->size > n * GIB; n++) {
		mmp_finding_propose(findings,
				    "map less of \"%.48s\": size 0x%" PRIx64
				    " would do; memory can be mapped at run time",
				    r->name, r->size - n * GIB);
		mmp_propose_edit(findings, MMP_EDIT_SIZE, (size_t)(r - p->registrations),
				 r->size - n * GIB);
	}
	mmp_finding_propose(findings,
			    "do not register \"%.48s\": memory can be mapped at run time",
			    r->name);
	mmp_propose_edit(findings, MMP_EDIT_REMOVE, (size_t)(r - p->registrations), 0);
}

static void propose_space(struct mmp_findings *findings)
{
	const struct optee_config *c = optee_config(findings->current);

	for (size_t i = 0; c->arch == OPTEE_ARM64 && i < OPTEE_VA_WIDTHS; i++) {
		if (optee_va_widths[i] <= c->va_bits)
			continue;
		mmp_finding_propose(findings, "set va_bits to %u", optee_va_widths[i]);
		mmp_propose_key(findings, "va_bits", optee_va_widths[i]);
	}
	propose_less(findings);
}

static void propose_window(struct mmp_findings *findings)
{
	const struct mmp_finding *f = findings->last;
	const struct mmp_finding_region *r = &f->regions[0];

	if (f->region_count != 1 || r->ordinal < 0)
		return;
	mmp_finding_propose(findings,
			    "set reserved_shm to 0x%" PRIx64 " size 0x%" PRIx64
			    ", as NSEC_SHM is registered",
			    r->base, r->size);
	mmp_propose_key(findings, "reserved_shm.start", r->base);
	mmp_propose_key(findings, "reserved_shm.size", r->size);
}

static void propose_second_page(struct mmp_findings *findings)
{
	const struct mmp_finding *f = findings->last;
	const struct mmp_finding_region *r = &f->regions[0];

	mmp_finding_fix(
		findings,
		"page 0 cannot be registered, even if 0 is the real address: begin at "
		"0x1000, or map the page at run time; outside the core only "
		"TEE_COHERENT can be executed");
	if (f->region_count != 1 || r->ordinal < 0 || r->size <= MMP_PAGE)
		return;
	mmp_finding_propose(findings,
			    "page 0 cannot be registered: begin at 0x1000 size 0x%" PRIx64
			    ", and map the page at run time if it is needed",
			    r->size - MMP_PAGE);
	mmp_propose_edit(findings, MMP_EDIT_ADDR, (size_t)r->ordinal, MMP_PAGE);
	mmp_propose_edit(findings, MMP_EDIT_SIZE, (size_t)r->ordinal, r->size - MMP_PAGE);
}

void optee_propose(struct mmp_findings *findings, const struct mmp_stop *stop)
{
	static const struct {
		const char *id;
		void (*propose)(struct mmp_findings *findings);
	} rows[] = {
		{ "no-va", propose_space },
		{ "no-user-va", propose_space },
		{ "nsec-shm-outside-window", propose_window },
		{ "address-zero", propose_second_page },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].id, stop->info->id))
			rows[i].propose(findings);
}

/* --- keys ---------------------------------------------------------------------------- */

struct range_source {
	const char *key;
	const struct mmp_range *range;
};

/*
 * The source of a range that has the same start, ends at its start, starts at its end, or
 * is inside it.
 */
static const char *source_of(const struct range_source *sources, unsigned count,
			     uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < count; i++)
		if (sources[i].range->given && sources[i].range->size &&
		    sources[i].range->base == base)
			return sources[i].key;
	for (unsigned i = 0; i < count; i++)
		if (sources[i].range->given && sources[i].range->size &&
		    (sources[i].range->base == base + size ||
		     sources[i].range->base + sources[i].range->size == base))
			return sources[i].key;
	for (unsigned i = 0; i < count; i++)
		if (sources[i].range->given &&
		    base - sources[i].range->base < sources[i].range->size)
			return sources[i].key;
	return NULL;
}

bool optee_is_own(const struct mmp_platform *platform,
		  const struct mmp_registration *registration)
{
	const struct optee_config *c = optee_config(platform);
	bool guests = registration->type == OPTEE_SEC_RAM_OVERALL &&
		      registration->addr == c->trusted_dram.base &&
		      registration->size == c->trusted_dram.size;

	if (registration->origin && strstr(registration->origin, "core_mmu"))
		return true;
	return c->ns_virtualization && (guests || optee_is_tee_ram(registration->type)) &&
	       optee_release_of(platform->rules)->core_ranges == OPTEE_CORE_REGISTERED;
}

const char *optee_key_of(const struct mmp_platform *platform, unsigned type,
			 uint64_t base, uint64_t size)
{
	const struct optee_config *c = optee_config(platform);
	const struct range_source link[] = {
		{ "layout.unpg_rx", &c->layout.unpg_rx },
		{ "layout.unpg_ro", &c->layout.unpg_ro },
		{ "layout.unpg_rw", &c->layout.unpg_rw },
		{ "layout.nex_rw", &c->layout.nex_rw },
		{ "layout.init_rx", &c->layout.init_rx },
		{ "layout.init_ro", &c->layout.init_ro },
		{ "layout.free", &c->layout.free },
		{ "layout.asan_map", &c->layout.asan_map },
	};
	const struct range_source secure[] = {
		{ "trusted_sram", &c->trusted_sram },
		{ "trusted_dram", &c->trusted_dram },
		{ "reserved_shm", &c->reserved_shm },
	};
	const char *key = NULL;

	if (optee_is_type(platform->rules, type, "IDENTITY_MAP_RX"))
		return "layout.identity_map";
	if (optee_is_type(platform->rules, type, "RES_VASPACE"))
		return "reserved_vaspace_size";
	if ((!size && !base) || size == c->tee_ram.va_size) /* the core as a whole */
		return NULL;
	if (c->rwdata_noexec)
		key = source_of(link, sizeof(link) / sizeof(link[0]), base, size);
	else if (base == c->tee_ram.start)
		key = "tee_ram";
	return key ? key
		   : source_of(secure, sizeof(secure) / sizeof(secure[0]), base, size);
}
