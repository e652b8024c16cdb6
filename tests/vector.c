/* SPDX-License-Identifier: BSD-2-Clause */
#include "vector.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "doc/platform.h"

static const char *path_of(const char *name, const char *suffix, char path[512])
{
	const char *top = getenv("top_srcdir");

	snprintf(path, 512, "%s/tests/vectors/%s%s", top ? top : "..", name, suffix);
	return path;
}

json_t *vector_read(const char *name)
{
	char path[512];
	json_error_t where;
	json_t *vector = json_load_file(path_of(name, ".json", path), 0, &where);

	if (!vector)
		fail_msg("%s: %s", path, where.text);
	return vector;
}

struct mmp_platform *vector_platform_of(const json_t *document)
{
	struct mmp_platform *platform = NULL;
	struct mmp_error err;

	if (mmp_platform_read(document, &platform, &err))
		fail_msg("%s", err.text);
	return platform;
}

struct mmp_platform *vector_platform(const char *name)
{
	json_t *vector = vector_read(name);
	struct mmp_platform *platform = vector_platform_of(vector);

	json_decref(vector);
	return platform;
}

static int is_json(const struct dirent *entry)
{
	return strstr(entry->d_name, ".json") != NULL;
}

unsigned vector_each(const char *folder, uint64_t n,
		     void (*each)(void *data, const char *name, const json_t *vector),
		     void *data)
{
	char path[512], name[512];
	struct dirent **names;
	unsigned called = 0;
	int count = scandir(path_of(folder, "", path), &names, is_json, alphasort);

	if (count <= 0)
		fail_msg("%s has no recordings", path);
	for (int i = 0; i < count; free(names[i++])) {
		json_t *vector;

		if ((uint64_t)i % n)
			continue;
		snprintf(name, sizeof(name), "%s/%.*s", folder,
			 (int)(strlen(names[i]->d_name) - strlen(".json")),
			 names[i]->d_name);
		vector = vector_read(name);
		each(data, names[i]->d_name, vector);
		json_decref(vector);
		called++;
	}
	free(names);
	return called;
}
