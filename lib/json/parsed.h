/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PARSED_H
#define MMP_PARSED_H

#include <jansson.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

/*
 * A text that was parsed to be read only, in memory of its own that is dropped in one go:
 * most of the time of json_loads and json_decref is malloc and free.
 *
 * - Nobody may change the tree (json_object_set, json_object_del, json_array_append ...):
 *   that would allocate and free outside of its memory. Only who has just parsed it may, by
 *   mmp_parsed_change. json_copy and json_deep_copy make values that may be changed; a
 *   shallow copy must not outlive the tree.
 * - A reference that is added to a part of it must be removed again before the tree is
 *   dropped. Only mmp_parsed_ref keeps a tree alive.
 * - The tree may be read by several threads at once, and dropped in any.
 *
 * This works for programs that have called mmp_parsed_use_arenas. In all others, and where
 * jansson was given other functions to allocate with, the tree is an ordinary value that is
 * freed with json_decref, and these rules are the same.
 */

/* Chunks of each size that are kept; none where a sanitizer looks for uses after the end. */
#define MMP_PARSED_SPARES MMP_SPARE_CHUNKS
#if defined(__SANITIZE_ADDRESS__)
#undef MMP_PARSED_SPARES
#define MMP_PARSED_SPARES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#undef MMP_PARSED_SPARES
#define MMP_PARSED_SPARES 0
#endif
#endif

/*
 * Who is asked for memory before a tree takes it, in pieces of up to a MiB or of a longer
 * string or list; false: it must not, and parsing ends as if there was none. What is not
 * used after all is given back.
 */
struct mmp_allowance {
	bool (*take)(struct mmp_allowance *allowance, size_t bytes);
	void (*give)(struct mmp_allowance *allowance, size_t bytes);
};

struct mmp_parsed {
	alignas(max_align_t) json_t *root; /* borrowed by all who read it */
	atomic_size_t owners;
	struct mmp_chunk *chunks; /* that the tree and this struct are in; NULL: malloc */
	char *at, *end;           /* what is free of the newest chunk */
	size_t bytes;             /* of all chunks */
	bool lacks_memory;        /* there was none for one of them */
	/* What a user is charged for the tree, and who takes it back; NULL: nobody. */
	void (*uncharge)(const struct mmp_parsed *parsed);
	void *account;
	size_t charged;
	unsigned uid;
};

/*
 * Have jansson allocate from the memory of a tree while one is parsed, and with malloc
 * otherwise. For the whole process, so the library does not do this itself: call it at the
 * start of main, before there are threads or values.
 */
void mmp_parsed_use_arenas(void);

/*
 * What this thread parses from now on asks `allowance`: `bytes` in all for each tree. NULL:
 * nobody is asked, as at first and for trees without such memory.
 */
void mmp_parsed_allow(struct mmp_allowance *allowance);

/* As json_loadb: NULL with *ret_fault, also if memory ran out. */
struct mmp_parsed *mmp_parsed_load(const char *text, size_t length, size_t flags,
				   json_error_t *ret_fault);

/*
 * Have `change` change a tree that nobody else reads yet. What it allocates is in the tree's
 * memory and counts in `bytes`; what it removes stays there until the tree is dropped. -1:
 * `change` has failed or memory ran out, and the tree can only be dropped.
 */
int mmp_parsed_change(struct mmp_parsed *parsed, int (*change)(json_t *root));

/* The same handle for a value that was made in another way. NULL: out of memory. */
struct mmp_parsed *mmp_parsed_of(json_t *take_root);

/* Add an owner, in any thread. Returns `parsed`, which may be NULL. */
struct mmp_parsed *mmp_parsed_ref(struct mmp_parsed *parsed);

/*
 * Remove an owner; the last one drops the tree, and before that calls `uncharge`, in its
 * thread. NULL is allowed.
 */
void mmp_parsed_unref(struct mmp_parsed *parsed);

/* The root; NULL if `parsed` is. */
static inline json_t *mmp_parsed_root(const struct mmp_parsed *parsed)
{
	return parsed ? parsed->root : NULL;
}

#endif
