/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64, READ_BYTES = 64 << 10 };

struct client {
	int fd;
	unsigned sent, answered;
	char *out; /* what could not be written yet */
	size_t out_length;
	char head[64]; /* of the answer that is being read: is it an error? */
	size_t head_length;
};

double load_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double load_cpu(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (!pid || clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
		return 0;
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

int load_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die(path);
	return fd;
}

static void flush_out(struct client *c)
{
	ssize_t sent = send(c->fd, c->out, c->out_length, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN)
		die("send");
	if (sent > 0) {
		c->out_length -= (size_t)sent;
		memmove(c->out, c->out + sent, c->out_length);
	}
}

static void send_more(const struct load *load, struct client *c, unsigned number)
{
	while (c->sent < load->each && c->sent - c->answered < load->depth) {
		const char *line = load->request(load->data, number, c->sent++);
		size_t length = strlen(line);

		c->out = realloc(c->out, c->out_length + length);
		memcpy(c->out + c->out_length, line, length);
		c->out_length += length;
	}
	if (c->out_length)
		flush_out(c);
}

static void end_answer(struct client *c, struct load_result *result)
{
	result->answers++;
	c->answered++;
	c->head[c->head_length] = '\0';
	result->errors += strstr(c->head, "\"error\"") != NULL;
	c->head_length = 0;
}

static void take_bytes(struct client *c, const char *bytes, size_t length,
		       struct load_result *result)
{
	const char *end = bytes + length;

	result->bytes += length;
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t part = (size_t)((stop ? stop : end) - bytes);
		size_t room = sizeof(c->head) - 1 - c->head_length;

		memcpy(c->head + c->head_length, bytes, part < room ? part : room);
		c->head_length += part < room ? part : room;
		if (!stop)
			return;
		end_answer(c, result);
		bytes = stop + 1;
	}
}

static void read_some(struct client *c, struct load_result *result)
{
	static char bytes[READ_BYTES];
	ssize_t length = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (length > 0)
		take_bytes(c, bytes, (size_t)length, result);
	else if (!length || errno != EAGAIN)
		die("recv");
}

struct load_result load_run(const struct load *load, pid_t pid)
{
	struct client clients[CLIENTS_MAX] = { 0 };
	struct pollfd polled[CLIENTS_MAX];
	struct load_result result = { 0 };
	double from, cpu;

	for (unsigned i = 0; i < load->clients; i++)
		clients[i].fd = load_connect(load->socket);
	from = load_now();
	cpu = load_cpu(pid);
	while (result.answers < (size_t)load->clients * load->each &&
	       (load->seconds <= 0 || load_now() - from < load->seconds)) {
		for (unsigned i = 0; i < load->clients; i++) {
			send_more(load, &clients[i], i);
			polled[i].fd = clients[i].fd;
			polled[i].events =
				(short)(POLLIN | (clients[i].out_length ? POLLOUT : 0));
		}
		if (poll(polled, load->clients, load->seconds > 0 ? 100 : -1) < 0)
			die("poll");
		for (unsigned i = 0; i < load->clients; i++)
			if (polled[i].revents & (POLLIN | POLLHUP))
				read_some(&clients[i], &result);
	}
	result.seconds = load_now() - from;
	result.cpu_seconds = load_cpu(pid) - cpu;
	for (unsigned i = 0; i < load->clients; i++) {
		close(clients[i].fd);
		free(clients[i].out);
	}
	return result;
}
