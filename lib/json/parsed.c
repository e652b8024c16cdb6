/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/parsed.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"

/* --- chunks of memory, some of which are kept for the next text --------------------- */

struct mmp_chunk {
	alignas(max_align_t) struct mmp_chunk *next;
	size_t size; /* of all of it, with this head */
};

/* The chunks of a tree grow in these steps. */
static const size_t sizes[] = { 4u << 10, 64u << 10, 1u << 20 };

enum { KINDS = sizeof(sizes) / sizeof(sizes[0]) };

static _Atomic(struct mmp_chunk *) spare[KINDS][MMP_SPARE_CHUNKS];

static struct mmp_chunk *take_spare(unsigned kind)
{
	for (size_t i = 0; i < MMP_SPARE_CHUNKS; i++) {
		struct mmp_chunk *chunk = NULL;

		if (atomic_load_explicit(&spare[kind][i], memory_order_relaxed))
			chunk = atomic_exchange(&spare[kind][i], NULL);
		if (chunk)
			return chunk;
	}
	return NULL;
}

static bool keep_spare(struct mmp_chunk *chunk)
{
	unsigned kind = 0;

	while (kind < KINDS && sizes[kind] != chunk->size)
		kind++;
	for (size_t i = 0; kind < KINDS && i < MMP_PARSED_SPARES; i++) {
		struct mmp_chunk *none = NULL;

		if (!atomic_load_explicit(&spare[kind][i], memory_order_relaxed) &&
		    atomic_compare_exchange_strong(&spare[kind][i], &none, chunk))
			return true;
	}
	return false;
}

static void drop_chunks(struct mmp_chunk *chunk)
{
	while (chunk) {
		struct mmp_chunk *next = chunk->next;

		if (!keep_spare(chunk))
			free(chunk);
		chunk = next;
	}
}

/* Whoever is asked by this thread; NULL: nobody. */
static _Thread_local struct mmp_allowance *allowance;

void mmp_parsed_allow(struct mmp_allowance *new_allowance)
{
	allowance = new_allowance;
}

/*
 * A chunk with room for `bytes`, at least of the kind; NULL: out of memory, or of what is
 * allowed.
 */
static struct mmp_chunk *new_chunk(unsigned kind, size_t bytes)
{
	struct mmp_chunk *chunk;
	size_t size = bytes + sizeof(*chunk);

	while (kind < KINDS && sizes[kind] < size)
		kind++;
	if (kind < KINDS)
		size = sizes[kind];
	if (allowance && !allowance->take(allowance, size))
		return NULL;
	chunk = kind < KINDS ? take_spare(kind) : NULL;
	if (!chunk)
		chunk = malloc(size);
	if (!chunk && allowance)
		allowance->give(allowance, size);
	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->size = size;
	return chunk;
}

/* --- allocation within the chunks of a tree ----------------------------------------- */

static unsigned next_kind(const struct mmp_parsed *parsed)
{
	unsigned kind = 0;

	while (kind + 1 < KINDS && sizes[kind] <= parsed->chunks->size)
		kind++;
	return kind;
}

/* A large piece has a chunk of its own, behind the newest, which stays in use. */
static void *add_chunk(struct mmp_parsed *parsed, size_t bytes)
{
	struct mmp_chunk *chunk = new_chunk(next_kind(parsed), bytes);

	parsed->lacks_memory |= !chunk;
	if (!chunk)
		return NULL;
	parsed->bytes += chunk->size;
	if (chunk->size > sizes[KINDS - 1]) {
		chunk->next = parsed->chunks->next;
		parsed->chunks->next = chunk;
	} else {
		chunk->next = parsed->chunks;
		parsed->chunks = chunk;
		parsed->at = (char *)(chunk + 1) + bytes;
		parsed->end = (char *)chunk + chunk->size;
	}
	return chunk + 1;
}

static void *allocate(struct mmp_parsed *parsed, size_t size)
{
	char *at = parsed->at;

	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (size > (size_t)(parsed->end - at))
		return add_chunk(parsed, size);
	parsed->at = at + size;
	return at;
}

/* The tree that this thread is parsing. */
static _Thread_local struct mmp_parsed *current;

static void *arena_malloc(size_t size)
{
	return current ? allocate(current, size) : malloc(size);
}

