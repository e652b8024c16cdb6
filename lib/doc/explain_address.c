/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "base/text.h"
#include "doc/descriptor.h"
#include "doc/explain_private.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "study/rights.h"
#include "json/number.h"

/*
 * --- how regions and registrations relate
 * ----------------------------------------------
 */

static const struct mmp_plan *explained_plan(const struct explaining *e)
{
	return &e->layout->plan;
}

static bool maps_pa(const struct mmp_region *r, uint64_t pa)
{
	return r->mapping == MMP_MAP_BLOCKS && pa - r->pa < r->size;
}

bool explain_is_va(const struct explaining *e, uint64_t va)
{
	for (size_t n = 0; !e->stopped && n < explained_plan(e)->count; n++)
		if (explained_plan(e)->regions[n].mapping == MMP_MAP_BLOCKS &&
		    va - explained_plan(e)->regions[n].va <
			    explained_plan(e)->regions[n].size)
			return true;
	return false;
}

bool explain_is_pa(const struct explaining *e, uint64_t pa)
{
	for (size_t n = 0; !e->stopped && n < explained_plan(e)->count; n++)
		if (maps_pa(&explained_plan(e)->regions[n], pa))
			return true;
	return false;
}

/* A region is made of the registrations of its type that it covers. */
static bool is_made_of(const struct explaining *e, const struct mmp_region *region,
		       size_t ordinal)
{
	const struct mmp_registration *r = &e->platform->registrations[ordinal];

	return e->platform->rules->sections[r->section].maps && r->type == region->type &&
	       r->size && r->addr - region->pa < region->size;
}

static void add_registration(struct explaining *e, json_t *reading, size_t ordinal)
{
	json_t *list = json_object_get(reading, "registrations");
	json_t *one = mmp_registration_write(e->platform->rules,
					     &e->platform->registrations[ordinal]);

	if (!list) {
		list = json_array();
		json_object_set_new(reading, "registrations", list);
	}
	json_object_set_new(one, "ordinal", json_integer((json_int_t)ordinal));
	if (json_array_append_new(list, one))
		e->oom = true;
}

/* Compare the registered range with the mapped one. */
static void say_rounding(struct explaining *e, json_t *reading, size_t ordinal,
			 const struct mmp_region *region)
{
	const struct mmp_registration *r = &e->platform->registrations[ordinal];
	char asked[MMP_SIZE_TEXT_SIZE], got[MMP_SIZE_TEXT_SIZE];

	if (r->addr == region->pa && r->size == region->size)
		explain_say(
			e, reading,
			"it comes from registration #%zu \"%s\", as it was registered",
			ordinal, r->name);
	else
		explain_say(e, reading,
			    "it comes from registration #%zu \"%s\": %s at 0x%" PRIx64
			    " were asked for, %s from 0x%" PRIx64 " are mapped",
			    ordinal, r->name, mmp_size_print(r->size, asked), r->addr,
			    mmp_size_print(region->size, got), region->pa);
}

static void say_origin(struct explaining *e, json_t *reading,
		       const struct mmp_region *region)
{
	size_t found = 0;

	for (size_t n = 0; n < e->platform->count; n++)
		if (is_made_of(e, region, n)) {
			add_registration(e, reading, n);
			say_rounding(e, reading, n, region);
			found++;
		}
	if (!found)
		explain_say(e, reading,
			    "no registration made it: the firmware adds it itself, from "
			    "its configuration");
}

/* Explain how the virtual address and the block sizes were chosen. */
static void say_rules(struct explaining *e, json_t *reading,
		      const struct mmp_region *region)
{
	const struct mmp_memtype *type = &e->platform->rules->types[region->type];
	char block[MMP_SIZE_TEXT_SIZE];

	if (type->about)
		explain_say(e, reading, "type %s: %s", type->name, type->about);
	if (region->granule_shift)
		explain_say(
			e, reading, "it may be mapped in blocks of up to %s, and %s",
			mmp_size_print(UINT64_C(1) << region->granule_shift, block),
			region->va == region->pa
				? "it has the same virtual address as its physical one"
				: "the firmware placed it in virtual space");
}

/* --- neighbours ------------------------------------------------------------------------ */

