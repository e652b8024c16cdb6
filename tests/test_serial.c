/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "link/holder.h"
#include "link/scan.h"
#include "link/serial.h"
#include "link/stray.h"

static void lines_are_read_from_their_text(void **state)
{
	const struct {
		const char *text;
		struct mmp_line line;
	} rows[] = {
		{ "serial:/dev/ttyUSB0",
		  { MMP_LINE_SERIAL, "/dev/ttyUSB0", "", .baud = 115200 } },
		{ "serial:/dev/ttyS1?baud=9600",
		  { MMP_LINE_SERIAL, "/dev/ttyS1", "", .baud = 9600 } },
		{ "unix:/run/board.sock",
		  { MMP_LINE_UNIX, "/run/board.sock", "", .baud = 0 } },
		{ "tcp:127.0.0.1:5555", { MMP_LINE_TCP, "", "127.0.0.1", .port = 5555 } },
		{ "tcp:localhost:1", { MMP_LINE_TCP, "", "127.0.0.1", .port = 1 } },
		{ "tcp:[::1]:65535", { MMP_LINE_TCP, "", "::1", .port = 65535 } },
		{ "rfc2217://localhost:4001",
		  { MMP_LINE_RFC2217, "", "127.0.0.1", .port = 4001, .baud = 115200 } },
		{ "rfc2217://[::1]:4001?baud=9600",
		  { MMP_LINE_RFC2217, "", "::1", .port = 4001, .baud = 9600 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_line line;
		struct mmp_error err;

		if (mmp_line_parse(rows[i].text, &line, &err))
			fail_msg("%s: %s", rows[i].text, err.text);
		assert_int_equal(line.kind, rows[i].line.kind);
		assert_string_equal(line.path, rows[i].line.path);
		assert_string_equal(line.address, rows[i].line.address);
		assert_int_equal(line.baud, rows[i].line.baud);
		assert_int_equal(line.port, rows[i].line.port);
	}
}

static void a_text_that_is_no_line_is_refused_in_words(void **state)
{
	const struct {
		const char *text, *word;
	} rows[] = {
		{ "", "is not a line" },
		{ "/dev/ttyUSB0", "is not a line" },
		{ "serial:", "has no device" },
		{ "serial:/dev/ttyS0?parity=odd", "?baud=NUMBER" },
		{ "serial:/dev/ttyS0?baud=", "baud" },
		{ "serial:/dev/ttyS0?baud=12345", "baud 12345" },
		{ "serial:/dev/ttyS0?baud=99999999999999999999", "baud" },
		{ "unix:", "has no socket path" },
		{ "tcp:127.0.0.1", "has no port" },
		{ "tcp:127.0.0.1:0", "not a TCP port" },
		{ "tcp:127.0.0.1:65536", "not a TCP port" },
		{ "tcp::80", "has no address" },
		{ "tcp:example.org:80", "not looked up" },
		{ "rfc2217:127.0.0.1:80", "is not a line" },
		{ "rfc2217://", "has no server" },
		{ "rfc2217://127.0.0.1", "has no port" },
		{ "rfc2217://127.0.0.1:80?speed=9600", "?baud=NUMBER" },
		{ "rfc2217://127.0.0.1:80?baud=1", "baud 1 is not a speed" },
	};
	char path[400] = "unix:/";
	struct mmp_line line;
	struct mmp_error err;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!mmp_line_parse(rows[i].text, &line, &err))
			fail_msg("accepted: %s", rows[i].text);
		assert_int_equal(err.code, MMP_INVALID);
		if (!strstr(err.text, rows[i].word))
			fail_msg("%s: %s", rows[i].text, err.text);
	}
	memset(path + 6, 'x', 107);
	assert_int_equal(mmp_line_parse(path, &line, &err), -1);
	path[5 + 107] = '\0';
	assert_int_equal(mmp_line_parse(path, &line, &err), 0);
}

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

