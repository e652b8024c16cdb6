/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/scan.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct found {
	struct mmp_scanned *rows;
	size_t count, room;
};

static bool is_known(const struct found *found, const char *device)
{
	for (size_t i = 0; i < found->count; i++)
		if (strcmp(found->rows[i].device, device) == 0)
			return true;
	return false;
}

static void add_device(struct found *found, const char *folder, const char *name)
{
	struct mmp_scanned row;
	char device[PATH_MAX];
	int length = snprintf(row.line, sizeof(row.line), "serial:%s/%s", folder, name);

	if (length < 0 || (size_t)length >= sizeof(row.line) ||
	    !realpath(row.line + strlen("serial:"), device) ||
	    strlen(device) >= sizeof(row.device))
		return;
	strcpy(row.device, device);
	if (!is_known(found, device) && found->count < found->room)
		found->rows[found->count++] = row;
}

static void scan_folder(struct found *found, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.')
			add_device(found, folder, entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

size_t mmp_scan_serial(const char *folder, struct mmp_scanned *ret_found, size_t room)
{
	static const char *const kinds[] = { "by-id", "by-path" };
	struct found found = { ret_found, 0, room };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", folder, kinds[i]);
		scan_folder(&found, path);
	}
	return found.count;
}
