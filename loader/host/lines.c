/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/host/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static int complain(const char *what)
{
	fprintf(stderr, "mmpboard: %s: %s\n", what, strerror(errno));
	return -1;
}

static void set_raw(int fd)
{
	struct termios tty;

	if (tcgetattr(fd, &tty) == 0) {
		cfmakeraw(&tty);
		tcsetattr(fd, TCSANOW, &tty);
	}
}

/* Replace a link that a crash of ours left behind; do not touch anything else. */
static int make_link(const char *target, const char *link)
{
	struct stat st;

	if (lstat(link, &st) == 0 && S_ISLNK(st.st_mode))
		unlink(link);
	return symlink(target, link);
}

int lines_open_pty(struct lines *lines, const char *link)
{
	int slave;

	*lines = (struct lines){ .is_pty = true, .peer = -1, .notify = -1 };
	lines->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (lines->fd < 0 || grantpt(lines->fd) || unlockpt(lines->fd) ||
	    ptsname_r(lines->fd, lines->slave, sizeof(lines->slave)))
		return complain("no pseudo-terminal");
	/*
	 * Open and close the slave once: the master then reports a hang-up until a host
	 * comes.
	 */
	slave = open(lines->slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return complain(lines->slave);
	set_raw(slave);
	lines->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (lines->notify < 0 ||
	    inotify_add_watch(lines->notify, lines->slave, IN_OPEN) < 0)
		return complain("inotify");
	close(slave);
	if (make_link(lines->slave, link))
		return complain(link);
	lines->link = link;
	return 0;
}

int lines_open_unix(struct lines *lines, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;

	*lines = (struct lines){ .peer = -1, .notify = -1, .fd = -1 };
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return complain(path);
	}
	strcpy(address.sun_path, path);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	lines->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (lines->fd < 0 ||
	    bind(lines->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(lines->fd, 8))
		return complain(path);
	lines->link = path;
	return 0;
}

static void drop_peer(struct lines *lines)
{
	if (!lines->is_pty && lines->peer >= 0)
		close(lines->peer);
	lines->peer = -1;
}

void lines_close(struct lines *lines)
{
	drop_peer(lines);
	if (lines->link)
		unlink(lines->link);
	if (lines->fd >= 0)
		close(lines->fd);
	if (lines->notify >= 0)
		close(lines->notify);
}

/* A host has opened the slave, or has connected. */
static void greet_peer(struct lines *lines)
{
	char events[4096];

	if (!lines->is_pty) {
		lines->peer =
			accept4(lines->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		return;
	}
	while (read(lines->notify, events, sizeof(events)) > 0)
		;
	lines->peer = lines->fd;
}

static long read_peer(struct lines *lines, uint8_t *bytes, size_t room)
{
	ssize_t n = read(lines->peer, bytes, room);

	if (n > 0)
		return n;
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		drop_peer(lines);
	return 0;
}

/*
 * While a host is there, the next one waits until it has gone. The pty's notification
 * is read only then, so that a host that comes immediately is not missed.
 */
long lines_read(struct lines *lines, int stop, uint8_t *bytes, size_t room)
{
	int waiting = lines->is_pty ? lines->notify : lines->fd;
	struct pollfd fds[] = { { stop, POLLIN, 0 },
				{ lines->peer >= 0 ? lines->peer : waiting, POLLIN, 0 } };

	if (poll(fds, 2, -1) < 0)
		return errno == EINTR ? 0 : -1;
	if (fds[0].revents)
		return -1;
	if (!fds[1].revents)
		return 0;
	if (lines->peer >= 0)
		return read_peer(lines, bytes, room);
	greet_peer(lines);
	return 0;
}

void lines_write(struct lines *lines, const uint8_t *bytes, size_t length)
{
	while (length && lines->peer >= 0) {
		ssize_t n = lines->is_pty
				    ? write(lines->peer, bytes, length)
				    : send(lines->peer, bytes, length, MSG_NOSIGNAL);
		struct pollfd wait = { lines->peer, POLLOUT, 0 };

		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			if (poll(&wait, 1, 5000) <= 0 || wait.revents & POLLHUP)
				return; /* a host that does not read loses its answer */
		} else if (n == 0 || errno != EINTR) {
			return;
		}
	}
}
