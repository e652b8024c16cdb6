/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/terminal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

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

/* The process that holds a flock on this file, from /proc/locks; 0 if not found. */
static long lock_holder(int fd)
{
	FILE *locks = fopen("/proc/locks", "re");
	char row[256], key[64];
	struct stat st;
	long holder = 0;

	if (!locks)
		return 0;
	if (fstat(fd, &st) == 0) {
		snprintf(key, sizeof(key), " %02x:%02x:%llu ", major(st.st_dev),
			 minor(st.st_dev), (unsigned long long)st.st_ino);
		while (!holder && fgets(row, sizeof(row), locks))
			if (strstr(row, key) && !strstr(row, "->"))
				sscanf(row, "%*s %*s %*s %*s %ld", &holder);
	}
	fclose(locks);
	return holder;
}

/* " (mmpd, process 123)", or "" if it cannot be found out. */
static const char *describe_holder(long pid, char *text, size_t size)
{
	char path[64], name[32] = "";
	FILE *comm;

	text[0] = '\0';
	if (pid <= 0)
		return text;
	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	comm = fopen(path, "re");
	if (comm) {
		if (fgets(name, sizeof(name), comm))
			name[strcspn(name, "\n")] = '\0';
		fclose(comm);
	}
	snprintf(text, size, " (%s%sprocess %ld)", name, name[0] ? ", " : "", pid);
	return text;
}

/* Works also for a process that /proc hides from us (ProtectProc=invisible). */
static bool lives(pid_t pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}

/*
 * The process of the lock file that uucp, minicom and picocom leave, if it still runs;
 * else 0.
 */
static long uucp_holder(const char *device)
{
	const char *base = strrchr(device, '/');
	char path[320], text[32] = "";
	long pid = 0;
	FILE *lock;

	snprintf(path, sizeof(path), "/var/lock/LCK..%s", base ? base + 1 : device);
	lock = fopen(path, "re");
	if (!lock)
		return 0;
	if (fgets(text, sizeof(text), lock))
		pid = strtol(text, NULL, 10);
	fclose(lock);
	return pid > 0 && pid != getpid() && lives((pid_t)pid) ? pid : 0;
}

/* Whether this process has the device open, as far as we may look. */
static bool has_open(long pid, dev_t device)
{
	char path[64];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	folder = opendir(path);
	if (!folder)
		return false;
	while (!found && (entry = readdir(folder)))
		found = fstatat(dirfd(folder), entry->d_name, &st, 0) == 0 &&
			S_ISCHR(st.st_mode) && st.st_rdev == device;
	closedir(folder);
	return found;
}

/* Another process that has the terminal open without a lock; 0 if none is seen. */
static long opener(int fd)
{
	struct dirent *entry;
	long found = 0;
	struct stat st;
	DIR *proc = fstat(fd, &st) ? NULL : opendir("/proc");

	if (!proc)
		return 0;
	while (!found && (entry = readdir(proc))) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != getpid() && has_open(pid, st.st_rdev))
			found = pid;
	}
	closedir(proc);
	return found;
}

static int busy(const struct mmp_line *line, long pid, struct mmp_error *err)
{
	char holder[80];

	return mmp_fail(err, MMP_BUSY, "%s is in use by another program%s", line->path,
			describe_holder(pid, holder, sizeof(holder)));
}

/*
 * A pseudo-terminal stays exclusive while its other end is open, even if we are killed,
 * so only the lock is used for it.
 */
static bool is_pty(int fd)
{
	enum { FIRST_PTS_MAJOR = 136, LAST_PTS_MAJOR = 143 };
	struct stat st;

	return fstat(fd, &st) == 0 && major(st.st_rdev) >= FIRST_PTS_MAJOR &&
	       major(st.st_rdev) <= LAST_PTS_MAJOR;
}

static int set_line(const struct mmp_line *line, int fd, struct mmp_error *err)
{
	int exclusive = 0;
	long pid = uucp_holder(line->path);

	if (pid)
		return busy(line, pid, err);
	if (flock(fd, LOCK_EX | LOCK_NB))
		return busy(line, lock_holder(fd), err);
	pid = opener(fd);
	if (pid)
		return busy(line, pid, err);
	/* root can open a terminal in spite of TIOCEXCL, but must not */
	if (ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive)
		return busy(line, 0, err);
	if (!is_pty(fd) && ioctl(fd, TIOCEXCL))
		return mmp_fail(err, MMP_LINK, "%s cannot be taken for ourselves: %s",
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
