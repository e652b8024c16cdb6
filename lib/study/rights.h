/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RIGHT_H
#define MMP_RIGHT_H

/*
 * Who may access which physical address, and how, over all of its mappings. Two layouts
 * are compared by this and not by their entries: it matters what became possible, not the
 * virtual address.
 */

#include "tables/layout.h"

/* What mappings of an address allow, as the MMU sees it; bits. */
enum mmp_rights {
	MMP_RIGHT_SECURE = 1 << 0,    /* it is mapped as secure */
	MMP_RIGHT_NONSECURE = 1 << 1, /* it is mapped as non-secure */
	MMP_RIGHT_READ = 1 << 2,      /* the firmware itself */
	MMP_RIGHT_WRITE = 1 << 3,
	MMP_RIGHT_EXECUTE = 1 << 4,
	MMP_RIGHT_USER_READ = 1 << 5, /* its user mode */
	MMP_RIGHT_USER_WRITE = 1 << 6,
	MMP_RIGHT_USER_EXECUTE = 1 << 7,
	MMP_RIGHT_DEVICE = 1 << 8,
	MMP_RIGHT_CACHED = 1 << 9,
	MMP_RIGHT_UNCACHED = 1 << 10, /* normal non-cacheable memory */
	MMP_RIGHT_BITS = 11
};

/* What region n of a finished layout allows; 0 if nothing is mapped there. */
unsigned mmp_rights_of_region(const struct mmp_layout *layout, size_t n);

/* "secure P:rw- U:--- device". Returns `text`. */
#define MMP_RIGHTS_TEXT_SIZE 64
const char *mmp_rights_print(unsigned rights, char text[MMP_RIGHTS_TEXT_SIZE]);

/* A physical range with the same rights throughout, in each of two layouts. */
struct mmp_rights_range {
	uint64_t pa, size;      /* bytes */
	unsigned before, after; /* 0: not mapped */
	int type, other_type;   /* of what maps it in `after`, in `before`; -1: nothing */
};

struct mmp_rights_change {
	size_t count, capacity;
	struct mmp_rights_range *ranges; /* by PA, ascending; only what differs */
};

/* Free the ranges. */
void mmp_rights_change_done(struct mmp_rights_change *change);

/*
 * What `after` allows differently from `before`. NULL stands for a layout that maps
 * nothing. -1 is MMP_SYSTEM.
 */
int mmp_rights_compare(struct mmp_rights_change *ret_change,
		       const struct mmp_layout *before, const struct mmp_layout *after,
		       struct mmp_error *err);

#endif
