/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "printer.h"

#define BAR_COLUMNS 30

static bool drawn;

static double share_of(const json_t *progress)
{
	double done = json_number_value(json_object_get(progress, "done"));
	double total = json_number_value(json_object_get(progress, "total"));
	double share = total > 0 ? done / total : 0;

	return share < 0 ? 0 : share > 1 ? 1 : share;
}

void progress_draw(const json_t *job)
{
	const json_t *progress = json_object_get(job, "progress");
	const char *step = json_string_value(json_object_get(progress, "step"));
	double share = share_of(progress);
	int filled = (int)(share * BAR_COLUMNS);

	if (!isatty(STDERR_FILENO) || !progress)
		return;
	fprintf(stderr, "\r[%.*s%*s] %3d %% ", filled, "##############################",
		BAR_COLUMNS - filled, "", (int)(share * 100));
	printer_text(stderr, INK_PLAIN, step ? step : "");
	fputs("\033[K", stderr);
	drawn = true;
}

void progress_clear(void)
{
	if (drawn)
		fputs("\r\033[K", stderr);
	drawn = false;
}
