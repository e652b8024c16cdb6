/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/limits.h"
#include "memory.h"

enum { MODE_MASK = 0117 /* leaves 0660 */ };

static int fail(const char *path, struct mmp_error *err)
{
	return mmp_fail(err, MMP_SYSTEM, "socket %.180s: %s", path, strerror(errno));
}

static int check_handed_over(int fd, struct mmp_error *err)
{
	if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0)
		return mmp_fail(err, MMP_SYSTEM,
				"systemd passed descriptor %d, which is not a listening "
				"unix stream socket",
				fd);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
		return mmp_fail(err, MMP_SYSTEM, "descriptor %d: %s", fd,
				strerror(errno));
	return 0;
}

/* 1: sockets were passed to us; 0: none; -1 with *err. */
static int take_handed_over(struct listening *listening, struct mmp_error *err)
{
	int count = sd_listen_fds(1);

	if (count < 0)
		return mmp_fail(err, MMP_SYSTEM, "sockets of systemd: %s",
				strerror(-count));
	if (count > LISTEN_MAX)
		return mmp_fail(err, MMP_SYSTEM,
				"systemd passed %d sockets; the limit is %d", count,
				LISTEN_MAX);
	for (int i = 0; i < count; i++) {
		if (check_handed_over(SD_LISTEN_FDS_START + i, err))
			return -1;
		listening->fds[listening->count++] = SD_LISTEN_FDS_START + i;
	}
	return count > 0;
}

static int fill_address(struct sockaddr_un *address, const char *path,
			struct mmp_error *err)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return mmp_fail(err, MMP_INVALID,
				"socket %.120s...: the path has %zu bytes; the system's "
				"limit is %zu",
				path, strlen(path), sizeof(address->sun_path) - 1);
	strcpy(address->sun_path, path);
	return 0;
}

/* Remove the socket file that a killed daemon left. */
static int remove_stale(const struct sockaddr_un *address, struct mmp_error *err)
{
	const char *path = address->sun_path;
	struct stat there;
	int fd, refused;

	if (lstat(path, &there))
		return errno == ENOENT ? 0 : fail(path, err);
	if (!S_ISSOCK(there.st_mode))
		return mmp_fail(err, MMP_CONFLICT,
				"socket %.180s: the file exists and is not a socket",
				path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(path, err);
	refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
		  errno == ECONNREFUSED;
	close(fd);
	if (!refused)
		return mmp_fail(err, MMP_BUSY,
				"socket %.180s: another process answers there; is "
				"another mmpd running?",
				path);
	return unlink(path) ? fail(path, err) : 0;
}

static int bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(MODE_MASK);
	int failed = bind(fd, (const struct sockaddr *)address, sizeof(*address));

	umask(mask);
	return failed;
}

int listen_at(struct listening *listening, const char *path, struct mmp_error *err)
{
	struct sockaddr_un address;
	struct stat made;
	int fd;

	if (fill_address(&address, path, err) || remove_stale(&address, err))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(path, err);
	listening->fds[listening->count++] = fd;
	if (bind_private(fd, &address) || stat(path, &made))
		return fail(path, err);
	listening->path = xstrdup(path);
	listening->device = made.st_dev;
	listening->inode = made.st_ino;
	return listen(fd, MMP_BACKLOG) ? fail(path, err) : 0;
}

int listen_open(struct listening *listening, const char *path, struct mmp_error *err)
{
	int taken;

	*listening = (struct listening){ 0 };
	taken = take_handed_over(listening, err);
	if (taken > 0 || (!taken && !listen_at(listening, path, err)))
		return 0;
	listen_close(listening);
	return -1;
}

int listen_client(const char *number, struct mmp_error *err)
{
	char *end;
	long fd = strtol(number, &end, 10);

	if (*end || end == number || fd < 0 || fd > INT_MAX ||
	    sd_is_socket((int)fd, AF_UNIX, SOCK_STREAM, 0) <= 0)
		return mmp_fail(err, MMP_INVALID,
				"--client %.40s: this must be the number of an open "
				"descriptor, a connected unix stream socket",
				number);
	if (fcntl((int)fd, F_SETFL, fcntl((int)fd, F_GETFL) | O_NONBLOCK) ||
	    fcntl((int)fd, F_SETFD, FD_CLOEXEC))
		return mmp_fail(err, MMP_SYSTEM, "descriptor %ld: %s", fd,
				strerror(errno));
	return (int)fd;
}

void listen_close(struct listening *listening)
{
	struct stat there;

	for (size_t i = 0; i < listening->count; i++)
		close(listening->fds[i]);
	if (listening->path && !stat(listening->path, &there) &&
	    there.st_dev == listening->device && there.st_ino == listening->inode)
		unlink(listening->path);
	free(listening->path);
	*listening = (struct listening){ 0 };
}
