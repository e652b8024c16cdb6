/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "base/exit.h"
#include "base/text.h"
#include "memory.h"
#include "json/text.h"

const char *command_text(const struct command *command, char text[COMMAND_TEXT_SIZE])
{
	snprintf(text, COMMAND_TEXT_SIZE, "%s%s%s", command->noun,
		 command->verb ? " " : "", command->verb ? command->verb : "");
	return text;
}

static int unknown_command(const char *words, struct mmp_error *err)
{
	char(*texts)[COMMAND_TEXT_SIZE] = memory_zeroed(command_count, sizeof(*texts));
	const char **names = memory_zeroed(command_count, sizeof(*names));
	const char *near;

	for (size_t i = 0; i < command_count; i++)
		names[i] = command_text(&commands[i], texts[i]);
	near = mmp_nearest(words, names, command_count);
	mmp_fail(err, MMP_BAD_REQUEST, "no such command: \"%.100s\"%s%s%s", words,
		 near ? "; did you mean \"" : "; `mmpctl --help` lists them",
		 near ? near : "", near ? "\"?" : "");
	free(names);
	free(texts);
	return -1;
}

/* Report a noun without its verb, listing the verbs. */
static int missing_verb(const char *noun, struct mmp_error *err)
{
	mmp_fail(err, MMP_BAD_REQUEST, "%s needs a verb:", noun);
	for (const struct command *command = commands; command->noun; command++)
		if (command->verb && strcmp(command->noun, noun) == 0) {
			struct mmp_error before = *err;

			mmp_fail(err, MMP_BAD_REQUEST, "%s %s", before.text,
				 command->verb);
		}
	return -1;
}

static bool is_noun(const char *word)
{
	for (const struct topic *topic = topics; topic->noun; topic++)
		if (strcmp(topic->noun, word) == 0)
			return true;
	return false;
}

const struct command *command_find(int count, char **words, int *ret_used,
				   struct mmp_error *err)
{
	const char *noun = count > 0 ? words[0] : "", *verb = count > 1 ? words[1] : "";
	char both[256];

	for (const struct command *command = commands; command->noun; command++) {
		if (strcmp(command->noun, noun) != 0)
			continue;
		if (command->verb && strcmp(command->verb, verb) != 0)
			continue;
		*ret_used = command->verb ? 2 : 1;
		return command;
	}
	if (arg_is_option(noun)) {
		arg_unknown_option(NULL, noun, err);
		return NULL;
	}
	if (!*verb && is_noun(noun)) {
		missing_verb(noun, err);
		return NULL;
	}
	snprintf(both, sizeof(both), "%.100s%s%.100s", noun, *verb ? " " : "", verb);
	unknown_command(both, err);
	return NULL;
}

void outcome_done(struct outcome *outcome)
{
	json_decref(outcome->value);
	json_decref(outcome->failure);
	*outcome = (struct outcome){ 0 };
}

struct outcome outcome_failed(const struct mmp_error *err)
{
	const struct mmp_code_info *code = mmp_code_info(err->code);
	struct outcome outcome = { 0 };

	outcome.failure =
		json_pack("{s:i, s:o, s:{s:s}}", "code", code->rpc, "message",
			  mmp_json_words(err->text), "data", "kind", code->name);
	return outcome;
}

bool outcome_is_bad(const json_t *value)
{
	const char *verdict = json_string_value(json_object_get(value, "verdict"));

	return verdict && strcmp(verdict, "boots") != 0 &&
	       !json_is_array(json_object_get(value, "accepted_findings"));
}

static int status_of(const struct outcome *outcome)
{
	if (!outcome->status && outcome_is_bad(outcome->value))
		return MMP_EXIT_NO;
	return outcome->status;
}

int outcome_exit(const struct outcome *outcome)
{
	const json_t *code = json_object_get(outcome->failure, "code");
	const json_t *data = json_object_get(outcome->failure, "data");
	const char *kind = json_string_value(json_object_get(data, "kind"));

	if (!outcome->failure)
		return status_of(outcome);
	for (int i = MMP_OK + 1; i < MMP_CODE_COUNT; i++) {
		const struct mmp_code_info *info = mmp_code_info((enum mmp_code)i);

		if (kind ? strcmp(info->name, kind) == 0
			 : info->rpc == json_integer_value(code))
			return info->exit;
	}
	return MMP_EXIT_FAILED;
}