/* Where a region begins, in the given address space. */
static uint64_t start_of(const struct mmp_region *r, bool virtual)
{
	return virtual ? r->va : r->pa;
}

/* The nearest region that ends at or before the address, and the nearest one after it. */
static void find_neighbours(const struct explaining *e, uint64_t at, bool virtual,
			    const struct mmp_region **before,
			    const struct mmp_region **behind)
{
	*before = *behind = NULL;
	for (size_t n = 0; n < explained_plan(e)->count; n++) {
		const struct mmp_region *r = &explained_plan(e)->regions[n];
		uint64_t start = start_of(r, virtual);

		if ((!virtual && r->mapping != MMP_MAP_BLOCKS) || !r->size)
			continue;
		if (start > at && (!*behind || start < start_of(*behind, virtual)))
			*behind = r;
		if (start < at && start + r->size <= at && start + r->size > start &&
		    (!*before ||
		     start + r->size > start_of(*before, virtual) + (*before)->size))
			*before = r;
	}
}

static void set_neighbour(struct explaining *e, json_t *reading, const char *key,
			  const struct mmp_region *r)
{
	if (r)
		json_object_set_new(reading, key,
				    mmp_region_write(e->platform->rules, r));
}

static void say_neighbours(struct explaining *e, json_t *reading, uint64_t at,
			   bool virtual)
{
	const struct mmp_region *before, *behind;
	char gap[MMP_SIZE_TEXT_SIZE];

	find_neighbours(e, at, virtual, &before, &behind);
	set_neighbour(e, reading, "before", before);
	set_neighbour(e, reading, "behind", behind);
	if (before && start_of(before, virtual) + before->size == at)
		explain_say(e, reading, "it is the first byte after %s",
			    explain_label(e, before));
	else if (before)
		explain_say(e, reading, "%s ends %s before it, at 0x%" PRIx64,
			    explain_label(e, before),
			    mmp_size_print(at - start_of(before, virtual) - before->size,
					   gap),
			    start_of(before, virtual) + before->size - 1);
	if (behind)
		explain_say(e, reading, "%s begins %s after it, at 0x%" PRIx64,
			    explain_label(e, behind),
			    mmp_size_print(start_of(behind, virtual) - at, gap),
			    start_of(behind, virtual));
	if (!before && !behind)
		explain_say(e, reading, "there is no region near it");
}

/* --- a virtual address ----------------------------------------------------------------- */

static json_t *write_path(const struct explaining *e, const struct mmp_walk *walk)
{
	const struct mmp_format *format = e->layout->tables.format;
	json_t *list = json_array();

	for (unsigned i = 0; i < walk->count; i++) {
		const struct mmp_walk_step *s = &walk->steps[i];

		json_array_append_new(
			list,
			json_pack("{s:i, s:o, s:i, s:o, s:o}", "level", s->level,
				  "table_pa", mmp_json_hex(s->table_pa, 1), "index",
				  (int)s->index, "descriptor",
				  mmp_json_hex(s->descriptor,
					       (int)format->descriptor_digits),
				  "fields",
				  mmp_fields_write(e->layout->platform->rules, format,
						   s->level, s->descriptor)));
	}
	return list;
}

static const struct mmp_region *region_of_va(const struct explaining *e, uint64_t va,
					     size_t *ret_n)
{
	for (size_t n = 0; n < explained_plan(e)->count; n++)
		if (va - explained_plan(e)->regions[n].va <
		    explained_plan(e)->regions[n].size) {
			*ret_n = n;
			return &explained_plan(e)->regions[n];
		}
	return NULL;
}

static void say_mapped(struct explaining *e, json_t *reading, uint64_t va,
		       const struct mmp_walk *walk)
{
	char rights[MMP_RIGHTS_TEXT_SIZE], block[MMP_SIZE_TEXT_SIZE];
	const struct mmp_region *region;
	size_t n = 0;

	json_object_set_new(reading, "pa", mmp_json_hex(walk->pa.at, 1));
	json_object_set_new(reading, "block", mmp_json_hex(walk->size, 1));
	region = region_of_va(e, va, &n);
	if (!region) {
		explain_say(e, reading, "mapped to PA 0x%" PRIx64, walk->pa.at);
		return;
	}
	mmp_rights_print(mmp_rights_of_region(e->layout, n), rights);
	json_object_set_new(reading, "rights", json_string(rights));
	json_object_set_new(reading, "region",
			    mmp_region_write(e->platform->rules, region));
	explain_say(e, reading,
		    "in %s, which is VA 0x%" PRIx64 " to 0x%" PRIx64
		    "; it maps PA 0x%" PRIx64,
		    explain_label(e, region), region->va, region->va + region->size - 1,
		    walk->pa.at);
	explain_say(e, reading, "rights: %s, in a block of %s", rights,
		    mmp_size_print(walk->size, block));
	say_origin(e, reading, region);
	say_rules(e, reading, region);
}

