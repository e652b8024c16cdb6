/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "import/elf.h"
#include "import/import_private.h"

/*
 * Adds files by path. In the output folder of a build, useful files are found by their
 * content: in the folder itself, in the folders in it, and, for the configuration, in
 * the parent folder.
 */

enum { PATH_SIZE = 4096, HEAD_SIZE = 512, TEXT_MAX = 1 << 20 };

struct search {
	struct mmp_import *import;
	size_t root_length; /* of the given folder's path, including the '/' */
	unsigned entries, found;
	bool settings_alone;
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* Read an open file, but at most MMP_IMPORT_BYTES_MAX and one byte. */
static char *read_whole(int fd, const char *path, size_t *ret_size, struct mmp_error *err)
{
	size_t size = 0, room = 1 << 16;
	char *bytes = malloc(room), *grown;
	ssize_t got = 1;

	while (bytes && size <= MMP_IMPORT_BYTES_MAX && got > 0) {
		if (size == room) {
			grown = realloc(bytes, room *= 2);
			if (!grown)
				break;
			bytes = grown;
		}
		got = read(fd, bytes + size, room - size);
		if (got < 0 && errno == EINTR) {
			got = 1;
			continue;
		}
		size += got > 0 ? (size_t)got : 0;
	}
	if (bytes && got == 0) {
		*ret_size = size;
		return bytes;
	}
	if (got < 0)
		mmp_fail(err, MMP_BAD_REQUEST, "%s: %s", path, strerror(errno));
	else if (size > MMP_IMPORT_BYTES_MAX)
		mmp_fail(err, MMP_TOO_LARGE, "%s: over %u bytes", path,
			 MMP_IMPORT_BYTES_MAX);
	else
		mmp_fail(err, MMP_SYSTEM, "no memory for %s", path);
	free(bytes);
	return NULL;
}

static int add_file(struct mmp_import *import, int fd, const char *path, const char *name,
		    struct mmp_error *err)
{
	size_t size;
	char *bytes = read_whole(fd, path, &size, err);

	return bytes ? mmp_import_add(import, name, bytes, size, err) : -1;
}

/* --- folders ---------------------------------------------------------------------------- */

/* Whether a firmware owns the file that was added last. */
static bool is_owned(const struct mmp_import *import)
{
	const struct mmp_import_file *file = &import->files[import->count - 1];

	for (const struct mmp_firmware *const *all = mmp_firmwares; *all; all++)
		if ((*all)->importer && file->reader->owned &&
		    file->reader->owned(file, *all))
			return true;
	return false;
}

static void forget_last(struct mmp_import *import)
{
	struct mmp_import_file *file = &import->files[--import->count];

	file->reader->close(file);
	free(import->evidence.files[--import->evidence.file_count].name);
	free(file->name);
	free(file->bytes);
	memset(file, 0, sizeof(*file));
}

/* Whether the first bytes suggest that the file is worth reading whole. */
static bool is_candidate(const struct search *s, int fd, off_t size)
{
	char head[HEAD_SIZE];
	ssize_t got = pread(fd, head, sizeof(head), 0);

	if (got < 20)
		return false;
	if (mmp_elf_probe(head, (size_t)got))
		return !s->settings_alone && (head[16] == 2 || head[16] == 3);
	if (size > TEXT_MAX || memchr(head, '\0', (size_t)got))
		return false;
	/* Only settings: object lists, maps and C files are skipped. */
	return mmp_reader_settings.probe(head, (size_t)got);
}

static void look_at(struct search *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct mmp_error err;
	struct stat stat;
	size_t before = s->import->count;

	if (fd < 0)
		return;
	/* Skip broken or unknown files in a folder. */
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) &&
	    is_candidate(s, fd, stat.st_size) && before < MMP_IMPORT_FILES_MAX &&
	    !add_file(s->import, fd, path, path + s->root_length, &err)) {
		if (is_owned(s->import))
			s->found++;
		else
			forget_last(s->import);
	}
	close(fd);
}

static int file_by_name(const struct dirent **one, const struct dirent **other)
{
	return strcmp((*one)->d_name, (*other)->d_name);
}

static void look_through(struct search *s, const char *folder, unsigned depth)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, file_by_name);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char path[PATH_SIZE];
		struct stat stat;
		bool is_folder;

		if (name[0] != '.' && s->entries++ < MMP_IMPORT_ENTRIES_MAX &&
		    snprintf(path, sizeof(path), "%s%s%s", folder,
			     folder[strlen(folder) - 1] == '/' ? "" : "/",
			     name) < PATH_SIZE &&
		    lstat(path, &stat) == 0) {
			is_folder = S_ISDIR(stat.st_mode);
			if (is_folder && depth)
				look_through(s, path, depth - 1);
			else if (!is_folder)
				look_at(s, path);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static bool has_settings(const struct mmp_import *import)
{
	for (size_t i = 0; i < import->count; i++)
		if (import->files[i].reader == &mmp_reader_settings)
			return true;
	return false;
}

static int add_folder(struct mmp_import *import, const char *path, struct mmp_error *err)
{
	struct search s = { .import = import };
	char folder[PATH_SIZE];

	if (snprintf(folder, sizeof(folder), "%s%s", path,
		     path[strlen(path) - 1] == '/' ? "" : "/") > PATH_SIZE - 8)
		return mmp_fail(err, MMP_INVALID, "%.100s...: the path is too long",
				path);
	s.root_length = strlen(folder);
	look_through(&s, folder, 1);
	if (!has_settings(import)) {
		strcat(folder, "../");
		s.settings_alone = true;
		look_through(&s, folder, 0);
	}
	if (s.entries > MMP_IMPORT_ENTRIES_MAX)
		mmp_evidence_remark(&import->evidence,
				    "%s has more than %d files; the rest is ignored: "
				    "pass the folder of the core, or the files",
				    path, MMP_IMPORT_ENTRIES_MAX);
	if (!s.found)
		return mmp_fail(err, MMP_NOT_FOUND,
				"%s: no image with symbols and no configuration of a "
				"firmware that mmp knows is %s this folder",
				path,
				s.entries > MMP_IMPORT_ENTRIES_MAX
					? "among the first files of"
					: "in");
	return 0;
}

int mmp_import_add_path(struct mmp_import *import, const char *path,
			struct mmp_error *err)
{
	struct stat stat;
	int fd, failed;

	if (strcmp(path, "-") == 0)
		return add_file(import, STDIN_FILENO, "stdin", "stdin", err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return mmp_fail(err, errno == ENOENT ? MMP_NOT_FOUND : MMP_BAD_REQUEST,
				"%s: %s", path, strerror(errno));
	if (fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode))
		failed = add_folder(import, path, err);
	else
		failed = add_file(import, fd, path, last_part(path), err);
	close(fd);
	return failed;
}
