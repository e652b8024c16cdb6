/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

struct form {
	const char *name;
	int (*write)(FILE *to, const json_t *value);
};

/* clang-format off */
static const struct form forms[] = {
	{ "sarif",    report_sarif },
	{ "junit",    report_junit },
	{ "markdown", report_markdown },
};
/* clang-format on */

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* The format and the file of "sarif=FILE". */
static const struct form *form_of(const char *text, const char **ret_path,
				  struct mmp_error *err)
{
	size_t length = strcspn(text, "=");

	*ret_path = text + length + 1;
	for (size_t i = 0; text[length] && text[length + 1] && i < FORMS; i++)
		if (strlen(forms[i].name) == length &&
		    strncmp(forms[i].name, text, length) == 0)
			return &forms[i];
	mmp_fail(err, MMP_BAD_REQUEST,
		 "--report %.100s: must be sarif=FILE, junit=FILE or markdown=FILE",
		 text);
	return NULL;
}

int reports_check(const json_t *reports, struct mmp_error *err)
{
	const json_t *report;
	const char *path;
	size_t i;

	json_array_foreach(reports, i, report) {
		if (!form_of(json_string_value(report), &path, err))
			return -1;
	}
	return 0;
}

static int write_one(const struct form *form, const char *path, const json_t *value,
		     struct mmp_error *err)
{
	FILE *file = fopen(path, "we");
	int failed, ended;

	if (!file)
		return mmp_fail(err, MMP_SYSTEM, "--report %s=%.200s: %s", form->name,
				path, strerror(errno));
	errno = 0;
	failed = form->write(file, value) || ferror(file);
	ended = fclose(file);
	if (failed || ended)
		return mmp_fail(err, MMP_SYSTEM, "--report %s=%.200s: %s", form->name,
				path, errno ? strerror(errno) : "out of memory");
	return 0;
}

int reports_write(const json_t *reports, const json_t *value, struct mmp_error *err)
{
	const json_t *report;
	size_t i;

	json_array_foreach(reports, i, report) {
		const char *path;
		const struct form *form = form_of(json_string_value(report), &path, err);

		if (!form || write_one(form, path, value, err))
			return -1;
	}
	return 0;
}
