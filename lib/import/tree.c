/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/tree.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { PATH_SIZE = 512 };

struct tree_reading {
	const void *blob;
	struct mmp_tree *tree;
	size_t memory_capacity, reserved_capacity;
	unsigned nodes;
	struct mmp_error *err;
};

bool mmp_tree_probe(const char *bytes, size_t size)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return size >= 4 && b[0] == 0xd0 && b[1] == 0x0d && b[2] == 0xfe && b[3] == 0xed;
}

static void free_ranges(struct mmp_tree_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)(uintptr_t)ranges[i].path);
		free((char *)(uintptr_t)ranges[i].compatible);
	}
	free(ranges);
}

void mmp_tree_done(struct mmp_tree *tree)
{
	free_ranges(tree->memory, tree->memory_count);
	free_ranges(tree->reserved, tree->reserved_count);
	free(tree->text);
	memset(tree, 0, sizeof(*tree));
}

/* A string property; "" if it is missing or not terminated. */
static const char *property_text(const struct tree_reading *r, int node, const char *name)
{
	int length;
	const char *text = fdt_getprop(r->blob, node, name, &length);

	return text && length > 0 && memchr(text, '\0', (size_t)length) ? text : "";
}

static bool is_okay(const char *status)
{
	return !*status || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}

/* A missing `secure-status` defaults to `status` (Devicetree Specification, 2.3.4). */
static void read_status(const struct tree_reading *r, int node,
			struct mmp_tree_range *range)
{
	const char *status = property_text(r, node, "status");
	const char *secure = property_text(r, node, "secure-status");

	range->okay = is_okay(status);
	range->secure_okay = *secure ? is_okay(secure) : range->okay;
}

static uint64_t cells(const fdt32_t *at, int count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 32 | fdt32_to_cpu(*at++);
	return value;
}

static int out_of_memory(const struct tree_reading *r)
{
	return mmp_fail(r->err, MMP_SYSTEM, "out of memory");
}

static int add_range(struct tree_reading *r, const struct mmp_tree_range *given,
		     bool memory)
{
	struct mmp_tree_range **list = memory ? &r->tree->memory : &r->tree->reserved;
	size_t *count = memory ? &r->tree->memory_count : &r->tree->reserved_count;
	size_t *capacity = memory ? &r->memory_capacity : &r->reserved_capacity;
	struct mmp_tree_range one = *given;

	if (*count == MMP_TREE_NODES_MAX)
		return mmp_fail(r->err, MMP_TOO_LARGE, "more than %d ranges of memory",
				MMP_TREE_NODES_MAX);
	if (*count == *capacity) {
		size_t more = *capacity ? 2 * *capacity : 16;
		void *grown = realloc(*list, more * sizeof(**list));

		if (!grown)
			return out_of_memory(r);
		*list = grown;
		*capacity = more;
	}
	one.path = strdup(given->path);
	one.compatible = strdup(given->compatible);
	(*list)[(*count)++] = one;
	return one.path && one.compatible ? 0 : out_of_memory(r);
}

/* Read each (address, size) of the node's `reg`, using its parent's cells. */
static int read_reg(struct tree_reading *r, int parent, int node,
		    struct mmp_tree_range *range, bool memory)
{
	int address = fdt_address_cells(r->blob, parent);
	int size = fdt_size_cells(r->blob, parent), length;
	const fdt32_t *reg = fdt_getprop(r->blob, node, "reg", &length);

	if (!reg)
		return 0;
	if (address < 1 || address > 2 || size < 0 || size > 2)
		return mmp_fail(r->err, MMP_INVALID,
				"offset 0x%x: %.100s: addresses of %d cells and sizes of "
				"%d; 1 or 2 of each were expected",
				(unsigned)node, range->path, address, size);
	length /= (int)sizeof(*reg);
	for (; length >= address + size; length -= address + size) {
		range->base = cells(reg, address);
		range->size = cells(reg + address, size);
		reg += address + size;
		if (memory && !range->size)
			r->tree->has_empty_memory = true;
		if (add_range(r, range, memory))
			return -1;
	}
	return 0;
}

static int read_memory(struct tree_reading *r, int parent, int node, const char *path)
{
	struct mmp_tree_range range = { .path = path, .compatible = "" };
	int length;

	read_status(r, node, &range);
	if (!fdt_getprop(r->blob, node, "reg", &length))
		r->tree->has_empty_memory = true;
	return read_reg(r, parent, node, &range, true);
}

/* A reserved range has an address, or only a size: then Linux chooses the address. */
static int read_reserved(struct tree_reading *r, int parent, int node, const char *path)
{
	struct mmp_tree_range range = { .path = path };
	int length;
	const fdt32_t *size = fdt_getprop(r->blob, node, "size", &length);

	read_status(r, node, &range);
	range.compatible = property_text(r, node, "compatible");
	range.no_map = fdt_getprop(r->blob, node, "no-map", NULL) != NULL;
	range.reusable = fdt_getprop(r->blob, node, "reusable", NULL) != NULL;
	if (fdt_getprop(r->blob, node, "reg", NULL))
		return read_reg(r, parent, node, &range, false);
	range.dynamic = true;
	if (size && length >= 4)
		range.size = cells(size, length >= 8 ? 2 : 1);
	return add_range(r, &range, false);
}

