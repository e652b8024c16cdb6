/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "rules/optee/import.h"

enum { TEXT_SIZE = 256 };

struct record_reading {
	struct mmp_evidence *evidence;
	struct mmp_origin origin;
	const struct mmp_linked_image *image;
	const struct mmp_rules *rules; /* for type numbers without debug information */
	const struct mmp_enumerator *types;
	size_t type_count; /* 0: use the rules' numbers */
};

/* clang-format off */
static const struct {
	const char *array, *section;
} arrays[] = {
	{ "phys_mem_map",            "phys_mem_map" },
	{ "phys_sdp_mem",            "sdp_mem" },
	{ "phys_nsec_ddr",           "nsec_ddr" },
	{ "phys_ddr_overall",        "ddr_overall" },
	{ "phys_ddr_overall_compat", "nsec_ddr" },
};
/* clang-format on */
enum { ARRAYS = sizeof(arrays) / sizeof(arrays[0]) };

/*
 * The name of a memory type by its number in this build; NULL: not a type of it.
 */
static const char *image_type(const struct record_reading *r, uint64_t number)
{
	for (size_t i = 0; i < r->type_count; i++)
		if (r->types[i].value == number &&
		    strcmp(r->types[i].name, "MEM_AREA_MAXTYPE") != 0)
			return r->types[i].name;
	if (r->type_count || !r->rules)
		return NULL;
	for (unsigned i = 0; i < r->rules->type_count; i++)
		if (r->rules->types[i].name &&
		    (uint64_t)mmp_memtype_number(r->rules, (int)i) == number)
			return r->rules->types[i].name;
	return NULL;
}

/* struct core_mmu_phys_mem: name, type, address, size; size is 32, 24 or 16 bytes. */
static void import_record(struct record_reading *r, uint64_t at, uint64_t size,
			  const char *section)
{
	unsigned word = r->image->bits / 8, wide = size >= 24 ? 8 : 4;
	uint64_t pointer, type, addr, length, base = word == 8 ? 16 : 8;
	char name[TEXT_SIZE] = "";

	if (mmp_image_number(r->image, at, word, &pointer) ||
	    mmp_image_number(r->image, at + word, 4, &type) ||
	    mmp_image_number(r->image, at + base, wide, &addr) ||
	    mmp_image_number(r->image, at + base + wide, wide, &length)) {
		mmp_evidence_remark(r->evidence,
				    "a registration of %s at 0x%" PRIx64
				    " is not in the image",
				    section, at);
		return;
	}
	if (mmp_image_string(r->image, pointer, name, sizeof(name)))
		name[0] = '\0';
	if (!image_type(r, type)) {
		mmp_evidence_remark(r->evidence,
				    "registration \"%.60s\" (0x%" PRIx64 "+0x%" PRIx64
				    "): this release has no memory type %" PRIu64,
				    name, addr, length, type);
		return;
	}
	mmp_evidence_claim(r->evidence, &r->origin, section, image_type(r, type), name,
			   addr, length);
}

/* "__scattered_array_12phys_mem_map" names an item of phys_mem_map. */
static int array_of(const char *name)
{
	static const char prefix[] = "__scattered_array_";

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return -1;
	name += strlen(prefix);
	while (isdigit((unsigned char)*name))
		name++;
	if (*name == '_')
		name++;
	for (int i = 0; i < ARRAYS; i++)
		if (strcmp(arrays[i].array, name) == 0)
			return i;
	return -1;
}

static int by_address(const void *one, const void *other)
{
	const struct mmp_symbol *const *a = one, *const *b = other;

	return ((*a)->value > (*b)->value) - ((*a)->value < (*b)->value);
}

/* From about 3.4 on each item is a symbol, and their order is that of the addresses. */
static size_t import_scattered(struct record_reading *r, int array)
{
	const struct mmp_symbol **items =
		calloc(r->image->symbol_count + 1, sizeof(*items));
	size_t count = 0;

	for (size_t i = 0; items && i < r->image->symbol_count; i++)
		if (array_of(r->image->symbols[i].name) == array)
			items[count++] = &r->image->symbols[i];
	if (count)
		qsort(items, count, sizeof(*items), by_address);
	for (size_t i = 0; i < count; i++) {
		r->origin.what = items[i]->name;
		import_record(r, items[i]->value, items[i]->size, arrays[array].section);
	}
	free(items);
	return count;
}

/* Before that it is a section of the linker, between two symbols. */
static size_t import_section(struct record_reading *r, int array)
{
	static const char *const ends[] = { "__stop_%s_section", "__end_%s_section" };
	uint64_t step = r->image->bits == 64 ? 32 : 16;
	const struct mmp_symbol *start, *end = NULL;
	char name[96];

	snprintf(name, sizeof(name), "__start_%s_section", arrays[array].array);
	start = mmp_image_symbol(r->image, name);
	if (!start)
		return 0;
	r->origin.what = start->name;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && !end; i++) {
		snprintf(name, sizeof(name), ends[i], arrays[array].array);
		end = mmp_image_symbol(r->image, name);
	}
	if (r->image->bits == 32 && mmp_evidence_value(r->evidence, "large_phys_addr", 0))
		step = 24;
	if (!end || end->value < start->value ||
	    (end->value - start->value) / step > MMP_REGISTRATIONS_MAX)
		return 0;
	for (uint64_t at = start->value; at + step <= end->value; at += step)
		import_record(r, at, step, arrays[array].section);
	return (end->value - start->value) / step;
}

void optee_import_registrations(struct mmp_evidence *evidence, struct mmp_origin origin,
				const struct mmp_linked_image *image)
{
	struct record_reading r = { evidence, origin, image, NULL, NULL, 0 };
	size_t count = 0;

	r.type_count = r.image->enumeration(r.image, "teecore_memtypes", &r.types);
	if (!r.type_count) {
		r.rules = optee_choose_release(r.evidence);
		mmp_evidence_remark(r.evidence,
				    "the image has no debug information with the numbers "
				    "of memory types: those of %s are taken",
				    r.rules ? r.rules->name : "no release");
	}
	for (int i = 0; i < ARRAYS; i++) {
		size_t found = import_scattered(&r, i);

		count += found ? found : import_section(&r, i);
	}
	if (!count)
		mmp_evidence_remark(r.evidence,
				    "the image names no registration: no symbol "
				    "__scattered_array_*phys_mem_map, no "
				    "__start_phys_mem_map_section");
}
