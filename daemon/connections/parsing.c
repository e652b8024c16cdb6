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
	struct mmp_allowance allowance;
	struct service *service;
	char *text;
	size_t length;
	size_t charged; /* bytes, to the user */
	size_t left;    /* of them, for the values */
	struct mmp_parsed *line;
	struct mmp_error err;
	struct mmp_error busy; /* MMP_OK: there was room for all values */
	parsing_done *done;
	void *data; /* NULL: nobody waits */
};

/* --- charges ----------------------------------------------------------------------- */

static bool take(struct mmp_allowance *allowance, size_t bytes)
{
	struct parsing *p = container_of(allowance, struct parsing, allowance);
	size_t more = bytes > p->left ? bytes - p->left : 0;

	if (more && account_take(p->service->account, p->task.uid, more, &p->busy))
		return false;
	p->charged += more;
	p->left -= bytes - more;
	return true;
}

static void give(struct mmp_allowance *allowance, size_t bytes)
{
	container_of(allowance, struct parsing, allowance)->left += bytes;
}

static void uncharge(const struct mmp_parsed *line)
{
	account_sub(line->account, line->uid, line->charged);
}

/* What is made from it cannot be known, so it counts as much as documents take. */
void parsing_charge(struct service *service, uid_t uid, struct mmp_parsed *line,
		    size_t length, size_t charged)
{
	size_t bytes = length * MMP_JSON_FACTOR;

	if (line->bytes > bytes)
		bytes = line->bytes;
	if (bytes > charged)
		account_add(service->account, uid, bytes - charged);
	else
		account_sub(service->account, uid, charged - bytes);
	line->account = service->account;
	line->uid = uid;
	line->charged = bytes;
	line->uncharge = uncharge;
}

/* --- in a thread ------------------------------------------------------------------- */

static void parse_task(struct task *task)
{
	struct parsing *p = container_of(task, struct parsing, task);

	mmp_parsed_allow(&p->allowance);
	p->line = mmp_requests_parse(p->text, p->length, MMP_VALUES_MAX, &p->err);
	mmp_parsed_allow(NULL);
	if (!p->line && p->busy.code)
		p->err = p->busy;
	free(p->text);
	p->text = NULL;
	if (p->line)
		parsing_charge(p->service, p->task.uid, p->line, p->length, p->charged);
	else
		account_sub(p->service->account, p->task.uid, p->charged);
	p->charged = 0;
}

/* --- in the loop ------------------------------------------------------------------- */

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

	if (p->data)
		p->done(p->data, p->line, &p->err);
	else
		dispose_line(p->service, p->line);
	p->line = NULL;
	drop_parsing(task);
}

struct parsing *parsing_begin(struct service *service, uid_t uid, const char *text,
			      size_t length, parsing_done *done, void *data,
			      struct mmp_error *err)
{
	struct parsing *p;

	if (account_take(service->account, uid, length * MMP_JSON_FACTOR, err))
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->task = (struct task){
		.work = parse_task, .done = on_parsed, .drop = drop_parsing, .uid = uid
	};
	p->allowance = (struct mmp_allowance){ take, give };
	p->service = service;
	p->charged = length * MMP_JSON_FACTOR;
	p->left = length * (MMP_JSON_FACTOR - PARSING_TEXTS_FACTOR);
	p->text = xcalloc(1, length + 1);
	memcpy(p->text, text, length);
	p->length = length;
	p->done = done;
	p->data = data;
	workers_submit(service->workers, &p->task);
	return p;
}

void parsing_forget(struct parsing *parsing)
{
	parsing->data = NULL;
	workers_cancel(parsing->service->workers, &parsing->task);
}