/* jansson frees nothing while it parses but what it has allocated for that text. */
static void arena_free(void *memory)
{
	if (!current)
		free(memory);
}

void mmp_parsed_use_arenas(void)
{
	json_set_alloc_funcs(arena_malloc, arena_free);
}

static bool uses_arenas(void)
{
	json_malloc_t allocates;
	json_free_t frees;

	json_get_alloc_funcs(&allocates, &frees);
	return allocates == arena_malloc && frees == arena_free;
}

/* --- trees -------------------------------------------------------------------------- */

/* The handle is the first piece of its own memory. */
static struct mmp_parsed *new_arena(void)
{
	struct mmp_chunk *chunk = new_chunk(0, sizeof(struct mmp_parsed));
	struct mmp_parsed *parsed;

	if (!chunk)
		return NULL;
	parsed = (struct mmp_parsed *)(chunk + 1);
	*parsed = (struct mmp_parsed){ .owners = 1,
				       .chunks = chunk,
				       .at = (char *)(parsed + 1),
				       .end = (char *)chunk + chunk->size,
				       .bytes = chunk->size };
	return parsed;
}

static void drop(struct mmp_parsed *parsed)
{
	if (parsed->uncharge)
		parsed->uncharge(parsed);
	if (parsed->chunks) {
		drop_chunks(parsed->chunks);
	} else {
		json_decref(parsed->root);
		free(parsed);
	}
}

struct mmp_parsed *mmp_parsed_of(json_t *take_root)
{
	struct mmp_parsed *parsed = take_root ? calloc(1, sizeof(*parsed)) : NULL;

	if (!parsed) {
		json_decref(take_root);
		return NULL;
	}
	parsed->owners = 1;
	parsed->root = take_root;
	return parsed;
}

/* As jansson says it, but also where jansson takes a lack of memory for bad JSON. */
static struct mmp_parsed *out_of_memory(json_error_t *ret_fault)
{
	*ret_fault = (json_error_t){ .line = -1, .column = -1, .text = "out of memory" };
	ret_fault->text[JSON_ERROR_TEXT_LENGTH - 1] = json_error_out_of_memory;
	return NULL;
}

static struct mmp_parsed *load_plain(const char *text, size_t length, size_t flags,
				     json_error_t *ret_fault)
{
	json_t *root = json_loadb(text, length, flags, ret_fault);
	struct mmp_parsed *parsed = root ? mmp_parsed_of(root) : NULL;

	return root && !parsed ? out_of_memory(ret_fault) : parsed;
}

struct mmp_parsed *mmp_parsed_load(const char *text, size_t length, size_t flags,
				   json_error_t *ret_fault)
{
	struct mmp_parsed *parsed;
	bool lacks_memory;
	size_t bytes;

	*ret_fault =
		(json_error_t){ .line = -1 }; /* jansson may fail before it sets it */
	if (!uses_arenas())
		return load_plain(text, length, flags, ret_fault);
	assert(!current);
	parsed = new_arena();
	if (!parsed)
		return out_of_memory(ret_fault);
	current = parsed;
	parsed->root = json_loadb(text, length, flags, ret_fault);
	current = NULL;
	lacks_memory = parsed->lacks_memory;
	if (parsed->root && !lacks_memory)
		return parsed;
	bytes = parsed->bytes;
	drop_chunks(parsed->chunks);
	if (allowance)
		allowance->give(allowance, bytes);
	return lacks_memory ? out_of_memory(ret_fault) : NULL;
}

int mmp_parsed_change(struct mmp_parsed *parsed, int (*change)(json_t *root))
{
	int failed;

	assert(!current);
	current = parsed->chunks ? parsed : NULL;
	failed = change(parsed->root);
	current = NULL;
	return failed || parsed->lacks_memory ? -1 : 0;
}

struct mmp_parsed *mmp_parsed_ref(struct mmp_parsed *parsed)
{
	if (parsed)
		atomic_fetch_add(&parsed->owners, 1);
	return parsed;
}

void mmp_parsed_unref(struct mmp_parsed *parsed)
{
	if (parsed && atomic_fetch_sub(&parsed->owners, 1) == 1)
		drop(parsed);
}
