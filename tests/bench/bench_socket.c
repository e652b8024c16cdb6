/* SPDX-License-Identifier: BSD-2-Clause */
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/platforms.h"
#include "connections/server.h"
#include "doc/platform.h"
#include "log.h"
#include "methods/methods.h"
#include "service.h"
#include "work/answers.h"
#include "json/parsed.h"

/*
 * make bench: the rate of layout.compute over the socket (the QEMU platform by its
 * stored name, detail map) against a method that answers with a text of the same number
 * of bytes, through the same server and dispatcher; and the rate where nothing is
 * remembered. One client, one request at a time, the three in turns.
 */

enum { ROUNDS = 21, REQUESTS = 300 };

static json_t *text; /* what bench.text answers */

struct text_params {
	uint64_t bytes;
};

static const struct mmp_param text_params[] = {
	{ "bytes", MMP_PARAM_UINT, offsetof(struct text_params, bytes), true, "how many",
	  NULL },
	{ 0 },
};

static int answer_text(struct mmp_call *call, const void *params, json_t **ret_result,
		       struct mmp_error *err)
{
	const struct text_params *p = params;

	(void)call, (void)err;
	if (!text || json_string_length(text) != p->bytes) {
		char *bytes = malloc(p->bytes + 1);

		memset(bytes, 'x', p->bytes);
		json_decref(text);
		text = json_stringn(bytes, p->bytes);
		free(bytes);
	}
	*ret_result = json_incref(text);
	return 0;
}

static const struct mmp_method text_method = { .name = "bench.text",
					       .about = "A text",
					       .params = text_params,
					       .params_size = sizeof(struct text_params),
					       .answer = answer_text };

static const struct mmp_method *compute_method; /* layout.compute */

static int answer_anew(struct mmp_call *call, const void *params, json_t **ret_result,
		       struct mmp_error *err)
{
	struct service *service = call->service;

	answers_free(service->answers);
	service->answers = answers_new();
	return compute_method->answer(call, params, ret_result, err);
}

/* The server's methods, then the text, then layout.compute with an empty memory. */
static struct mmp_method *methods_and_extra(const struct mmp_method *methods)
{
	size_t count = 0;
	struct mmp_method *all;

	for (; methods[count].name; count++)
		if (!strcmp(methods[count].name, "layout.compute"))
			compute_method = &methods[count];
	all = calloc(count + 3, sizeof(*all));
	memcpy(all, methods, count * sizeof(*all));
	all[count] = text_method;
	all[count + 1] = *compute_method;
	all[count + 1].name = "bench.anew";
	all[count + 1].answer = answer_anew;
	return all;
}

static void die(const struct mmp_error *err)
{
	fprintf(stderr, "bench: %s\n", err->text);
	_exit(1);
}

/* The server, in a process of its own; says a byte on `ready` when it listens. */
static void serve(const char *socket, const char *database, int ready)
{
	struct event_base *base = event_base_new();
	struct listening listening = { 0 };
	struct service *service;
	struct mmp_error err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mmp_parsed_use_arenas();
	service = service_new(base, database, NULL, &err);
	if (!service || listen_open(&listening, socket, &err))
		die(&err);
	server_new(base, methods_and_extra(service->methods), service, &listening);
	if (write(ready, "", 1) != 1)
		_exit(1);
	event_base_dispatch(base);
	_exit(0);
}

struct client {
	FILE *in, *out;
	char *line;
	size_t room;
};

static void connect_to(struct client *client, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror("bench: connect");
		exit(1);
	}
	client->in = fdopen(fd, "r");
	client->out = fdopen(dup(fd), "w");
}

/* One request, its answer; returns the answer's length. */
static size_t ask(struct client *client, const char *request)
{
	ssize_t length;

	fputs(request, client->out);
	fflush(client->out);
	length = getline(&client->line, &client->room, client->in);
	if (length <= 0 || strstr(client->line, "\"error\"")) {
		fprintf(stderr, "bench: %s\n", length > 0 ? client->line : "no answer");
		exit(1);
	}
	return (size_t)length;
}

static double rate(struct client *client, const char *request)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned i = 0; i < REQUESTS; i++)
		ask(client, request);
	clock_gettime(CLOCK_MONOTONIC, &to);
	return REQUESTS / ((double)(to.tv_sec - from.tv_sec) +
			   (double)(to.tv_nsec - from.tv_nsec) / 1e9);
}

static int by_value(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(double), by_value);
	return values[ROUNDS / 2];
}

static void put_platform(struct client *client)
{
	struct mmp_platform *platform = bench_qemu(0);
	json_t *request = json_pack("{s:s, s:i, s:s, s:{s:o}}", "jsonrpc", "2.0", "id", 1,
				    "method", "platform.put", "params", "document",
				    mmp_platform_write(platform));
	char *line = json_dumps(request, JSON_COMPACT), *with_end;

	if (asprintf(&with_end, "%s\n", line) < 0)
		exit(1);
	ask(client, with_end);
	free(with_end);
	free(line);
	json_decref(request);
	mmp_platform_free(platform);
}

static void measure(struct client *client, bool json)
{
	static const char request[] =
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":"
		"{\"platform\":\"real_aslr\",\"detail\":\"map\"}}\n";
	static const char envelope[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\"}\n";
	double computes[ROUNDS], anew[ROUNDS], texts[ROUNDS], ratios[ROUNDS];
	double anew_ratios[ROUNDS];
	char compute[160], again[160], text_of[160];
	size_t bytes;

	snprintf(compute, sizeof(compute), request, "layout.compute");
	snprintf(again, sizeof(again), request, "bench.anew");
	bytes = ask(client, compute);
	snprintf(text_of, sizeof(text_of),
		 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"bench.text\",\"params\":"
		 "{\"bytes\":%zu}}\n",
		 bytes - (sizeof(envelope) - 1));
	if (ask(client, text_of) != bytes || ask(client, again) != bytes) {
		fprintf(stderr, "bench: answers differ in length\n");
		exit(1);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		computes[i] = rate(client, compute);
		texts[i] = rate(client, text_of);
		anew[i] = rate(client, again);
		ratios[i] = computes[i] / texts[i];
		anew_ratios[i] = anew[i] / texts[i];
	}
	printf(json ? "{\"socket\": {\"answer_bytes\": %zu, \"texts_per_s\": %.0f, "
		      "\"computes_per_s\": %.0f, \"ratio\": %.3f, \"target\": 0.6, "
		      "\"anew_per_s\": %.0f, \"anew_ratio\": %.3f}}\n"
		    : "Over the socket, answers of %zu bytes: a text %.0f a second\n"
		      "layout.compute %.0f a second, ratio %.2f (target 0.60)\n"
		      "with nothing remembered %.0f a second, ratio %.2f\n",
	       bytes, median(texts), median(computes), median(ratios), median(anew),
	       median(anew_ratios));
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/mmp-bench-XXXXXX", socket[64], database[64], command[64],
	     byte;
	struct client client = { 0 };
	int ready[2];
	pid_t server;

	if (!mkdtemp(folder) || pipe(ready))
		return 1;
	snprintf(socket, sizeof(socket), "%s/socket", folder);
	snprintf(database, sizeof(database), "%s/database", folder);
	server = fork();
	if (!server)
		serve(socket, database, ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		return 1;
	connect_to(&client, socket);
	put_platform(&client);
	measure(&client, argc > 1 && !strcmp(argv[1], "--json"));
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) != 0;
}
