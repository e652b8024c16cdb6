/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/dispose.h"

#include <stdlib.h>

#include "base/container.h"
#include "base/limits.h"
#include "memory.h"
#include "peaks.h"
#include "work/workers.h"

struct rubbish {
	struct task task;
	json_t *value;
	struct mmp_parsed *line;
};

static void burn(struct task *task)
{
	struct rubbish *r = container_of(task, struct rubbish, task);

	json_decref(r->value);
	mmp_parsed_unref(r->line);
	r->value = NULL;
	r->line = NULL;
}

static void on_burnt(struct task *task)
{
	free(container_of(task, struct rubbish, task));
}

static void drop_rubbish(struct task *task)
{
	burn(task);
	on_burnt(task);
}

/* How many values it has with all that is in them, counted up to `most`. */
static size_t count_values(const json_t *value, size_t most)
{
	size_t count = 1, i;
	const char *key;
	json_t *one;

	if (json_is_array(value)) {
		json_array_foreach(value, i, one) {
			if (count >= most)
				break;
			count += count_values(one, most - count);
		}
	} else if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, one) {
			if (count >= most)
				break;
			count += count_values(one, most - count);
		}
	}
	return count;
}

static void dispose_in_thread(struct service *service, json_t *take_value,
			      struct mmp_parsed *take_line)
{
	struct rubbish *r = xcalloc(1, sizeof(*r));

	r->task = (struct task){
		.work = burn, .done = on_burnt, .drop = drop_rubbish, .uid = TASK_SYSTEM
	};
	r->value = take_value;
	r->line = take_line;
	workers_submit(service->workers, &r->task);
}

void dispose_value(struct service *service, json_t *take_value)
{
	size_t count = count_values(take_value, MMP_TURN_FREED + 1);

	if (count > MMP_TURN_FREED) {
		dispose_in_thread(service, take_value, NULL);
		return;
	}
	peak_note(PEAK_TURN_FREED, count);
	json_decref(take_value);
}

void dispose_line(struct service *service, struct mmp_parsed *take_line)
{
	enum { PAGE = 4096 };
	size_t count;

	if (!take_line)
		return;
	count = take_line->chunks ? take_line->bytes / PAGE
				  : count_values(take_line->root, MMP_TURN_FREED + 1);
	if (count > MMP_TURN_FREED) {
		dispose_in_thread(service, NULL, take_line);
		return;
	}
	peak_note(PEAK_TURN_FREED, count);
	mmp_parsed_unref(take_line);
}
