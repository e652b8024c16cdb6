/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PLATFORM_H
#define MMP_PLATFORM_H

/*
 * A platform as registered: name, rule set, configuration, and the registrations in
 * link order. Raw on purpose: ranges may be empty, overlap and wrap, as the firmware
 * takes them so. Built once by adding, then const.
 */

#include "model/rules.h"

enum mmp_section {
	MMP_PHYS_MEM_MAP, /* register_phys_mem and its _ul and pgdir forms */
	MMP_SDP_MEM,      /* register_sdp_mem */
	MMP_NSEC_DDR,     /* register_dynamic_shm, deprecated in 4.x */
	MMP_DDR_OVERALL,  /* register_ddr */
	MMP_SECTION_COUNT
};

extern const char *const mmp_section_names[MMP_SECTION_COUNT];

struct mmp_registration {
	enum mmp_section section;
	unsigned type;       /* number in the rule set */
	uint64_t addr, size; /* bytes */
	const char *name;    /* UTF-8; may be empty and may repeat */
	const char *origin;  /* "platform", "core_mmu.c", or the file it came from */
};

struct mmp_platform {
	char *name;
	const struct mmp_rules *rules;
	struct mmp_config config;
	size_t count, capacity;
	struct mmp_registration *registrations;
};

/* Copies the name. NULL where memory ran out. Configuration: the rule set's defaults. */
struct mmp_platform *mmp_platform_new(const char *name, const struct mmp_rules *rules);
void mmp_platform_free(struct mmp_platform *platform); /* NULL is fine */

/* Append; texts are copied. MMP_TOO_LARGE over MMP_REGISTRATIONS_MAX. */
int mmp_platform_add(struct mmp_platform *platform, const struct mmp_registration *one,
		     struct mmp_error *err);

/* Take out the registration at `ordinal`; those behind it move up. */
int mmp_platform_remove(struct mmp_platform *platform, size_t ordinal,
			struct mmp_error *err);

/*
 * Bytes that its mapped ranges have together, UINT64_MAX where that is more than 64 bits
 * hold: how many tables they may take is in proportion.
 */
uint64_t mmp_platform_bytes(const struct mmp_platform *platform);

/*
 * The name of a platform or a board: 1 to MMP_NAME_MAX bytes of UTF-8 without
 * control characters and '/'; not "." or "..".
 */
int mmp_name_check(const char *what, const char *name, struct mmp_error *err);

int mmp_section_find(const char *name, enum mmp_section *ret_section,
		     struct mmp_error *err);

#endif
