/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_EXPLAIN_PRIVATE_H
#define MMP_DOC_EXPLAIN_PRIVATE_H

/* Shared by the files of doc/explain. */

#include "doc/explain.h"

struct explaining {
	const struct mmp_platform *platform;
	const struct mmp_layout *layout;
	bool stopped;
	json_t *readings;
	bool oom;
};

/*
 * Add a reading of that kind with its first sentence. Borrowed; NULL only when out of
 * memory.
 */
json_t *explain_reading(struct explaining *e, const char *as);

/* Add a sentence to a reading. */
void explain_say(struct explaining *e, json_t *reading, const char *text, ...)
	__attribute__((format(printf, 3, 4)));

/* What a message calls a region: the label of its type. Borrowed. */
const char *explain_label(const struct explaining *e, const struct mmp_region *region);

/* explain_address.c */
void explain_va(struct explaining *e, uint64_t va);
void explain_pa(struct explaining *e, uint64_t pa);
/* Where the registration is mapped, and what was rounded. */
void explain_mapping(struct explaining *e, json_t *reading, size_t ordinal);
/* Whether the address is mapped, as a virtual or as a physical address. */
bool explain_is_va(const struct explaining *e, uint64_t va);
bool explain_is_pa(const struct explaining *e, uint64_t pa);

/* explain_slots.c: which regions use each gigabyte of virtual space. */
void explain_slots(struct explaining *e);

#endif
