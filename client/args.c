/* SPDX-License-Identifier: BSD-2-Clause */
#include "args.h"

#include <string.h>

#include "args_kinds.h"
#include "base/text.h"
#include "methods.h"

struct parsed {
	json_t *params, *local;
};

bool arg_is_option(const char *word)
{
	return word[0] == '-' && word[1] && (word[1] == '-' || strcmp(word, "-h") == 0);
}

const struct arg *arg_find_option(const struct arg *rows, const char *option,
				  const char **ret_value)
{
	size_t length = strcspn(option, "=");

	*ret_value = option[length] ? option + length + 1 : NULL;
	for (; rows && rows->name; rows++)
		if (strncmp(rows->name, option, length) == 0 && !rows->name[length])
			return rows;
	return NULL;
}

static size_t add_options(const struct arg *rows, const char **names, size_t count,
			  size_t max)
{
	for (; rows && rows->name && count < max; rows++)
		if (arg_is_option(rows->name))
			names[count++] = rows->name;
	return count;
}

int arg_unknown_option(const struct arg *rows, const char *option, struct mmp_error *err)
{
	const char *names[32], *near;
	size_t count = add_options(rows, names, 0, 32);

	count = add_options(globals, names, count, 32);
	near = mmp_nearest(option, names, count);
	return mmp_fail(err, MMP_BAD_REQUEST, "no such option: %.100s%s%s%s", option,
			near ? "; did you mean " : " here", near ? near : "",
			near ? "?" : "");
}

int arg_no_value(const struct arg *row, struct mmp_error *err)
{
	return mmp_fail(err, MMP_BAD_REQUEST, "%s takes no value", row->name);
}

/*
 * Parse the option at words[0]; returns how many words it took, or -1. `last`: no more
 * arguments are expected, so a word after it can only be its value.
 */
static int take_option(const struct command *command, int count, char **words, bool last,
		       struct parsed *parsed, struct mmp_error *err)
{
	const char *value;
	const struct arg *row = arg_find_option(command->words, words[0], &value);
	int used = 1;

	if (!row)
		return arg_unknown_option(command->words, words[0], err);
	if (row->kind == WORD_FLAG_OR_NAMES) {
		if (!value && last && count > 1 && !arg_is_option(words[1])) {
			value = words[1];
			used = 2;
		}
	} else if (!arg_takes_value(row)) {
		if (value)
			return arg_no_value(row, err);
	} else if (!value) {
		if (count < 2)
			return mmp_fail(err, MMP_BAD_REQUEST, "%s needs a value: %s %s",
					row->name, row->name, row->value);
		value = words[1];
		used = 2;
	}
	return arg_take(row, value, parsed->params, parsed->local, err) ? -1 : used;
}

/* The row of the next argument after `row`, skipping options; NULL if there is none. */
static const struct arg *next_argument(const struct arg *row)
{
	while (row && row->name && arg_is_option(row->name))
		row++;
	return row && row->name ? row : NULL;
}

static int take_all(const struct command *command, int count, char **words,
		    struct parsed *parsed, struct mmp_error *err)
{
	const struct arg *argument = next_argument(command->words);
	bool options = true;
	char name[COMMAND_TEXT_SIZE];

	for (int i = 0; i < count; i++) {
		if (options && strcmp(words[i], "--") == 0) {
			options = false;
		} else if (options && arg_is_option(words[i])) {
			int used = take_option(command, count - i, words + i, !argument,
					       parsed, err);

			if (used < 0)
				return -1;
			i += used - 1;
		} else if (!argument) {
			return mmp_fail(err, MMP_BAD_REQUEST,
					"%s: unexpected argument \"%.100s\"",
					command_text(command, name), words[i]);
		} else {
			if (arg_take(argument, words[i], parsed->params, parsed->local,
				     err))
				return -1;
			if (!arg_repeats(argument))
				argument = next_argument(argument + 1);
		}
	}
	return 0;
}

static int check_missing(const struct command *command, struct parsed *parsed,
			 struct mmp_error *err)
{
	char name[COMMAND_TEXT_SIZE];

	for (const struct arg *row = command->words; row && row->name; row++) {
		if (json_object_get(parsed->params, row->key) ||
		    json_object_get(parsed->local, row->key))
			continue;
		if (row->required)
			return mmp_fail(err, MMP_BAD_REQUEST, "%s needs %s%s%s: %s",
					command_text(command, name), row->name,
					row->value ? " " : "",
					row->value ? row->value : "",
					arg_about(command, row));
		if (row->fallback &&
		    arg_take(row, row->fallback, parsed->params, parsed->local, err))
			return -1;
	}
	return 0;
}

int args_parse(const struct command *command, int count, char **words,
	       json_t **ret_params, json_t **ret_local, struct mmp_error *err)
{
	struct parsed parsed = { json_object(), json_object() };

	if (take_all(command, count, words, &parsed, err) ||
	    check_missing(command, &parsed, err)) {
		json_decref(parsed.params);
		json_decref(parsed.local);
		return -1;
	}
	*ret_params = parsed.params;
	*ret_local = parsed.local;
	return 0;
}