static void only_lines_that_are_allowed_may_be_used(void **state)
{
	static const char *const patterns[] = { "serial:/dev/serial/by-id/*",
						"unix:/run/*", "tcp:127.*",
						"tcp:\\[::1\\]:*" };
	const struct {
		const char *line;
		int result;
	} rows[] = {
		{ "serial:/dev/serial/by-id/usb-FTDI?baud=115200", 0 },
		{ "serial:/dev/ttyS0", -1 },
		{ "serial:/dev/serial/by-id/../../ttyS0", -1 },
		{ "unix:/run/board/..", -1 },
		{ "unix:/run/board..sock", 0 },
		{ "unix:/tmp/board", -1 },
		{ "tcp:127.0.0.1:22", 0 },
		{ "tcp:10.0.0.1:22", -1 },
		{ "tcp:[::1]:22", 0 },
		{ "tcp:[::2]:22", -1 },
	};
	struct mmp_error err;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int result =
			mmp_line_allowed(rows[i].line, patterns, COUNT(patterns), &err);

		if (result != rows[i].result)
			fail_msg("%s: %d", rows[i].line, result);
		if (result)
			assert_int_equal(err.code, MMP_DENIED);
	}
	assert_non_null(strstr(err.text, "unix:/run/*"));
}

static const char *key_of(const char *text, char key[MMP_LINE_KEY_SIZE])
{
	struct mmp_line line;
	struct mmp_error err;

	if (mmp_line_parse(text, &line, &err))
		fail_msg("%s: %s", text, err.text);
	return mmp_line_key(&line, key);
}

static void two_names_of_one_thing_are_one_line(void **state)
{
	static const char *const of_this_machine[] = {
		"tcp:[::1]:80",   "tcp:[0:0:0:0:0:0:0:1]:80",
		"tcp:0.0.0.0:80", "rfc2217://[::1]:80",
		"tcp:[::]:80",    "tcp:[::ffff:127.0.0.1]:80",
	};
	char folder[] = "/tmp/mmp-serial-XXXXXX", a[300], b[300];
	char one[MMP_LINE_KEY_SIZE], two[MMP_LINE_KEY_SIZE];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(a, sizeof(a), "unix:%s/two", folder);
	snprintf(b, sizeof(b), "unix:%s/./two", folder);
	assert_string_not_equal(key_of(a, one), key_of(b, two)); /* nothing there yet */
	file = fopen(a + 5, "w");
	assert_non_null(file);
	fclose(file);
	assert_string_equal(key_of(a, one), key_of(b, two));
	assert_string_equal(key_of("serial:/dev/null", one),
			    key_of("serial:/dev/../dev/null?baud=9600", two));
	assert_string_equal(key_of("tcp:localhost:80", one),
			    key_of("tcp:127.0.0.1:80", two));
	assert_string_equal(key_of("rfc2217://localhost:80?baud=9600", one), two);
	assert_string_not_equal(key_of("tcp:127.0.0.1:81", one), two);
	for (size_t i = 0; i < sizeof(of_this_machine) / sizeof(char *); i++)
		assert_string_equal(key_of(of_this_machine[i], one), two);
	assert_string_equal(key_of("tcp:[2001:db8:0::1]:80", one),
			    key_of("tcp:[2001:0db8::0001]:80", two));
	assert_string_equal(key_of("tcp:[::ffff:192.0.2.1]:80", one),
			    key_of("rfc2217://192.0.2.1:80", two));
	assert_string_not_equal(key_of("tcp:192.0.2.2:80", one), two);
	unlink(a + 5);
	rmdir(folder);
}

static void a_scan_tells_each_device_once_by_its_steadiest_name(void **state)
{
	char folder[] = "/tmp/mmp-scan-XXXXXX", path[400];
	static const struct {
		const char *name, *target;
	} links[] = { { "by-id/usb-FTDI_1", "/dev/null" },
		      { "by-path/pci-1", "/dev/null" },
		      { "by-path/pci-2", "/dev/zero" },
		      { "by-id/usb-gone", "/dev/no-such-device" } };
	struct mmp_scanned found[4];

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(mmp_scan_serial(folder, found, COUNT(found)), 0);
	snprintf(path, sizeof(path), "%s/by-id", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/by-path", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < COUNT(links); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, links[i].name);
		assert_int_equal(symlink(links[i].target, path), 0);
	}
	assert_int_equal(mmp_scan_serial(folder, found, COUNT(found)), 2);
	snprintf(path, sizeof(path), "serial:%s/by-id/usb-FTDI_1", folder);
	assert_string_equal(found[0].line, path);
	assert_string_equal(found[0].device, "/dev/null");
	snprintf(path, sizeof(path), "serial:%s/by-path/pci-2", folder);
	assert_string_equal(found[1].line, path);
	assert_int_equal(mmp_scan_serial(folder, found, 1), 1);
	for (size_t i = 0; i < COUNT(links); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, links[i].name);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/by-id", folder);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/by-path", folder);
	rmdir(path);
	rmdir(folder);
}

