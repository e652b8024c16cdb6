/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "import/tree.h"

/*
 * make check-corpus CORPUS=FOLDER: every device tree blob below a folder, such as those
 * of a kernel package, through the reader. Prints what they hold, and each that is
 * refused; fails where one is, or where there are none.
 */
struct counts {
	unsigned files, refused, with_memory, empty_memory, with_reserved, with_firmware,
		with_node;
	unsigned long memory, reserved, no_map, dynamic, reusable;
};

static bool is_named(const char *path, const char *name)
{
	const char *last = strrchr(path, '/');

	return last && strncmp(last + 1, name, strlen(name)) == 0;
}

static void count(struct counts *c, const struct mmp_tree *tree)
{
	bool node = false;

	c->with_memory += tree->memory_count > 0 || tree->has_empty_memory;
	c->empty_memory += tree->has_empty_memory;
	c->with_reserved += tree->reserved_count > 0;
	c->with_firmware += tree->firmware && strstr(tree->firmware, "optee") != NULL;
	c->memory += tree->memory_count;
	c->reserved += tree->reserved_count;
	for (size_t i = 0; i < tree->reserved_count; i++) {
		c->no_map += tree->reserved[i].no_map;
		c->dynamic += tree->reserved[i].dynamic;
		c->reusable += tree->reserved[i].reusable;
		node |= is_named(tree->reserved[i].path, "optee");
	}
	c->with_node += node;
}

static void read_blob(struct counts *c, const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	char *bytes = malloc(size + 1);
	struct mmp_tree tree;
	struct mmp_error err;

	if (file && bytes && fread(bytes, 1, size, file) == size) {
		c->files++;
		if (mmp_tree_read(&tree, bytes, size, &err)) {
			c->refused++;
			printf("%s: %s\n", path, err.text);
		} else {
			count(c, &tree);
			mmp_tree_done(&tree);
		}
	}
	if (file)
		fclose(file);
	free(bytes);
}

static void walk(struct counts *c, const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[4096];
		struct stat stat;
		size_t length = strlen(entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (lstat(path, &stat))
			continue;
		if (S_ISDIR(stat.st_mode))
			walk(c, path);
		else if (length > 4 && strcmp(entry->d_name + length - 4, ".dtb") == 0)
			read_blob(c, path, (size_t)stat.st_size);
	}
	if (dir)
		closedir(dir);
}

int main(int argc, char **argv)
{
	struct counts c = { 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: corpus FOLDER\n");
		return 2;
	}
	walk(&c, argv[1]);
	printf("%u device trees, %u refused; with memory nodes %u, of size 0 %u, %lu "
	       "ranges; "
	       "with reserved memory %u: %lu nodes, %lu no-map, %lu without an address, "
	       "%lu reusable; /firmware/optee %u, reserved for it %u\n",
	       c.files, c.refused, c.with_memory, c.empty_memory, c.memory,
	       c.with_reserved, c.reserved, c.no_map, c.dynamic, c.reusable,
	       c.with_firmware, c.with_node);
	return c.refused || !c.files;
}
