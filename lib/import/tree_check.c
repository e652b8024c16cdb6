/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/tree_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "doc/platform.h"
#include "import/tree.h"

struct checking {
	const struct mmp_platform *platform;
	const struct mmp_tree *tree;
	struct mmp_range secure[MMP_SECURE_RANGES_MAX];
	unsigned secure_count;
	json_t *findings;
	struct mmp_buffer nodes; /* the nodes to paste */
};

static void add_finding(struct checking *c, const char *id, const char *severity,
			const char *fix, const char *format, uint64_t base, uint64_t size,
			const char *what)
{
	char message[512];

	snprintf(message, sizeof(message), format, base, size, what);
	json_array_append_new(c->findings,
			      json_pack("{s:s, s:s, s:s, s:[], s:[], s:s}", "id", id,
					"severity", severity, "message", message,
					"registrations", "regions", "fix", fix));
}

/* The number of bytes that two ranges share. Empty ranges share nothing. */
static uint64_t shared(uint64_t base, uint64_t size, uint64_t other, uint64_t other_size)
{
	uint64_t from = base > other ? base : other;
	uint64_t to = size - (from - base), other_to = other_size - (from - other);

	if (from - base >= size || from - other >= other_size)
		return 0;
	return to < other_to ? to : other_to;
}

/*
 * How much of a range static reserved nodes cover; with no_map only nodes with no-map
 * count.
 */
static uint64_t reserved_bytes(const struct checking *c, uint64_t base, uint64_t size,
			       bool no_map)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < c->tree->reserved_count; i++) {
		const struct mmp_tree_range *one = &c->tree->reserved[i];

		if (!one->dynamic && one->okay && (!no_map || one->no_map))
			bytes += shared(base, size, one->base, one->size);
	}
	return bytes;
}

static void add_node(struct checking *c, uint64_t base, uint64_t size)
{
	if (!c->nodes.length)
		mmp_buffer_text(&c->nodes, "reserved-memory {\n\t#address-cells = <2>;\n"
					   "\t#size-cells = <2>;\n\tranges;\n");
	mmp_buffer_printf(&c->nodes,
			  "\n\tsecure@%" PRIx64 " {\n\t\treg = <0x%" PRIx64 " 0x%" PRIx64
			  " 0x%" PRIx64 " 0x%" PRIx64 ">;\n\t\tno-map;\n\t};\n",
			  base, base >> 32, base & UINT32_MAX, size >> 32,
			  size & UINT32_MAX);
}

/* Report a range of secure memory that is in a memory node of Linux. */
static void check_secure(struct checking *c, const struct mmp_range *range,
			 const struct mmp_tree_range *memory)
{
	uint64_t bytes = shared(range->base, range->size, memory->base, memory->size);
	uint64_t from = range->base > memory->base ? range->base : memory->base;

	if (!bytes)
		return;
	if (reserved_bytes(c, from, bytes, false) < bytes) {
		add_finding(c, "linux-uses-secure", "error",
			    "reserve it in the device tree with no-map, or take it out "
			    "of the "
			    "memory node",
			    "Linux would use secure memory at 0x%" PRIx64
			    " size 0x%" PRIx64
			    ": it is in %s, and no reserved-memory node has it",
			    from, bytes, memory->path);
		add_node(c, from, bytes);
	} else if (reserved_bytes(c, from, bytes, true) < bytes) {
		add_finding(c, "reserved-mapped", "warning",
			    "add no-map; to the reserved node",
			    "secure memory at 0x%" PRIx64 " size 0x%" PRIx64
			    " in %s is reserved without no-map: Linux maps it",
			    from, bytes, memory->path);
	}
}

/* Whether the node is for the platform's firmware, by the first part of its name. */
static bool is_firmwares(const struct checking *c, const struct mmp_tree_range *node)
{
	const struct mmp_importer *importer = c->platform->rules->firmware->importer;
	const char *name = strrchr(node->path, '/') + 1;

	for (size_t i = 0;
	     importer && importer->reserved_names && importer->reserved_names[i]; i++) {
		size_t length = strlen(importer->reserved_names[i]);

		if (strncmp(name, importer->reserved_names[i], length) == 0 &&
		    (!name[length] || strchr("@-_", name[length])))
			return true;
	}
	return false;
}

static void check_reserved(struct checking *c, const struct mmp_tree_range *node)
{
	if (node->dynamic || !node->size || !is_firmwares(c, node))
		return;
	for (unsigned i = 0; i < c->secure_count; i++)
		if (shared(node->base, node->size, c->secure[i].base, c->secure[i].size))
			return;
	for (size_t i = 0; i < c->platform->count; i++) {
		const struct mmp_registration *one = &c->platform->registrations[i];

		if (shared(node->base, node->size, one->addr, one->size))
			return;
	}
	add_finding(c, "reserved-unknown", "warning",
		    "is it a node of another firmware, or a platform of another board?",
		    "memory at 0x%" PRIx64 " size 0x%" PRIx64
		    " is reserved by %s, but no secure memory and no registration of the "
		    "platform "
		    "is there",
		    node->base, node->size, node->path);
}

static void check_all(struct checking *c)
{
	const struct mmp_rules *rules = c->platform->rules;

	if (rules->secure)
		c->secure_count = rules->secure(rules, &c->platform->config, c->secure);
	for (size_t i = 0; i < c->tree->memory_count; i++)
		for (unsigned n = 0; n < c->secure_count && c->tree->memory[i].okay; n++)
			check_secure(c, &c->secure[n], &c->tree->memory[i]);
	for (size_t i = 0; i < c->tree->reserved_count; i++)
		check_reserved(c, &c->tree->reserved[i]);
}

json_t *mmp_import_tree_check(const json_t *document, const char *bytes, size_t size,
			      json_t **ret_node, struct mmp_error *err)
{
	struct checking c = { .nodes = MMP_BUFFER_EMPTY };
	struct mmp_platform *platform;
	struct mmp_tree tree;

	if (mmp_platform_read(document, &platform, err))
		return NULL;
	if (mmp_tree_read(&tree, bytes, size, err)) {
		mmp_platform_free(platform);
		return NULL;
	}
	c.platform = platform;
	c.tree = &tree;
	c.findings = json_array();
	check_all(&c);
	if (c.nodes.length)
		mmp_buffer_text(&c.nodes, "};\n");
	*ret_node = c.nodes.length ? json_string(c.nodes.bytes) : NULL;
	mmp_buffer_done(&c.nodes);
	mmp_tree_done(&tree);
	mmp_platform_free(platform);
	return c.findings;
}
