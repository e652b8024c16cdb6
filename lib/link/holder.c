/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/holder.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Find the process that holds a flock, in /proc/locks. */
long holder_of_flock(int fd)
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

/* A program may have any bytes in its name. */
static void make_printable(char *name)
{
	name[strcspn(name, "\n")] = '\0';
	for (; *name; name++)
		if (*name < ' ' || *name > '~')
			*name = '?';
}

const char *holder_describe(long pid, char *text, size_t size)
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
			make_printable(name);
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

long holder_of_lock_file(const char *device)
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

bool holder_is_pty(dev_t device)
{
	enum { FIRST_PTS_MAJOR = 136, LAST_PTS_MAJOR = 143 };

	return major(device) >= FIRST_PTS_MAJOR && major(device) <= LAST_PTS_MAJOR;
}

/* Look at its open files. -1: we may not look; otherwise whether one is the device. */
static int has_open(long pid, dev_t device)
{
	char path[64];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	folder = opendir(path);
	if (!folder)
		return errno == ENOENT || errno == ESRCH ? 0 : -1;
	while (!found && (entry = readdir(folder)))
		found = fstatat(dirfd(folder), entry->d_name, &st, 0) == 0 &&
			S_ISCHR(st.st_mode) && st.st_rdev == device;
	closedir(folder);
	return found;
}

/* Read a file of /proc/PID as text; its length, 0 if it cannot be read. */
static size_t read_proc(long pid, const char *name, char *text, size_t size)
{
	char path[64];
	size_t length = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/%s", pid, name);
	file = fopen(path, "re");
	if (file) {
		length = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[length] = '\0';
	return length;
}

/* proc(5), /proc/PID/stat: tty_nr is the fifth field after the name in parentheses. */
static bool is_controlled_by(long pid, dev_t device)
{
	unsigned int tty = 0;
	char text[512];
	const char *after;

	read_proc(pid, "stat", text, sizeof(text));
	after = strrchr(text, ')');
	return after && sscanf(after + 1, " %*c %*d %*d %*d %u", &tty) == 1 && tty &&
	       makedev(tty >> 8 & 0xfff, (tty & 0xff) | (tty >> 12 & 0xfff00)) == device;
}

/* Whether the path leads to a different file in each process. */
static bool is_own_path(const char *path)
{
	static const char *const own[] = { "/dev/fd/", "/dev/std" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strncmp(path, own[i], strlen(own[i])) == 0)
			return true;
	return false;
}

/* A path with ".." may lead out of it again. */
static bool is_below_dev(const char *path)
{
	return strncmp(path, "/dev/", 5) == 0 && !strstr(path, "/../");
}

/*
 * Whether the command line names the device, such as `picocom -b 115200 /dev/ttyUSB0`, by
 * this name or another one. A pseudo-terminal is named by the program at its other end.
 * Only names below /dev are looked up: on another file system, such as a network's, stat
 * may wait for ever.
 */
static bool names_device(long pid, dev_t device)
{
	char text[4096];
	size_t length =
		holder_is_pty(device) ? 0 : read_proc(pid, "cmdline", text, sizeof(text));
	struct stat st;

	for (const char *word = text; word < text + length; word += strlen(word) + 1)
		if (is_below_dev(word) && !is_own_path(word) && stat(word, &st) == 0 &&
		    S_ISCHR(st.st_mode) && st.st_rdev == device)
			return true;
	return false;
}

/* Whether /proc shows us no processes of other users at all (hidepid=2). */
static bool is_proc_hidden(void)
{
	return access("/proc/1", F_OK) != 0;
}

long holder_by_open(int fd, bool *ret_is_hidden, long *ret_namer)
{
	struct dirent *entry;
	long found = 0;
	struct stat st;
	DIR *proc = fstat(fd, &st) ? NULL : opendir("/proc");

	*ret_is_hidden = !proc || is_proc_hidden();
	*ret_namer = 0;
	while (proc && !found && (entry = readdir(proc))) {
		long pid = strtol(entry->d_name, NULL, 10);
		int opened = pid > 0 && pid != getpid() ? has_open(pid, st.st_rdev) : 0;

		*ret_is_hidden |= opened < 0;
		if (opened > 0 || (opened < 0 && is_controlled_by(pid, st.st_rdev)))
			found = pid;
		else if (opened < 0 && !*ret_namer && names_device(pid, st.st_rdev))
			*ret_namer = pid;
	}
	if (proc)
		closedir(proc);
	return found;
}
