/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "line/key_file.h"
#include "model/platform.h"

static int path_of(const struct service *service, const char *name, const char *suffix,
		   char path[PATH_MAX], struct mmp_error *err)
{
	if (!service->keys)
		return mmp_fail(err, MMP_INVALID,
				"this mmpd has no folder for keys (--keys FOLDER)");
	if (snprintf(path, PATH_MAX, "%s/%s%s", service->keys, name, suffix) >= PATH_MAX)
		return mmp_fail(err, MMP_INVALID, "the path of key \"%.40s\" is too long",
				name);
	return 0;
}

/* Accept only a file name, and nothing that leads out of the folder. */
static int check_name(const char *name, struct mmp_error *err)
{
	struct key key;
	size_t length = strlen(name);
	bool is_plain = true;

	for (const char *at = name; *at; at++)
		is_plain &= (unsigned char)*at >= ' ' && *at != 0x7f && *at != '/';
	if (length == 0 || length >= sizeof(key.name) || name[0] == '.' ||
	    name[0] == '-' || !is_plain)
		return mmp_fail(
			err, MMP_INVALID,
			"\"%.80s\" is not a valid key name: it must have 1 to "
			"%zu bytes, no \"/\" and no control character, and no \".\" "
			"or \"-\" at the beginning",
			name, sizeof(key.name) - 1);
	return 0;
}

static int write_file(const char *path, const char *text, size_t length,
		      struct mmp_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t written = fd < 0 ? -1 : write(fd, text, length);
	int cause = errno, failed = written != (ssize_t)length || fsync(fd);

	if (fd >= 0 && close(fd))
		failed = 1;
	if (!failed)
		return 0;
	if (fd >= 0)
		unlink(path);
	if (fd < 0 && cause == EEXIST)
		return mmp_fail(err, MMP_CONFLICT, "%s already exists", path);
	return mmp_fail(err, MMP_SYSTEM, "%s cannot be written: %s", path,
			strerror(cause));
}

int key_file_read(const char *path, char *bytes, size_t room, size_t *ret_length,
		  struct mmp_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	ssize_t length;

	if (fd < 0)
		return mmp_fail(err, errno == ENOENT ? MMP_NOT_FOUND : MMP_SYSTEM,
				"%s cannot be read: %s", path, strerror(errno));
	if (fstat(fd, &st) || st.st_mode & 077) {
		close(fd);
		return mmp_fail(err, MMP_DENIED,
				"%s has mode %04o: it must be 0600, so that nobody else "
				"can read it",
				path, st.st_mode & 07777);
	}
	length = read(fd, bytes, room - 1);
	close(fd);
	if (length < 0)
		return mmp_fail(err, MMP_SYSTEM, "%s cannot be read: %s", path,
				strerror(errno));
	bytes[length] = '\0';
	*ret_length = (size_t)length;
	return 0;
}

int key_file_pair(const struct service *service, const char *name,
		  struct mmp_key_pair *ret_pair, struct mmp_error *err)
{
	char path[PATH_MAX], pem[KEY_FILE_MAX];
	size_t length;
	int failed;

	if (path_of(service, name, ".pem", path, err) ||
	    key_file_read(path, pem, sizeof(pem), &length, err))
		return -1;
	failed = mmp_key_read(pem, length, ret_pair, err);
	explicit_bzero(pem, sizeof(pem));
	return failed ? mmp_while(err, "%s", path) : 0;
}

int key_file_command(const struct service *service, const char *name,
		     char command[KEY_FILE_MAX], struct mmp_error *err)
{
	char path[PATH_MAX];
	size_t length;

	if (path_of(service, name, ".command", path, err))
		return -1;
	return key_file_read(path, command, KEY_FILE_MAX, &length, err);
}

static int read_public(const struct service *service, const char *name,
		       uint8_t ret_point[WIRE_POINT_SIZE], struct mmp_error *err)
{
	char path[PATH_MAX], text[KEY_FILE_MAX];
	size_t length;

	if (path_of(service, name, ".pub", path, err) ||
	    key_file_read(path, text, sizeof(text), &length, err))
		return -1;
	text[strcspn(text, "\n")] = '\0';
	return mmp_point_parse(text, ret_point, err) ? mmp_while(err, "%s", path) : 0;
}

int key_find(const struct service *service, const char *name, struct key *ret_key,
	     struct mmp_error *err)
{
	struct mmp_key_pair pair;
	struct key key = { .by_command = false };

	if (check_name(name, err))
		return -1;
	snprintf(key.name, sizeof(key.name), "%s", name);
	if (key_file_pair(service, name, &pair, err) == 0) {
		memcpy(key.point, pair.point, sizeof(key.point));
		explicit_bzero(&pair, sizeof(pair));
	} else if (err->code != MMP_NOT_FOUND) {
		return -1;
	} else {
		key.by_command = true;
		if (read_public(service, name, key.point, err))
			return err->code == MMP_NOT_FOUND
				       ? mmp_fail(err, MMP_NOT_FOUND,
						  "no such key: \"%.60s\"", name)
				       : -1;
	}
	mmp_key_id(key.point, key.id);
	*ret_key = key;
	return 0;
}

