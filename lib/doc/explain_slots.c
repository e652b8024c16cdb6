/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/explain_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * The regions in each gigabyte of virtual space, which is one level 1 entry of the
 * tables.
 */

enum { SLOT_SHIFT = 30, SLOTS_MAX = 512, HOLDERS_SIZE = 256 };

static bool is_in_slot(const struct mmp_region *r, uint64_t slot)
{
	uint64_t base = slot << SLOT_SHIFT, last = base + (UINT64_C(1) << SLOT_SHIFT) - 1;

	return r->size && r->va <= last && r->va + (r->size - 1) >= base;
}

/* The types of the regions in a slot, each once: "TEE_RAM_RX, IO_SEC". */
static size_t holders_of(const struct explaining *e, uint64_t slot,
			 char text[HOLDERS_SIZE])
{
	const struct mmp_plan *plan = &e->layout->plan;
	size_t length = 0, count = 0;

	text[0] = '\0';
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		const char *label = explain_label(e, r);
		bool told = false;

		if (!is_in_slot(r, slot))
			continue;
		count++;
		for (size_t i = 0; i < n && !told; i++)
			told = is_in_slot(&plan->regions[i], slot) &&
			       plan->regions[i].type == r->type;
		if (!told && length + strlen(label) + 3 < HOLDERS_SIZE)
			length += (size_t)sprintf(text + length, "%s%s",
						  length ? ", " : "", label);
	}
	return count;
}

static void say_slot(struct explaining *e, json_t *reading, uint64_t slot)
{
	const struct mmp_tables *tables = &e->layout->tables;
	uint64_t base = slot << SLOT_SHIFT;
	char holders[HOLDERS_SIZE];
	size_t count = holders_of(e, slot, holders);
	bool user = tables->has_user_va && tables->user_va_idx == (int)slot;

	if (!count && !user)
		return;
	explain_say(e, reading,
		    "entry %" PRIu64 ", VA 0x%" PRIx64 " to 0x%" PRIx64 ": %s%s%s", slot,
		    base, base + (UINT64_C(1) << SLOT_SHIFT) - 1,
		    user ? "user space of trusted applications" : "",
		    user && count ? ", " : "", holders);
}

void explain_slots(struct explaining *e)
{
	unsigned bits = e->layout->plan.shape.va_bits;
	uint64_t slots = bits > SLOT_SHIFT ? UINT64_C(1) << (bits - SLOT_SHIFT) : 1;
	json_t *reading = explain_reading(e, "list of the gigabytes of virtual space");

	for (uint64_t slot = 0; slot < slots && slot < SLOTS_MAX; slot++)
		say_slot(e, reading, slot);
	explain_say(e, reading, "%s", "the others are not used");
}
