/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

void mmp_settings_done(struct mmp_settings *settings)
{
	free(settings->all);
	free(settings->text);
	memset(settings, 0, sizeof(*settings));
}

static int setting_by_name(const void *one, const void *other)
{
	const struct mmp_setting *a = one, *b = other;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->line > b->line) - (a->line < b->line);
}

static bool is_name(const char *text, size_t length)
{
	if (!length || isdigit((unsigned char)text[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("_-.", text[i]))
			return false;
	return true;
}

static char *trimmed(char *text)
{
	size_t length = strlen(text);

	while (length && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	while (isspace((unsigned char)*text))
		text++, length--;
	if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
		text[length - 1] = '\0';
		text++;
	}
	return text;
}

/* Parse "NAME=value" or "NAME := value"; the line is split in place. */
static int read_line(char *line, unsigned number, struct mmp_setting *ret_one,
		     struct mmp_error *err)
{
	char *equals = strchr(line, '=');
	size_t length = equals ? (size_t)(equals - line) : 0;

	while (length && strchr(":?+ \t", line[length - 1]))
		length--;
	if (!equals || !is_name(line, length))
		return mmp_fail(err, MMP_INVALID,
				"line %u: NAME=value was expected, not \"%.40s\"; it "
				"must be the conf.mk that the build has written, not one "
				"of the source tree",
				number, line);
	line[length] = '\0';
	*ret_one = (struct mmp_setting){ line, trimmed(equals + 1), number };
	return 0;
}

static int add_line(struct mmp_settings *to, char *line, unsigned number,
		    struct mmp_error *err)
{
	while (isspace((unsigned char)*line))
		line++;
	if (*line == '#') {
		if (to->comment_count < MMP_SETTING_COMMENTS_MAX)
			to->comments[to->comment_count++] = line;
		return 0;
	}
	if (!*line)
		return 0;
	if (to->count == MMP_SETTING_LINES_MAX)
		return mmp_fail(err, MMP_TOO_LARGE, "line %u: more than %d settings",
				number, MMP_SETTING_LINES_MAX);
	if (to->count % 256 == 0) {
		void *grown = realloc(to->all, (to->count + 256) * sizeof(*to->all));

		if (!grown)
			return mmp_fail(err, MMP_SYSTEM, "out of memory");
		to->all = grown;
	}
	return read_line(line, number, &to->all[to->count], err) ? -1 : (to->count++, 0);
}

/* Of several settings with one name, keep the last, as make does. */
static void drop_overwritten(struct mmp_settings *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < to->count; i++) {
		if (kept && strcmp(to->all[kept - 1].name, to->all[i].name) == 0)
			kept--;
		to->all[kept++] = to->all[i];
	}
	to->count = kept;
}

int mmp_settings_read(struct mmp_settings *ret_settings, const char *bytes, size_t size,
		      struct mmp_error *err)
{
	struct mmp_settings made = { 0 };
	unsigned number = 0;
	char *at, *end;

	if (memchr(bytes, '\0', size))
		return mmp_fail(
			err, MMP_INVALID, "byte %zu is 0: text was expected",
			(size_t)((const char *)memchr(bytes, '\0', size) - bytes));
	made.text = malloc(size + 1);
	if (!made.text)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	memcpy(made.text, bytes, size);
	made.text[size] = '\0';
	for (at = made.text; *at; at = end) {
		end = at + strcspn(at, "\n");
		if (*end)
			*end++ = '\0';
		if (add_line(&made, at, ++number, err)) {
			mmp_settings_done(&made);
			return -1;
		}
	}
	if (made.count)
		qsort(made.all, made.count, sizeof(*made.all), setting_by_name);
	drop_overwritten(&made);
	*ret_settings = made;
	return 0;
}
