/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/parsing.h"

#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/container.h"
#include "base/limits.h"
#include "memory.h"
#include "rpc/requests.h"
#include "work/dispose.h"
#include "work/workers.h"

struct parsing {
	struct task task;
	struct service *service;
	char *text;
	size_t length;
	struct mmp_parsed *line;
	struct mmp_error err;
	parsing_done *done;
	void *data;     /* NULL: nobody waits */
	size_t charged; /* to be given back with it */
};

static void parse_task(struct task *task)
{
	struct parsing *p = container_of(task, struct parsing, task);

	p->line = mmp_requests_parse(p->text, p->length, MMP_VALUES_MAX, &p->err);
	free(p->text);
	p->text = NULL;
}

static void drop_parsing(struct task *task)
{
	struct parsing *p = container_of(task, struct parsing, task);

	mmp_parsed_unref(p->line);
	free(p->text);
	account_sub(p->service->account, p->task.uid, p->charged);
	free(p);
}

static void on_parsed(struct task *task)
{
	struct parsing *p = container_of(task, struct parsing, task);

	if (p->data) {
		p->done(p->data, p->line, &p->err);
		p->line = NULL;
	} else if (p->line) {
		dispose_line(p->service, p->line);
		p->line = NULL;
	}
	drop_parsing(task);
}

struct parsing *parsing_begin(struct service *service, uid_t uid, const char *text,
			      size_t length, parsing_done *done, void *data)
{
	struct parsing *p = xcalloc(1, sizeof(*p));

	p->task = (struct task){
		.work = parse_task, .done = on_parsed, .drop = drop_parsing, .uid = uid
	};
	p->service = service;
	p->text = xcalloc(1, length + 1);
	memcpy(p->text, text, length);
	p->length = length;
	p->done = done;
	p->data = data;
	workers_submit(service->workers, &p->task);
	return p;
}

void parsing_forget(struct parsing *parsing, size_t take_charge)
{
	parsing->data = NULL;
	parsing->charged = take_charge;
	workers_cancel(parsing->service->workers, &parsing->task);
}
