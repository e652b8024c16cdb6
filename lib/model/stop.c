/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/stop.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

const char *const mmp_stop_kind_names[] = {
	[MMP_STOP_PANIC] = "panic",
	[MMP_STOP_ASSERT] = "assert",
	[MMP_STOP_UNDEFINED] = "undefined",
};

bool mmp_same_subjects(const struct mmp_subject *a, unsigned a_count,
		       const struct mmp_subject *b, unsigned b_count)
{
	if (a_count != b_count)
		return false;
	for (unsigned i = 0; i < a_count; i++)
		if (a[i].type != b[i].type || a[i].base != b[i].base ||
		    a[i].size != b[i].size)
			return false;
	return true;
}

void mmp_stop_clear(struct mmp_stop *stop)
{
	stop->info = NULL;
	stop->message[0] = stop->detail[0] = stop->trace[0] = stop->undefined_before[0] =
		'\0';
	stop->stage = NULL;
	stop->has_call = false;
	stop->subject_count = 0;
	stop->tables_used = 0;
}

/* Drop the ranges of an earlier stop that was only noted. */
static void forget(struct mmp_stop *stop)
{
	if (stop->info)
		stop->subject_count = 0;
	stop->info = NULL;
}

int mmp_stop_at(struct mmp_stop *stop, const struct mmp_stop_info *info,
		const char *detail, ...)
{
	va_list args;

	forget(stop);
	stop->info = info;
	va_start(args, detail);
	mmp_text_vprint(stop->detail, sizeof(stop->detail), detail, args);
	va_end(args);
	return -1;
}

int mmp_stop_about(struct mmp_stop *stop, int type, uint64_t base, uint64_t size)
{
	forget(stop);
	if (stop->subject_count < MMP_STOP_SUBJECTS)
		stop->subjects[stop->subject_count++] =
			(struct mmp_subject){ type, base, size };
	return -1;
}

int mmp_stop_trace(struct mmp_stop *stop, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	mmp_text_vprint(stop->trace, sizeof(stop->trace), format, args);
	va_end(args);
	return -1;
}
