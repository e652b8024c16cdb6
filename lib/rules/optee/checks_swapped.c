/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "base/page.h"
#include "plan/range.h"
#include "rules/optee/checks.h"

/*
 * A registration whose address looks like a size and whose size looks like an address. It
 * is said only where something else in the document speaks against the first reading and
 * nothing against the second: boards do have DRAM at 0x100000 with 0x3ff00000 bytes.
 */

enum {
	LARGEST_DEVICE = 0x200000, /* of the sizes that are taken for an address */
	LEAST_ADDRESS = 0x1000000, /* of the addresses that are taken for a size */
	CANDIDATES_MAX = 64,       /* each is compared with all registrations */
};

/* A range of the configuration that is memory. */
struct memory {
	const char *key;
	const struct mmp_range *range;
};

enum { MEMORIES_MAX = 3 };

static unsigned list_memory(const struct mmp_platform *p,
			    struct memory list[MEMORIES_MAX])
{
	const struct optee_config *c = optee_config(p);
	unsigned count = 0;

	list[count++] = (struct memory){ "trusted_dram", &c->trusted_dram };
	if (c->trusted_sram.given)
		list[count++] = (struct memory){ "trusted_sram", &c->trusted_sram };
	if (c->reserved_shm.given)
		list[count++] = (struct memory){ "reserved_shm", &c->reserved_shm };
	return count;
}

static bool is_ddr(const struct mmp_registration *r)
{
	return r->section == OPTEE_SECTION_DDR_OVERALL ||
	       r->section == OPTEE_SECTION_NSEC_DDR;
}

static bool is_device(const struct mmp_registration *r)
{
	return r->section == OPTEE_SECTION_PHYS_MEM_MAP && optee_is_io(r->type);
}

/* --- devices ------------------------------------------------------------------------------ */

/* The most bytes that any memory of the platform has. */
static uint64_t largest_memory(const struct mmp_platform *p)
{
	struct memory list[MEMORIES_MAX];
	unsigned count = list_memory(p, list);
	uint64_t most = 0;

	for (unsigned k = 0; k < count; k++)
		most = list[k].range->size > most ? list[k].range->size : most;
	for (size_t i = 0; i < p->dram_count; i++)
		most = p->dram[i].size > most ? p->dram[i].size : most;
	for (size_t i = 0; i < p->count; i++)
		if (is_ddr(&p->registrations[i]) && p->registrations[i].size > most)
			most = p->registrations[i].size;
	return most;
}

/*
 * The name of what a range meets, or NULL: memory, and other devices where they count. Two
 * registrations of one device are usual, as they are rounded.
 */
static const char *met_by(const struct mmp_platform *p, size_t but, uint64_t base,
			  uint64_t size, bool devices_count)
{
	struct memory list[MEMORIES_MAX];
	unsigned count = list_memory(p, list);

	for (unsigned k = 0; k < count; k++)
		if (mmp_range_intersects(base, size, list[k].range->base,
					 list[k].range->size, UINT64_MAX))
			return list[k].key;
	for (size_t i = 0; i < p->dram_count; i++)
		if (mmp_range_intersects(base, size, p->dram[i].base, p->dram[i].size,
					 UINT64_MAX))
			return "dram";
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (i != but && (devices_count || !is_device(r)) &&
		    mmp_range_intersects(base, size, r->addr, r->size, UINT64_MAX))
			return r->name;
	}
	return NULL;
}

/* What speaks against a device as it is registered, into `why`; false: nothing does. */
static bool device_refuted(const struct mmp_platform *p, size_t ordinal, uint64_t most,
			   char why[128])
{
	const struct mmp_registration *r = &p->registrations[ordinal];
	const char *met;

	if (met_by(p, ordinal, r->size, r->addr, false))
		return false;
	met = met_by(p, ordinal, r->addr, r->size, true);
	if (r->size & MMP_PAGE_MASK)
		snprintf(why, 128, "that size is not in whole pages");
	else if (met)
		snprintf(why, 128, "that is over \"%.64s\"", met);
	else if (r->size > most)
		snprintf(why, 128,
			 "no memory of the platform has more than 0x%" PRIx64 " bytes",
			 most);
	else
		return false;
	return true;
}