static void say_not_mapped(struct explaining *e, json_t *reading, uint64_t va)
{
	const struct mmp_region *region;
	size_t n;

	region = region_of_va(e, va, &n);
	if (region) {
		json_object_set_new(reading, "region",
				    mmp_region_write(e->platform->rules, region));
		explain_say(e, reading,
			    "in %s (VA 0x%" PRIx64 " to 0x%" PRIx64
			    "), and nothing is mapped there yet: a translation fault, "
			    "until the firmware maps something at run time",
			    explain_label(e, region), region->va,
			    region->va + region->size - 1);
		return;
	}
	explain_say(e, reading, "nothing is mapped there: a translation fault");
	say_neighbours(e, reading, va, true);
}

/*
 * A driver that uses a physical address faults: name the virtual address that was
 * meant.
 */
static void say_is_pa(struct explaining *e, json_t *reading, uint64_t va)
{
	for (size_t n = 0; n < explained_plan(e)->count; n++) {
		const struct mmp_region *r = &explained_plan(e)->regions[n];

		if (!maps_pa(r, va) || r->va == r->pa)
			continue;
		json_object_set_new(reading, "meant",
				    mmp_json_hex(r->va + va - r->pa, 1));
		explain_say(e, reading,
			    "it is a physical address, used as a virtual one: its VA is "
			    "0x%" PRIx64 " (%s)",
			    r->va + va - r->pa, explain_label(e, r));
		return;
	}
}

void explain_va(struct explaining *e, uint64_t va)
{
	struct mmp_memory memory = mmp_layout_memory(e->layout);
	struct mmp_walker walker = mmp_layout_walker(e->layout, &memory, 0);
	struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ va });
	bool mapped = walk.end == MMP_WALK_MAPPED;
	json_t *reading = explain_reading(e, "virtual address");

	json_object_set_new(reading, "va", mmp_json_hex(va, 1));
	json_object_set_new(reading, "mapped", json_boolean(mapped));
	if (mapped) {
		say_mapped(e, reading, va, &walk);
	} else {
		say_is_pa(e, reading, va);
		say_not_mapped(e, reading, va);
	}
	json_object_set_new(reading, "path", write_path(e, &walk));
}

/* --- a physical address ---------------------------------------------------------------- */

static size_t say_mappings(struct explaining *e, json_t *reading, uint64_t pa)
{
	json_t *list = json_array();
	size_t count = 0;

	for (size_t n = 0; !e->stopped && n < explained_plan(e)->count; n++) {
		const struct mmp_region *r = &explained_plan(e)->regions[n];
		char rights[MMP_RIGHTS_TEXT_SIZE];
		json_t *one;

		if (!maps_pa(r, pa))
			continue;
		mmp_rights_print(mmp_rights_of_region(e->layout, n), rights);
		one = mmp_region_write(e->platform->rules, r);
		json_object_set_new(one, "at", mmp_json_hex(r->va + pa - r->pa, 1));
		json_object_set_new(one, "rights", json_string(rights));
		json_array_append_new(list, one);
		explain_say(e, reading, "%s %s, at VA 0x%" PRIx64 ": %s",
			    count++ ? "and again in" : "mapped in", explain_label(e, r),
			    r->va + pa - r->pa, rights);
		say_origin(e, reading, r);
	}
	json_object_set_new(reading, "mappings", list);
	json_object_set_new(reading, "mapped", json_boolean(count));
	return count;
}