static int read_children(struct tree_reading *r, int parent, const char *prefix,
			 bool memory)
{
	int node;

	fdt_for_each_subnode(node, r->blob, parent)
	{
		const char *name = fdt_get_name(r->blob, node, NULL);
		const char *type = property_text(r, node, "device_type");
		char path[PATH_SIZE];

		if (++r->nodes > MMP_TREE_NODES_MAX)
			return mmp_fail(r->err, MMP_TOO_LARGE, "more than %d nodes",
					MMP_TREE_NODES_MAX);
		snprintf(path, sizeof(path), "%s/%.200s", prefix, name ? name : "?");
		if (memory ? strcmp(type, "memory") == 0 &&
				     read_memory(r, parent, node, path)
			   : read_reserved(r, parent, node, path))
			return -1;
	}
	return 0;
}

static void read_seed(struct tree_reading *r)
{
	int node = fdt_path_offset(r->blob, "/secure-chosen"), length;
	const fdt32_t *seed =
		node < 0 ? NULL : fdt_getprop(r->blob, node, "kaslr-seed", &length);

	if (!seed || length != 8)
		return;
	r->tree->seed_known = true;
	r->tree->seed = cells(seed, 2);
}

static int read_firmware(struct tree_reading *r)
{
	int parent = fdt_path_offset(r->blob, "/firmware"), node;

	if (parent < 0)
		return 0;
	fdt_for_each_subnode(node, r->blob, parent)
	{
		const char *compatible = property_text(r, node, "compatible");

		if (!*compatible || !is_okay(property_text(r, node, "status")) ||
		    r->tree->text)
			continue;
		r->tree->text = strdup(compatible);
		if (!r->tree->text)
			return out_of_memory(r);
		r->tree->firmware = r->tree->text;
	}
	return 0;
}

static int read_all(struct tree_reading *r)
{
	int reserved = fdt_path_offset(r->blob, "/reserved-memory");

	if (read_children(r, 0, "", true))
		return -1;
	if (reserved >= 0 && read_children(r, reserved, "/reserved-memory", false))
		return -1;
	read_seed(r);
	return read_firmware(r);
}

/*
 * Check the header before libfdt sees it: fdt_check_full() of 1.6.1 follows a null
 * pointer if the version is below 16.
 */
static int check_header(const void *blob, size_t size, struct mmp_error *err)
{
	if (fdt_totalsize(blob) > size || fdt_totalsize(blob) < sizeof(struct fdt_header))
		return mmp_fail(err, MMP_INVALID,
				"offset 4: a blob of 0x%x bytes, but the file has 0x%zx",
				fdt_totalsize(blob), size);
	if (fdt_version(blob) < 16)
		return mmp_fail(err, MMP_INVALID,
				"offset 20: version %u; 16 or 17 was expected",
				fdt_version(blob));
	if (fdt_last_comp_version(blob) > 17)
		return mmp_fail(err, MMP_INVALID,
				"offset 24: only readers of version %u understand it; at "
				"most 17 was expected",
				fdt_last_comp_version(blob));
	return 0;
}

/* Report how far the structure block can be parsed, to help find the fault. */
static int explain_fault(const void *blob, int problem, struct mmp_error *err)
{
	int at = 0, next = 0, tag = FDT_NOP;

	if (fdt_check_header(blob))
		return mmp_fail(err, MMP_INVALID,
				"offset 8: %s: the blocks that the "
				"header names are not all inside",
				fdt_strerror(problem));
	while (tag != FDT_END && next >= 0) {
		at = next;
		tag = (int)fdt_next_tag(blob, at, &next);
	}
	return mmp_fail(err, MMP_INVALID, "offset 0x%x: %s",
			fdt_off_dt_struct(blob) + (unsigned)at, fdt_strerror(problem));
}

int mmp_tree_read(struct mmp_tree *ret_tree, const char *bytes, size_t size,
		  struct mmp_error *err)
{
	struct mmp_tree tree = { 0 };
	struct tree_reading r = { .blob = bytes, .tree = &tree, .err = err };
	void *aligned = NULL;
	int problem, failed;

	if (size < sizeof(struct fdt_header))
		return mmp_fail(err, MMP_INVALID,
				"the file ends at offset 0x%zx, within the header", size);
	/* libfdt requires its blob to be aligned to 8 bytes. */
	if ((uintptr_t)bytes % 8) {
		aligned = malloc(size);
		if (!aligned)
			return mmp_fail(err, MMP_SYSTEM, "out of memory");
		r.blob = memcpy(aligned, bytes, size);
	}
	failed = check_header(r.blob, size, err);
	problem = failed ? 0 : fdt_check_full(r.blob, size);
	if (problem)
		failed = explain_fault(r.blob, problem, err);
	else if (!failed)
		failed = read_all(&r);
	free(aligned);
	if (failed) {
		mmp_tree_done(&tree);
		return -1;
	}
	*ret_tree = tree;
	return 0;
}
