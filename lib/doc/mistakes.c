/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/mistakes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "json/text.h"

enum { PATH_SIZE = 192 };

bool mmp_mistakes_are_full(const struct mmp_mistakes *mistakes)
{
	return json_array_size(mistakes->list) >= MMP_MISTAKES_MAX;
}

bool mmp_mistakes_are_enough(const struct mmp_mistakes *mistakes)
{
	return mistakes->omitted >= MMP_MISTAKES_COUNTED;
}

void mmp_mistake(struct mmp_mistakes *mistakes, const struct mmp_error *err,
		 const char *path, ...)
{
	char where[PATH_SIZE];
	size_t length;
	va_list args;

	if (mmp_mistakes_are_full(mistakes)) {
		mistakes->omitted++;
		return;
	}
	va_start(args, path);
	vsnprintf(where, sizeof(where), path, args);
	va_end(args);
	length = strlen(where);
	if (length && where[length - 1] == '.')
		where[length - 1] = '\0'; /* something is missing in an object */
	json_array_append_new(mistakes->list,
			      json_pack("{s:o, s:o}", "path", mmp_json_words(where),
					"message", mmp_json_words(err->text)));
}
