/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "link/serial.h"

static void lines_are_read_from_their_text(void **state)
{
	const struct {
		const char *text;
		struct mmp_line line;
	} rows[] = {
		{ "serial:/dev/ttyUSB0",
		  { MMP_LINE_SERIAL, "/dev/ttyUSB0", "", 115200, 0 } },
		{ "serial:/dev/ttyS1?baud=9600",
		  { MMP_LINE_SERIAL, "/dev/ttyS1", "", 9600, 0 } },
		{ "unix:/run/board.sock",
		  { MMP_LINE_UNIX, "/run/board.sock", "", 0, 0 } },
		{ "tcp:127.0.0.1:5555", { MMP_LINE_TCP, "", "127.0.0.1", 0, 5555 } },
		{ "tcp:localhost:1", { MMP_LINE_TCP, "", "127.0.0.1", 0, 1 } },
		{ "tcp:[::1]:65535", { MMP_LINE_TCP, "", "::1", 0, 65535 } },
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
		{ "", "is no line" },
		{ "/dev/ttyUSB0", "is no line" },
		{ "serial:", "names no device" },
		{ "serial:/dev/ttyS0?parity=odd", "?baud=NUMBER" },
		{ "serial:/dev/ttyS0?baud=", "baud" },
		{ "serial:/dev/ttyS0?baud=12345", "baud 12345" },
		{ "serial:/dev/ttyS0?baud=99999999999999999999", "baud" },
		{ "unix:", "names no socket path" },
		{ "tcp:127.0.0.1", "has no port" },
		{ "tcp:127.0.0.1:0", "no TCP port" },
		{ "tcp:127.0.0.1:65536", "no TCP port" },
		{ "tcp::80", "names no address" },
		{ "tcp:example.org:80", "not looked up" },
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
	assert_non_null(strstr(err.text, "/dev/null is no terminal"));
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
