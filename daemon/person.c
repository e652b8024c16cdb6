/* SPDX-License-Identifier: BSD-2-Clause */
#include "person.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/socket.h"

static const char *folder_of(const char *variable)
{
	const char *folder = getenv(variable);

	return folder && folder[0] == '/' ? folder : NULL;
}

static bool is_person(void)
{
	return geteuid() != 0 && folder_of("XDG_RUNTIME_DIR");
}

const char *person_socket(void)
{
	static char *path;

	if (path || !is_person())
		return path ? path : MMP_SOCKET_SYSTEM;
	if (asprintf(&path, "%s/" MMP_SOCKET_PERSON, folder_of("XDG_RUNTIME_DIR")) < 0)
		path = NULL;
	return path ? path : MMP_SOCKET_SYSTEM;
}

/* Create every missing folder of the path, accessible only to this user. */
static int make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

const char *person_database(const char *system)
{
	static char *path;
	const char *state = folder_of("XDG_STATE_HOME"), *home = folder_of("HOME");
	int length;

	if (path || !is_person() || (!state && !home))
		return path ? path : system;
	length = asprintf(&path, "%s%s/mmpd/mmpd.db", state ? state : home,
			  state ? "" : "/.local/state");
	if (length < 0 || make_folders(path)) {
		free(length < 0 ? NULL : path);
		path = NULL;
	}
	return path ? path : system;
}
