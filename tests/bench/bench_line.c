/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/least.h"
#include "bench/platforms.h"
#include "doc/build.h"
#include "link/session.h"
#include "loader/core.h"
#include "noisy_line.h"

/*
 * make bench: how long tables take over a serial line, as files by ymodem and zmodem
 * (Debian's lrzsz) and as a push, over the same simulated line.
 *
 * The line is virtual, and so is its clock: a byte takes 10 bits of 115200 baud, and comes
 * out after the latency. sb, rb, sz and rz are real processes on sockets; the clock stands
 * still while one of them works, and goes on when all wait: so only the line counts, and
 * the load of this machine does not. Only where nothing is under way and both wait for a
 * timeout of their own, the clock follows real time.
 */

enum { BACKLOG = 4096, CHUNK_US = 50000, STAGING = 1 << 20 };

static const struct noise *line_of(uint32_t latency_us)
{
	static struct noise line = { .byte_us = 87 };

	line.latency_us = latency_us;
	return &line;
}

struct cost {
	double ms;
	uint64_t bytes; /* both directions */
	bool is_there;
};

static struct noisy_line lines[2]; /* from end 0, from end 1 */
static struct dice no_dice;

static void reset_lines(void)
{
	memset(lines, 0, sizeof(lines));
}

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "bench_line: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- lrzsz: two processes on sockets --- */

struct process {
	pid_t pid;
	int fd, peer; /* ours; and a copy of its own, to see what it has not read */
	bool ended;
};

static struct process start(const char *folder, const char *const *words)
{
	struct process process = { 0 };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		die("socketpair");
	process.fd = ends[0];
	process.peer = ends[1];
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	process.pid = fork();
	if (process.pid == 0) {
		int quiet = open("/dev/null", O_WRONLY);

		if (chdir(folder) || dup2(ends[1], 0) < 0 || dup2(ends[1], 1) < 0 ||
		    dup2(quiet, 2) < 0)
			_exit(126);
		execvp(words[0], (char *const *)words);
		_exit(127);
	}
	return process;
}

/* It waits, for bytes or for time, and has read what it was sent. */
static bool waits(struct process *process)
{
	char path[64], text[512], *state;
	int unread = 0;
	size_t n;
	FILE *stat;

	if (process->ended || waitpid(process->pid, NULL, WNOHANG) == process->pid)
		return process->ended = true;
	if (ioctl(process->peer, FIONREAD, &unread) || unread)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)process->pid);
	stat = fopen(path, "re");
	n = stat ? fread(text, 1, sizeof(text) - 1, stat) : 0;
	text[n] = '\0';
	if (stat)
		fclose(stat);
	state = strrchr(text, ')');
	return state && state[2] == 'S';
}

/* What it says goes onto the line, as far as a UART's driver would take it. */
static bool collect(const struct process *process, struct noisy_line *line,
		    const struct noise *noise, uint64_t now_us)
{
	uint8_t bytes[512];
	ssize_t n;

	if (line->tail - line->head >= BACKLOG)
		return false;
	n = read(process->fd, bytes, sizeof(bytes));
	if (n > 0)
		noisy_line_send(line, noise, &no_dice, now_us, bytes, (size_t)n);
	return n > 0;
}

static void settle(struct process processes[2], const struct noise *noise,
		   uint64_t now_us)
{
	bool quiet = false;

	while (!quiet) {
		quiet = waits(&processes[0]) && waits(&processes[1]);
		for (int i = 0; i < 2; i++)
			if (collect(&processes[i], &lines[i], noise, now_us))
				quiet = false;
		if (!quiet)
			sched_yield();
	}
}

/*
 * What comes out next of one direction, up to a block of it and until something comes out of the
 * other: it is handed over when the last of it has come.
 */
static uint64_t deliver(struct process processes[2])
{
	int i = noisy_line_next_us(&lines[1]) < noisy_line_next_us(&lines[0]);
	uint64_t last = noisy_line_next_us(&lines[i]);
	uint64_t until = mmp_least(last + CHUNK_US, noisy_line_next_us(&lines[1 - i]));
	uint8_t bytes[1024];
	size_t n = 0;

	while (noisy_line_next_us(&lines[i]) <= until && n < sizeof(bytes)) {
		last = noisy_line_next_us(&lines[i]);
		n += noisy_line_take(&lines[i], last, bytes + n, 1);
	}
	if (write(processes[1 - i].fd, bytes, n) < 0 && errno == EAGAIN)
		die("a socket is full");
	return last;
}

