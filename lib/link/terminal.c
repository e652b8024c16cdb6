/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "link/holder.h"

/* clang-format off */
static const struct { unsigned int baud; speed_t speed; } speeds[] = {
	{ 1200, B1200 },       { 2400, B2400 },       { 4800, B4800 },
	{ 9600, B9600 },       { 19200, B19200 },     { 38400, B38400 },
	{ 57600, B57600 },     { 115200, B115200 },   { 230400, B230400 },
	{ 460800, B460800 },   { 500000, B500000 },   { 576000, B576000 },
	{ 921600, B921600 },   { 1000000, B1000000 }, { 1152000, B1152000 },
	{ 1500000, B1500000 }, { 2000000, B2000000 }, { 2500000, B2500000 },
	{ 3000000, B3000000 }, { 3500000, B3500000 }, { 4000000, B4000000 },
};
/* clang-format on */

static const speed_t *find_speed(unsigned int baud)
{
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speeds[i].baud == baud)
			return &speeds[i].speed;
	return NULL;
}

bool terminal_knows(unsigned int baud)
{
	return find_speed(baud) != NULL;
}

static int busy(const struct mmp_line *line, long pid, struct mmp_error *err)
{
	char holder[80];

	return mmp_fail(err, MMP_BUSY, "%s is in use by another program%s", line->path,
			holder_describe(pid, holder, sizeof(holder)));
}

/*
 * A pseudo-terminal stays exclusive while its other end is open, even if we are killed,
 * so only the lock is used for it.
 */
static bool is_pty(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && holder_is_pty(st.st_rdev);
}

static int set_line(struct mmp_line *line, int fd, struct mmp_error *err)
{
	int exclusive = 0;
	long pid = holder_of_lock_file(line->path), namer;

	if (pid)
		return busy(line, pid, err);
	pid = holder_by_open(fd, &line->is_hidden, &namer);
	holder_describe(namer, line->named_by, sizeof(line->named_by));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		long locker = holder_of_flock(fd);

		return busy(line, locker ? locker : pid, err);
	}
	if (pid)
		return busy(line, pid, err);
	/* root can open a terminal in spite of TIOCEXCL, but must not */
	if (ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive)
		return busy(line, 0, err);
	if (!is_pty(fd) && ioctl(fd, TIOCEXCL))
		return mmp_fail(err, MMP_LINK, "cannot get exclusive access to %s: %s",
				line->path, strerror(errno));
	return 0;
}

static int make_raw(struct mmp_line *line, int fd, struct mmp_error *err)
{
	const speed_t *speed = find_speed(line->baud);
	struct termios tty;

	if (tcgetattr(fd, &tty))
		return mmp_fail(err, MMP_LINK, "%s is not a terminal: %s", line->path,
				strerror(errno));
	line->before = tty;
	line->opened = true;
	cfmakeraw(&tty);
	tty.c_cflag |= CLOCAL | CREAD;
	tty.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS | HUPCL);
	tty.c_cc[VMIN] = 1;
	tty.c_cc[VTIME] = 0;
	cfsetispeed(&tty, *speed);
	cfsetospeed(&tty, *speed);
	if (tcsetattr(fd, TCSANOW, &tty))
		return mmp_fail(err, MMP_LINK, "%s cannot be set to %u baud: %s",
				line->path, line->baud, strerror(errno));
	tcflush(fd, TCIOFLUSH);
	return 0;
}

int terminal_open(struct mmp_line *line, int *ret_fd, struct mmp_error *err)
{
	int fd = open(line->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == EBUSY)
		return busy(line, 0, err);
	if (fd < 0)
		return mmp_fail(err, MMP_LINK, "%s cannot be opened: %s", line->path,
				strerror(errno));
	if (!isatty(fd)) {
		close(fd);
		return mmp_fail(err, MMP_LINK, "%s is not a terminal", line->path);
	}
	if (set_line(line, fd, err)) {
		close(fd);
		return -1;
	}
	if (make_raw(line, fd, err)) {
		terminal_release(line, fd);
		close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

void terminal_release(const struct mmp_line *line, int fd)
{
	tcflush(fd, TCIOFLUSH); /* or close would wait for unsendable output */
	if (line->opened)
		tcsetattr(fd, TCSANOW, &line->before);
	ioctl(fd, TIOCNXCL);
}