static int make_folder(const struct service *service, struct mmp_error *err)
{
	if (!service->keys || mkdir(service->keys, 0700) == 0 || errno == EEXIST)
		return 0;
	return mmp_fail(err, MMP_SYSTEM, "%s cannot be created: %s", service->keys,
			strerror(errno));
}

static int check_free(const struct service *service, const char *name,
		      struct mmp_error *err)
{
	struct key key;

	if (check_name(name, err) || make_folder(service, err))
		return -1;
	if (key_find(service, name, &key, err) == 0)
		return mmp_fail(err, MMP_CONFLICT, "key \"%.60s\" already exists", name);
	return err->code == MMP_NOT_FOUND ? 0 : -1;
}

int key_new(const struct service *service, const char *name, struct key *ret_key,
	    struct mmp_error *err)
{
	struct mmp_buffer pem = MMP_BUFFER_EMPTY;
	struct mmp_key_pair pair;
	char path[PATH_MAX];
	int failed;

	if (check_free(service, name, err) || path_of(service, name, ".pem", path, err) ||
	    mmp_key_new(&pair, err))
		return -1;
	failed = mmp_key_write(&pair, &pem, err) ||
		 write_file(path, pem.bytes, pem.length, err);
	if (pem.bytes)
		explicit_bzero(pem.bytes, pem.length);
	mmp_buffer_done(&pem);
	explicit_bzero(&pair, sizeof(pair));
	return failed ? -1 : key_find(service, name, ret_key, err);
}

int key_new_command(const struct service *service, const char *name, const char *command,
		    const char *point, struct key *ret_key, struct mmp_error *err)
{
	char path[PATH_MAX], public[PATH_MAX];
	uint8_t bytes[WIRE_POINT_SIZE];

	if (mmp_point_parse(point, bytes, err))
		return mmp_while(err, "public");
	if (strlen(command) >= KEY_FILE_MAX)
		return mmp_fail(err, MMP_INVALID,
				"command: has %zu bytes; at most %d are allowed",
				strlen(command), KEY_FILE_MAX - 1);
	if (check_free(service, name, err) ||
	    path_of(service, name, ".command", path, err) ||
	    path_of(service, name, ".pub", public, err) ||
	    write_file(path, command, strlen(command), err))
		return -1;
	if (write_file(public, point, strlen(point), err)) {
		unlink(path);
		return -1;
	}
	return key_find(service, name, ret_key, err);
}

/* The key's name, "desk", of "desk.pem" and "desk.pub"; false for other files. */
static bool name_of_file(const char *file, char *name, size_t size)
{
	const char *dot = strrchr(file, '.');
	size_t length = dot ? (size_t)(dot - file) : 0;

	if (!length || length >= size || (strcmp(dot, ".pem") && strcmp(dot, ".pub")))
		return false;
	memcpy(name, file, length);
	name[length] = '\0';
	return true;
}

int key_each(const struct service *service, each_key *each, void *data)
{
	struct dirent **files;
	int count = service->keys ? scandir(service->keys, &files, NULL, alphasort) : -1;
	int stopped = 0;

	for (int i = 0; i < count; i++) {
		struct mmp_error ignored;
		struct key key;
		char name[sizeof(key.name)];

		if (!stopped && name_of_file(files[i]->d_name, name, sizeof(name)) &&
		    key_find(service, name, &key, &ignored) == 0)
			stopped = each(data, &key);
		free(files[i]);
	}
	if (count >= 0)
		free(files);
	return stopped;
}

struct choice {
	const struct wire_board *board;
	struct key *ret_key;
};

static int choose(void *data, const struct key *key)
{
	struct choice *choice = data;

	for (size_t i = 0; i < choice->board->key_count; i++)
		if (memcmp(choice->board->keys[i], key->id, WIRE_KEY_ID_SIZE) == 0) {
			*choice->ret_key = *key;
			return 1;
		}
	return 0;
}

int key_for_board(const struct service *service, const struct wire_board *board,
		  struct key *ret_key, struct mmp_error *err)
{
	struct choice choice = { board, ret_key };
	char list[WIRE_KEYS_MAX * MMP_KEY_ID_TEXT_SIZE + 16] = "no key yet";
	size_t used = 0;

	if (key_each(service, choose, &choice))
		return 0;
	for (size_t i = 0; i < board->key_count; i++) {
		char id[MMP_KEY_ID_TEXT_SIZE];

		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
					 i ? " " : "",
					 mmp_key_id_print(board->keys[i], id));
	}
	return mmp_fail(
		err, MMP_DENIED,
		"board %s takes signed builds only and trusts %s, but mmpd has no "
		"such key: `mmpctl key trust KEY BOARD` makes it trust one",
		board->id, list);
}
