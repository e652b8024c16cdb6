/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "link/holder.h"
#include "link/serial.h"

static int open_pty(struct mmp_line *line)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	*line = (struct mmp_line){ .kind = MMP_LINE_SERIAL, .baud = 115200 };
	assert_int_equal(ptsname_r(master, line->path, sizeof(line->path)), 0);
	return master;
}

static void a_terminal_is_raw_fast_and_does_not_block(void **state)
{
	struct mmp_line line;
	struct mmp_error err;
	struct termios tty;
	bool connecting = true;
	int master = open_pty(&line), fd;
	char byte;

	(void)state;
	if (mmp_line_open(&line, &fd, &connecting, &err))
		fail_msg("%s", err.text);
	assert_false(connecting);
	assert_int_equal(mmp_line_connected(&line, fd, &err), 0);
	assert_int_equal(read(fd, &byte, 1), -1);
	assert_int_equal(tcgetattr(fd, &tty), 0);
	assert_int_equal(cfgetospeed(&tty), B115200);
	assert_int_equal(tty.c_lflag & (ICANON | ECHO | ISIG), 0);
	assert_int_equal(tty.c_cflag & (HUPCL | CRTSCTS | CSTOPB), 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	mmp_line_close(&line, fd);
	close(master);
}

static void a_terminal_in_use_names_its_holder_and_is_free_afterwards(void **state)
{
	struct mmp_line line;
	struct mmp_error err;
	bool connecting;
	int master = open_pty(&line), first, second;
	char self[32];

	(void)state;
	assert_int_equal(mmp_line_open(&line, &first, &connecting, &err), 0);
	assert_int_equal(mmp_line_open(&line, &second, &connecting, &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	assert_non_null(strstr(err.text, line.path));
	snprintf(self, sizeof(self), "process %d)", (int)getpid());
	assert_non_null(strstr(err.text, self));
	close(first); /* without a word, as a process that was killed */
	if (mmp_line_open(&line, &second, &connecting, &err))
		fail_msg("%s", err.text);
	mmp_line_close(&line, second);
	close(master);
}

/* Another process has it open without any lock, as a terminal program or `cat` has. */
static void a_terminal_that_somebody_has_just_open_is_not_shared(void **state)
{
	struct mmp_line line;
	struct mmp_error err;
	bool connecting;
	int master = open_pty(&line), fd, ready[2], leave[2];
	char self[32], byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ready) | pipe(leave), 0);
	child = fork();
	if (child == 0) {
		close(master);
		fd = open(line.path, O_RDWR | O_NOCTTY);
		_exit(write(ready[1], "x", 1) != 1 || read(leave[0], &byte, 1) != 1 ||
		      fd < 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	snprintf(self, sizeof(self), "process %d)", (int)child);
	assert_non_null(strstr(err.text, self));
	assert_int_equal(write(leave[1], "x", 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err), 0);
	mmp_line_close(&line, fd);
	close(master);
}

/* Another user's process, into whose open files we cannot look. */
static void a_device_that_another_users_command_line_names_is_not_held_by_it(void **state)
{
	enum {
		NOBODY = 65534,
		LOCAL_MAJOR = 240 /* for local use, so that nobody has it */
	};
	char folder[] = "/dev/shm/mmp-serial-XXXXXX", device[64], own[32];
	const char *const words[] = { "sh", "-c", "read x", device, NULL };
	const char *const other[] = { "sh", "-c", "read x", own, NULL };
	int ready[2], stop[2], fd, status;
	bool hidden = false;
	long namer;
	pid_t names_it, looker, innocent;
	char byte;

	(void)state;
	if (geteuid() != 0)
		skip(); /* nobody else to be */
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0755), 0);
	snprintf(device, sizeof(device), "%s/tty", folder);
	assert_int_equal(mknod(device, S_IFCHR | 0666, makedev(LOCAL_MAJOR, getpid())),
			 0);
	fd = open(device, O_PATH);
	assert_true(fd >= 0);
	snprintf(own, sizeof(own), "/dev/fd/%d", fd); /* means another file there */
	assert_int_equal(pipe2(ready, O_CLOEXEC) | pipe2(stop, O_CLOEXEC), 0);
	innocent = fork();
	if (innocent == 0) {
		dup2(stop[0], 0);
		execv("/bin/sh", (char *const *)other);
		_exit(1);
	}
	names_it = fork();
	if (names_it == 0) {
		dup2(stop[0], 0);
		execv("/bin/sh", (char *const *)words);
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0); /* closed by execv */
	looker = fork();
	if (looker == 0)
		_exit(setuid(NOBODY) || holder_by_open(fd, &hidden, &namer) ||
		      namer != names_it || !hidden);
	assert_int_equal(waitpid(looker, &status, 0), looker);
	assert_int_equal(status, 0);
	close(stop[1]);
	assert_int_equal(waitpid(names_it, NULL, 0), names_it);
	assert_int_equal(waitpid(innocent, NULL, 0), innocent);
	close(ready[0]);
	close(stop[0]);
	close(fd);
	assert_int_equal(unlink(device) | rmdir(folder), 0);
}

static void a_terminal_is_left_as_it_was(void **state)
{
	struct mmp_line line;
	struct mmp_error err;
	struct termios before, after;
	bool connecting;
	int master = open_pty(&line), slave = open(line.path, O_RDWR | O_NOCTTY), fd;

	(void)state;
	assert_int_equal(tcgetattr(slave, &before), 0);
	before.c_lflag |= ICANON | ECHO;
	cfsetospeed(&before, B9600);
	assert_int_equal(tcsetattr(slave, TCSANOW, &before), 0);
	assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err), 0);
	mmp_line_close(&line, fd);
	assert_int_equal(tcgetattr(slave, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_oflag, before.c_oflag);
	assert_int_equal(cfgetospeed(&after), B9600);
	close(slave);
	close(master);
}

