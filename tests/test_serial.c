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
		{ "unix:board.sock", "\"board.sock\", must be a whole path" },
		{ "serial:ttyUSB0?baud=9600", "\"ttyUSB0\", must be a whole path" },
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
		cmocka_unit_test(only_lines_that_are_allowed_may_be_used),
		cmocka_unit_test(two_names_of_one_thing_are_one_line),
		cmocka_unit_test(a_scan_tells_each_device_once_by_its_steadiest_name),
		cmocka_unit_test(what_came_instead_of_frames_is_told_in_words),
		cmocka_unit_test(lines_are_read_from_their_text),
		cmocka_unit_test(a_text_that_is_no_line_is_refused_in_words),
		cmocka_unit_test(a_unix_socket_connects_or_says_why_not),
		cmocka_unit_test(a_tcp_port_that_nobody_listens_on_is_refused),
	};

	return cmocka_run_group_tests_name("serial", tests, NULL, NULL);
}