static void what_came_instead_of_frames_is_told_in_words(void **state)
{
	const struct {
		const char *bytes;
		const char *words;
	} rows[] = {
		{ "\r\nU-Boot> ", "looks like U-Boot's console: `U-Boot> `" },
		{ "debian login: ", "a login prompt: `debian login: `" },
		{ "root@board:~# ", "looks like a shell: `root@board:~# `" },
		{ "=> ", "looks like a console: `=> `" },
		{ "hello\tthere", "text came instead: `hello there`" },
		{ "\x80\xff\xfe\x01zz", "bytes that are not a frame: 80 ff fe 01 7a 7a" },
		{ "\x80\xff\xfe\x01\x80\xff\xfe\x01\x80\xff\xfe\x01\x80",
		  "bytes that are not a frame: 80 ff fe 01 80 ff fe 01 80 ff fe 01 ..." },
	};
	char text[MMP_STRAY_TEXT_SIZE], many[5000];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(mmp_stray_text((const uint8_t *)rows[i].bytes,
						   strlen(rows[i].bytes), text),
				    rows[i].words);
	memset(many, 'x', sizeof(many));
	assert_true(strlen(mmp_stray_text((const uint8_t *)many, sizeof(many), text)) <
		    90);
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

static int wait_connected(const struct mmp_line *line, int fd, struct mmp_error *err)
{
	struct pollfd wait = { fd, POLLOUT, 0 };

	assert_int_equal(poll(&wait, 1, 5000), 1);
	return mmp_line_connected(line, fd, err);
}

static void a_unix_socket_connects_or_says_why_not(void **state)
{
	char folder[] = "/tmp/mmp-serial-XXXXXX", text[200];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct mmp_line line;
	struct mmp_error err;
	bool connecting = false;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", folder);
	snprintf(text, sizeof(text), "unix:%s", address.sun_path);
	assert_int_equal(mmp_line_parse(text, &line, &err), 0);
	assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err), -1);
	assert_int_equal(err.code, MMP_LINK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(mmp_line_open(&line, &fd, &connecting, &err), 0);
	assert_true(connecting);
	assert_int_equal(wait_connected(&line, fd, &err), 0);
	mmp_line_close(&line, fd);
	close(listener);
	unlink(address.sun_path);
	rmdir(folder);
}

static void a_tcp_port_that_nobody_listens_on_is_refused(void **state)
{
	struct mmp_line line;
	struct mmp_error err = { 0 };
	bool connecting = false;
	int fd, failed;

	(void)state;
	assert_int_equal(mmp_line_parse("tcp:127.0.0.1:1", &line, &err), 0);
	failed = mmp_line_open(&line, &fd, &connecting, &err);
	if (!failed) {
		failed = wait_connected(&line, fd, &err);
		mmp_line_close(&line, fd);
	}
	assert_int_equal(failed, -1);
	assert_int_equal(err.code, MMP_LINK);
	assert_non_null(strstr(err.text, "127.0.0.1 port 1"));
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
		cmocka_unit_test(only_lines_that_are_allowed_may_be_used),
		cmocka_unit_test(two_names_of_one_thing_are_one_line),
		cmocka_unit_test(a_scan_tells_each_device_once_by_its_steadiest_name),
		cmocka_unit_test(what_came_instead_of_frames_is_told_in_words),
		cmocka_unit_test(lines_are_read_from_their_text),
		cmocka_unit_test(a_text_that_is_no_line_is_refused_in_words),
		cmocka_unit_test(a_terminal_is_raw_fast_and_does_not_block),
		cmocka_unit_test(
			a_terminal_in_use_names_its_holder_and_is_free_afterwards),
		cmocka_unit_test(what_is_no_terminal_is_refused),
		cmocka_unit_test(a_unix_socket_connects_or_says_why_not),
		cmocka_unit_test(a_tcp_port_that_nobody_listens_on_is_refused),
	};
	return cmocka_run_group_tests_name("serial", tests, NULL, NULL);
}