/* Registrations that contain the address but map nothing: DDR, data paths. */
static void say_declared(struct explaining *e, json_t *reading, uint64_t pa)
{
	for (size_t n = 0; n < e->platform->count; n++) {
		const struct mmp_registration *r = &e->platform->registrations[n];
		const struct mmp_section *section =
			&e->platform->rules->sections[r->section];

		if (pa - r->addr >= r->size || (section->maps && !e->stopped))
			continue;
		add_registration(e, reading, n);
		explain_say(e, reading,
			    "registration #%zu \"%s\" has it (section %s, 0x%" PRIx64
			    " size 0x%" PRIx64 ")",
			    n, r->name, section->name, r->addr, r->size);
	}
}

static void say_worlds(struct explaining *e, json_t *reading, uint64_t pa)
{
	const struct mmp_ddr *ddr = &e->layout->ddr;
	bool normal = false;

	for (unsigned i = 0; i < explained_plan(e)->secure_count; i++)
		if (pa - explained_plan(e)->secure[i].base <
		    explained_plan(e)->secure[i].size)
			explain_say(e, reading,
				    "it is in secure memory, 0x%" PRIx64
				    " size 0x%" PRIx64,
				    explained_plan(e)->secure[i].base,
				    explained_plan(e)->secure[i].size);
	if (e->stopped)
		return;
	for (size_t n = 0; n < ddr->count; n++)
		normal |= pa - ddr->ranges[n].pa < ddr->ranges[n].size;
	json_object_set_new(reading, "ddr", json_boolean(normal));
	explain_say(e, reading,
		    normal ? "to this firmware it is DDR of the normal world, which may "
			     "be shared"
			   : "to this firmware it is not DDR of the normal world");
}

/* Say what to register so that it is mapped. */
static void say_remedy(struct explaining *e, json_t *reading, uint64_t pa)
{
	const struct mmp_section *sections = e->platform->rules->sections;
	char *name = mmp_shell_word(e->platform->name);

	e->oom |= !name;
	for (unsigned i = 0; name && i < e->platform->rules->section_count; i++)
		if (sections[i].maps) {
			explain_say(e, reading,
				    "to map it, register it: %s with a type, address "
				    "0x%" PRIx64
				    " and a size; `mmpctl region register %s "
				    "TYPE 0x%" PRIx64 " 4K` tries it",
				    sections[i].about, mmp_page_down(pa), name,
				    mmp_page_down(pa));
			break;
		}
	free(name);
}

void explain_pa(struct explaining *e, uint64_t pa)
{
	json_t *reading = explain_reading(e, "physical address");
	size_t mappings;

	json_object_set_new(reading, "pa", mmp_json_hex(pa, 1));
	mappings = say_mappings(e, reading, pa);
	if (!mappings && !e->stopped) {
		explain_say(e, reading, "nothing maps it");
		say_neighbours(e, reading, pa, false);
	}
	say_declared(e, reading, pa);
	say_worlds(e, reading, pa);
	if (!mappings && !e->stopped)
		say_remedy(e, reading, pa);
}

/* --- a registration -------------------------------------------------------------------- */

void explain_mapping(struct explaining *e, json_t *reading, size_t ordinal)
{
	size_t found = 0;

	for (size_t n = 0; !e->stopped && n < explained_plan(e)->count; n++) {
		const struct mmp_region *r = &explained_plan(e)->regions[n];
		char rights[MMP_RIGHTS_TEXT_SIZE];
		uint64_t addr = e->platform->registrations[ordinal].addr;

		if (!is_made_of(e, r, ordinal))
			continue;
		found++;
		mmp_rights_print(mmp_rights_of_region(e->layout, n), rights);
		json_object_set_new(reading, "region",
				    mmp_region_write(e->platform->rules, r));
		json_object_set_new(reading, "rights", json_string(rights));
		json_object_set_new(reading, "va", mmp_json_hex(r->va + addr - r->pa, 1));
		explain_say(e, reading,
			    "it is at VA 0x%" PRIx64 ", in %s (VA 0x%" PRIx64
			    " to 0x%" PRIx64 "): %s",
			    r->va + addr - r->pa, explain_label(e, r), r->va,
			    r->va + r->size - 1, rights);
		say_rounding(e, reading, ordinal, r);
		say_rules(e, reading, r);
	}
	if (!found && !e->stopped)
		explain_say(e, reading,
			    "it maps nothing: its section only declares memory");
}