/* Nothing is under way: one of them waits for its own clock, which is real. */
static uint64_t wait_for_real(struct process processes[2])
{
	struct pollfd fds[] = { { processes[0].fd, POLLIN, 0 },
				{ processes[1].fd, POLLIN, 0 } };
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	poll(fds, 2, 20);
	clock_gettime(CLOCK_MONOTONIC, &to);
	return (uint64_t)(to.tv_sec - from.tv_sec) * 1000000 +
	       (uint64_t)to.tv_nsec / 1000 - (uint64_t)from.tv_nsec / 1000;
}

static uint64_t run(struct process processes[2], const struct noise *noise)
{
	uint64_t now_us = 0, ended_us = 0;

	reset_lines();
	for (;;) {
		uint64_t next;

		settle(processes, noise, now_us);
		if (processes[0].ended && processes[1].ended)
			return ended_us;
		next = mmp_least(noisy_line_next_us(&lines[0]),
				 noisy_line_next_us(&lines[1]));
		if (next == UINT64_MAX) {
			now_us += wait_for_real(processes);
		} else {
			now_us = deliver(processes);
			ended_us = now_us; /* when the last byte came */
		}
	}
}

static bool same_file(const char *path, const uint8_t *bytes, size_t length)
{
	uint8_t *got = malloc(length + 1);
	FILE *file = fopen(path, "re");
	bool same = file && fread(got, 1, length + 1, file) >= length &&
		    !memcmp(got, bytes, length);

	if (file)
		fclose(file);
	free(got);
	return same;
}

static struct cost transfer(const char *const *sender, const char *const *receiver,
			    const uint8_t *bytes, size_t length,
			    const struct noise *noise)
{
	char folder[] = "/tmp/mmp-bench-XXXXXX", from[64], to[64];
	struct process processes[2];
	struct cost cost = { 0 };
	FILE *file;

	if (!mkdtemp(folder))
		die(folder);
	snprintf(from, sizeof(from), "%s/from", folder);
	snprintf(to, sizeof(to), "%s/to", folder);
	mkdir(from, 0700), mkdir(to, 0700);
	strcat(from, "/tables.bin"), strcat(to, "/tables.bin");
	file = fopen(from, "we");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file))
		die(from);
	from[strlen(folder) + 5] = to[strlen(folder) + 3] = '\0';
	processes[1] = start(to, receiver);
	processes[0] = start(from, sender);
	cost.ms = (double)run(processes, noise) / 1000;
	cost.bytes = lines[0].tail + lines[1].tail;
	from[strlen(folder) + 5] = to[strlen(folder) + 3] = '/';
	cost.is_there = same_file(to, bytes, length);
	for (int i = 0; i < 2; i++)
		close(processes[i].fd), close(processes[i].peer);
	unlink(from), unlink(to);
	from[strlen(folder) + 5] = to[strlen(folder) + 3] = '\0';
	rmdir(from), rmdir(to), rmdir(folder);
	return cost;
}

/* --- ours: the host's session and the loader's core --- */

struct board {
	struct loader loader;
	struct loader_port port;
	struct wire_span window, own;
	uint8_t staging[STAGING], ram[STAGING];
	const struct noise *noise;
	uint64_t now_us;
	bool live;
};

static struct board board;

static void board_sends(void *context, const uint8_t *bytes, size_t length)
{
	(void)context;
	noisy_line_send(&lines[1], board.noise, &no_dice, board.now_us, bytes, length);
}

static void board_installs(void *context, uint64_t pa, const uint8_t *bytes,
			   size_t length)
{
	(void)context;
	memcpy(board.ram + (pa - board.window.base), bytes, length);
}

static void board_activates(void *context, const struct wire_begin *begin)
{
	(void)context, (void)begin;
	board.live = true;
}

static const uint8_t *board_memory(void *context, uint64_t pa)
{
	(void)context;
	return board.ram + (pa - board.window.base);
}

static void board_init(uint64_t base, const struct noise *noise)
{
	memset(&board, 0, sizeof(board));
	board.window = (struct wire_span){ base, STAGING };
	board.own = (struct wire_span){ 0, 4096 };
	board.noise = noise;
	board.port = (struct loader_port){ .id = "bench",
					   .windows = &board.window,
					   .window_count = 1,
					   .own = &board.own,
					   .own_count = 1,
					   .staging = board.staging,
					   .staging_bytes = STAGING,
					   .takes_unsigned = true,
					   .memory = board_memory,
					   .send = board_sends,
					   .install = board_installs,
					   .activate = board_activates };
	loader_init(&board.loader, &board.port);
}

