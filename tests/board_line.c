/* SPDX-License-Identifier: BSD-2-Clause */
#include "board_line.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "link/serial.h"

static struct mmp_line line;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

_Noreturn void board_die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static long exchange(struct mmp_session *session, int fd, uint8_t *input, size_t room)
{
	size_t length;
	const uint8_t *output = mmp_session_output(session, &length);
	struct pollfd wait = { fd, (short)(POLLIN | (length ? POLLOUT : 0)), 0 };
	uint64_t deadline = mmp_session_deadline_ms(session), now = now_ms();
	ssize_t n;

	if (poll(&wait, 1, deadline > now ? (int)(deadline - now) : 0) < 0)
		board_die("poll", "failed");
	if (wait.revents & POLLOUT && length) {
		n = write(fd, output, length);
		if (n > 0)
			mmp_session_sent(session, (size_t)n);
	}
	if (!(wait.revents & (POLLIN | POLLHUP)))
		return 0;
	n = read(fd, input, room);
	if (n == 0)
		board_die("the line", "closed by the board");
	return n > 0 ? n : 0;
}

struct mmp_session *board_session(int fd, const struct mmp_push *push)
{
	struct mmp_error err;
	struct mmp_session *session = mmp_session_new(push, &err);
	enum mmp_session_state state;
	uint8_t input[4096];

	if (!session)
		board_die("session", err.text);
	state = mmp_session_step(session, now_ms(), NULL, 0);
	while (state < MMP_SESSION_DONE) {
		long n = exchange(session, fd, input, sizeof(input));

		state = mmp_session_step(session, now_ms(), input, (size_t)n);
	}
	return session;
}

void board_hang_up(int fd)
{
	mmp_line_close(&line, fd);
}

int board_connect(const char *text)
{
	struct mmp_error err;
	bool connecting;
	int fd;

	if (mmp_line_parse(text, &line, &err) ||
	    mmp_line_open(&line, &fd, &connecting, &err))
		board_die(text, err.text);
	if (connecting) {
		struct pollfd wait = { fd, POLLOUT, 0 };

		poll(&wait, 1, 10000);
		if (mmp_line_connected(&line, fd, &err))
			board_die(text, err.text);
	}
	return fd;
}
