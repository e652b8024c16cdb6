/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CONTEXTS_H
#define MMP_CONTEXTS_H

/*
 * Several firmwares on one board, each with its own tables: are their views of physical
 * memory compatible? One sweep by physical address compares what each maps and what each
 * reserves for itself.
 */

#include "policy/policy.h"

/* One of the firmwares: its platform, and its layout, or NULL if it has none. */
struct mmp_context {
	const struct mmp_platform *platform;
	const struct mmp_layout *layout;
};

/* Conflicts between two firmwares. */
enum mmp_clash_kind {
	MMP_CLASH_EXPOSED,   /* one maps as non-secure what the other keeps secure */
	MMP_CLASH_PROTECTED, /* one maps what the other keeps for itself */
	MMP_CLASH_SECURITY,  /* secure in one, non-secure in the other */
	MMP_CLASH_MEMORY,    /* device in one, normal memory in the other */
	MMP_CLASH_CODE,      /* one can write what the other executes */
	MMP_CLASH_OWNERS,    /* normal memory that both can write */
	MMP_CLASH_KIND_COUNT
};

struct mmp_clash_info {
	const char *id; /* of the finding */
	enum mmp_severity severity;
	const char *about, *fix;
};

extern const struct mmp_clash_info mmp_clashes[MMP_CLASH_KIND_COUNT];

/* Physical memory on which two contexts clash. */
struct mmp_clash {
	enum mmp_clash_kind kind;
	size_t contexts[2];       /* the one that causes it, and the one affected */
	uint64_t pa, size;        /* bytes */
	struct mmp_region mapped; /* what the first maps there, or its first part */
	struct mmp_region other;  /* what the second maps or reserves there */
};

struct mmp_clash_list {
	struct mmp_clash *clashes;       /* by address */
	size_t count, capacity, omitted; /* omitted: over MMP_FINDINGS_MAX */
};

/* Initialise an empty list; mmp_clash_list_done frees what is added. */
void mmp_clash_list_init(struct mmp_clash_list *list);
void mmp_clash_list_done(struct mmp_clash_list *list);

/* Compare all pairs of contexts. -1 with MMP_SYSTEM if memory runs out. */
int mmp_contexts_compare(struct mmp_clash_list *list, const struct mmp_context *contexts,
			 size_t count, struct mmp_error *err);

/* Describe a clash in one sentence. */
#define MMP_CLASH_TEXT_SIZE 384
const char *mmp_clash_print(const struct mmp_clash *clash,
			    const struct mmp_context *contexts,
			    char text[MMP_CLASH_TEXT_SIZE]);

#endif
