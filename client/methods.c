/* SPDX-License-Identifier: BSD-2-Clause */
#include "methods.h"

#include <string.h>

#include "args.h"

static const struct method *method_of(const struct command *command)
{
	for (const struct method *m = methods; command && command->method && m->name; m++)
		if (strcmp(m->name, command->method) == 0)
			return m;
	return NULL;
}

static const struct method_param *param_of(const struct method *method, const char *name)
{
	for (const struct method_param *p = method ? method->params : NULL; p && p->name;
	     p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

const char *command_about(const struct command *command)
{
	const struct method *method = method_of(command);

	if (command->about)
		return command->about;
	return method ? method->about : "";
}

const char *arg_about(const struct command *command, const struct arg *word)
{
	const struct method_param *param = param_of(method_of(command), word->key);

	if (word->about)
		return word->about;
	return param ? param->about : "";
}

const char *const *arg_choices(const struct command *command, const struct arg *word)
{
	const struct method_param *param = param_of(method_of(command), word->key);

	if (word->choices)
		return word->choices;
	return param ? param->choices : NULL;
}

static int check_words(const struct command *command, const struct method *method,
		       struct mmp_error *err)
{
	for (const struct arg *row = command->words; row && row->name; row++) {
		if (!*arg_about(command, row))
			return mmp_fail(err, MMP_SYSTEM, "%s has no words", row->name);
		/* A command with a run function may call another method, or none. */
		if (!command->run && arg_is_sent(row) && !param_of(method, row->key))
			return mmp_fail(err, MMP_SYSTEM,
					"%s: %s is not a parameter of it", row->name,
					row->key);
	}
	return 0;
}

static int check_params(const struct command *command, const struct method *method,
			struct mmp_error *err)
{
	for (const struct method_param *p = method->params; p->name; p++) {
		const struct arg *row = command->words;

		while (p->required && row && row->name && strcmp(row->key, p->name) != 0)
			row++;
		if (p->required && !command->run && (!row || !row->name))
			return mmp_fail(err, MMP_SYSTEM, "no word for %s", p->name);
	}
	return 0;
}

static int check_command(const struct command *command, struct mmp_error *err)
{
	const struct method *method = method_of(command);

	if (!*command_about(command))
		return mmp_fail(err, MMP_SYSTEM, "it has no words");
	if (!command->method)
		return check_words(command, NULL, err);
	if (!method)
		return mmp_fail(err, MMP_SYSTEM, "no such method: %s", command->method);
	return check_words(command, method, err) ? -1
						 : check_params(command, method, err);
}

int methods_check(struct mmp_error *err)
{
	char name[COMMAND_TEXT_SIZE];

	for (const struct command *command = commands; command->noun; command++)
		if (check_command(command, err))
			return mmp_while(err, "mmpctl %s", command_text(command, name));
	return 0;
}