static uint64_t step(struct mmp_session *session, uint64_t now_us)
{
	uint8_t bytes[512];
	const uint8_t *output;
	size_t n = noisy_line_take(&lines[0], now_us, bytes, sizeof(bytes));

	board.now_us = now_us;
	for (size_t i = 0; i < n; i++)
		loader_take(&board.loader, bytes[i]);
	n = noisy_line_take(&lines[1], now_us, bytes, sizeof(bytes));
	mmp_session_step(session, now_us / 1000, bytes, n);
	output = mmp_session_output(session, &n);
	noisy_line_send(&lines[0], board.noise, &no_dice, now_us, output, n);
	mmp_session_sent(session, n);
	return mmp_least(
		mmp_least(noisy_line_next_us(&lines[0]), noisy_line_next_us(&lines[1])),
		1000 * mmp_least(mmp_session_deadline_ms(session), UINT64_MAX / 1000));
}

static struct cost push(const struct mmp_build *build, const struct noise *noise)
{
	const struct mmp_image image = bench_image(build);
	const struct mmp_push what = { .image = &image, .force = true, .number = 1 };
	struct mmp_session *session;
	struct mmp_error err;
	uint64_t now_us = 0, next;
	struct cost cost;

	reset_lines();
	board_init(build->pool_pa, noise);
	session = mmp_session_new(&what, &err);
	bench_must(!session, &err);
	do {
		next = step(session, now_us);
		if (next > now_us && mmp_session_deadline_ms(session) != UINT64_MAX)
			now_us = next;
	} while (mmp_session_deadline_ms(session) != UINT64_MAX);
	err = *mmp_session_error(session);
	bench_must(err.code != MMP_OK, &err);
	cost = (struct cost){ (double)now_us / 1000, lines[0].tail + lines[1].tail,
			      board.live &&
				      !memcmp(board.ram, build->bytes, build->length) };
	mmp_session_free(session);
	return cost;
}

/* --- the sets --- */

static void print_row(const char *name, const struct cost *cost, const struct cost *ours)
{
	printf("    %-10s %9.1f ms  %8" PRIu64 " bytes", name, cost->ms, cost->bytes);
	if (cost != ours)
		printf("  %7.1fx", cost->ms / ours->ms);
	printf("%s\n", cost->is_there ? "" : "  did NOT arrive whole");
}

static void compare(const struct mmp_build *build, uint32_t latency_ms)
{
	static const char *const sb[] = { "sb", "-q", "-b", "tables.bin", NULL };
	static const char *const rb[] = { "rb", "-q", "-b", NULL };
	static const char *const sb1k[] = { "sb", "-q", "-b", "-k", "tables.bin", NULL };
	static const char *const sz[] = { "sz", "-q", "-b", "tables.bin", NULL };
	static const char *const rz[] = { "rz", "-q", "-b", NULL };
	const struct noise *noise = line_of(1000 * latency_ms);
	struct cost ours = push(build, noise);
	struct cost ymodem = transfer(sb, rb, build->bytes, build->length, noise);
	struct cost of_1k = transfer(sb1k, rb, build->bytes, build->length, noise);
	struct cost zmodem = transfer(sz, rz, build->bytes, build->length, noise);

	printf("  %zu tables, %zu bytes, latency %u ms\n", build->length / 4096,
	       build->length, latency_ms);
	print_row("ymodem", &ymodem, &ours);
	print_row("ymodem 1K", &of_1k, &ours);
	print_row("zmodem", &zmodem, &ours);
	print_row("push", &ours, &ours);
}

static bool is_program(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/usr/bin/%s", name);
	return access(path, X_OK) == 0;
}

int main(void)
{
	static const uint32_t latencies_ms[] = { 1, 20 };
	struct mmp_build *builds[] = { bench_build(bench_qemu(0), 0xe300000),
				       bench_build_of_tables(20),
				       bench_build_of_tables(200) };

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("Tables over a line of 115200 baud, 8N1, simulated\n");
	if (!is_program("sz") || !is_program("rb")) {
		printf("left out: needs sb, rb, sz and rz of Debian's package lrzsz\n");
		return 0;
	}
	for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++) {
		for (size_t l = 0; l < sizeof(latencies_ms) / sizeof(latencies_ms[0]);
		     l++)
			compare(builds[i], latencies_ms[l]);
		mmp_build_free(builds[i]);
	}
	return 0;
}