/* Nobody reads: what could not be sent is dropped, or closing would wait for it. */
static void closing_a_full_terminal_does_not_wait(void **state)
{
	static const uint8_t bytes[4096];
	long written = 0, n;
	struct mmp_line line;
	struct mmp_error err;
	bool connecting;
	int master = open_pty(&line), fd, waiting = -1;

	(void)state;
	assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err), 0);
	while ((n = write(fd, bytes, sizeof(bytes))) > 0)
		written += n;
	mmp_line_close(&line, fd);
	assert_int_equal(ioctl(master, FIONREAD, &waiting), 0);
	assert_true(waiting < written);
	close(master);
}

static void a_lock_file_counts_only_while_its_process_lives(void **state)
{
	/* process 1 lives, and may be hidden from us or not ours to signal */
	const struct {
		const char *owner;
		int result;
	} rows[] = { { "         1\n", -1 }, { "   4194305\n", 0 }, { "nobody\n", 0 } };
	struct mmp_line line;
	struct mmp_error err;
	bool connecting;
	int master = open_pty(&line), fd;
	char path[300];

	(void)state;
	snprintf(path, sizeof(path), "/var/lock/LCK..%s", strrchr(line.path, '/') + 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		FILE *lock = fopen(path, "w");

		if (!lock) {
			close(master);
			skip(); /* nobody but root may write there */
		}
		fputs(rows[i].owner, lock);
		fclose(lock);
		assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err),
				 rows[i].result);
		if (rows[i].result == 0)
			mmp_line_close(&line, fd);
		else
			assert_non_null(strstr(err.text, "process 1)"));
	}
	unlink(path);
	close(master);
}

static void what_is_no_terminal_is_refused(void **state)
{
	struct mmp_line line;
	struct mmp_error err;
	bool connecting;
	int fd;

	(void)state;
	assert_int_equal(mmp_line_parse("serial:/dev/null", &line, &err), 0);
	assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err), -1);
	assert_int_equal(err.code, MMP_LINK);
	assert_non_null(strstr(err.text, "/dev/null is not a terminal"));
	assert_int_equal(mmp_line_parse("serial:/dev/no-such", &line, &err), 0);
	assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err), -1);
	assert_int_equal(err.code, MMP_LINK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_that_somebody_has_just_open_is_not_shared),
		cmocka_unit_test(
			a_device_that_another_users_command_line_names_is_not_held_by_it),
		cmocka_unit_test(a_terminal_is_left_as_it_was),
		cmocka_unit_test(closing_a_full_terminal_does_not_wait),
		cmocka_unit_test(a_lock_file_counts_only_while_its_process_lives),
		cmocka_unit_test(a_terminal_is_raw_fast_and_does_not_block),
		cmocka_unit_test(
			a_terminal_in_use_names_its_holder_and_is_free_afterwards),
		cmocka_unit_test(what_is_no_terminal_is_refused),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