/* --- memory ------------------------------------------------------------------------------- */

/* Where memory of that kind must be: declared DRAM, the window, or the secure ranges. */
static bool is_home(const struct mmp_platform *p, const struct mmp_registration *r,
		    uint64_t base, uint64_t size)
{
	const struct optee_config *c = optee_config(p);
	const struct mmp_range *shm = &c->reserved_shm;

	if (r->section == OPTEE_SECTION_PHYS_MEM_MAP && r->type == OPTEE_NSEC_SHM)
		return shm->given &&
		       mmp_range_inside(base, size, shm->base, shm->size, UINT64_MAX);
	if (r->section == OPTEE_SECTION_PHYS_MEM_MAP &&
	    (optee_is_tee_ram(r->type) || r->type == OPTEE_TA_RAM))
		return mmp_range_inside(base, size, c->trusted_dram.base,
					c->trusted_dram.size, UINT64_MAX) ||
		       (c->trusted_sram.given &&
			mmp_range_inside(base, size, c->trusted_sram.base,
					 c->trusted_sram.size, UINT64_MAX));
	for (size_t i = 0; i < p->dram_count; i++)
		if (mmp_range_inside(base, size, p->dram[i].base, p->dram[i].size,
				     UINT64_MAX))
			return true;
	return false;
}

static bool is_memory(const struct mmp_registration *r)
{
	return is_ddr(r) || r->section == OPTEE_SECTION_SDP_MEM ||
	       optee_is_tee_ram(r->type) || r->type == OPTEE_TA_RAM ||
	       r->type == OPTEE_NSEC_SHM || r->type == OPTEE_RAM_NSEC ||
	       r->type == OPTEE_RAM_SEC;
}

/* The same in words, of a range that is not there. */
static const char *not_home(const struct mmp_registration *r)
{
	if (r->section != OPTEE_SECTION_PHYS_MEM_MAP)
		return "that is in no DRAM that is declared";
	if (r->type == OPTEE_NSEC_SHM)
		return "that is not inside reserved_shm";
	if (optee_is_tee_ram(r->type) || r->type == OPTEE_TA_RAM)
		return "that is not in secure memory";
	return "that is in no DRAM that is declared";
}

/* --- both --------------------------------------------------------------------------------- */

/* Few registrations have this shape, and none of those that are right has to be compared. */
static bool is_candidate(const struct mmp_registration *r)
{
	if (r->addr < MMP_PAGE || r->addr & (r->addr - 1) || r->size <= r->addr)
		return false;
	if (is_device(r)) /* one that ends at a power of two is a whole bus */
		return r->addr <= LARGEST_DEVICE && r->size >= LEAST_ADDRESS &&
		       (r->addr + r->size) & (r->addr + r->size - 1);
	return is_memory(r);
}

void optee_check_swapped(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;
	uint64_t most = largest_memory(p);
	unsigned candidates = 0;

	for (size_t i = 0; i < p->count && candidates < CANDIDATES_MAX; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		char why[128];

		if (!is_candidate(r))
			continue;
		candidates++;
		if (is_device(r)) {
			if (!device_refuted(p, i, most, why))
				continue;
		} else {
			if (is_home(p, r, r->addr, r->size) ||
			    !is_home(p, r, r->size, r->addr))
				continue;
			snprintf(why, sizeof(why), "%s", not_home(r));
		}
		mmp_finding_add(
			findings, check,
			"\"%.64s\" (%s) is registered at 0x%" PRIx64 " size 0x%" PRIx64
			", and %s; with the two exchanged it would be at 0x%" PRIx64
			" size 0x%" PRIx64,
			r->name, mmp_memtype_label(p->rules, (int)r->type), r->addr,
			r->size, why, r->size, r->addr);
		mmp_finding_registration(findings, i);
		mmp_finding_propose(findings,
				    "register \"%.64s\" at 0x%" PRIx64 " size 0x%" PRIx64,
				    r->name, r->size, r->addr);
		mmp_propose_edit(findings, MMP_EDIT_ADDR, i, r->size);
		mmp_propose_edit(findings, MMP_EDIT_SIZE, i, r->addr);
	}
}
