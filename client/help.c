/* SPDX-License-Identifier: BSD-2-Clause */
#include "help.h"

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "base/exit.h"
#include "memory.h"
#include "methods.h"
#include "printer.h"

static char *append(char *take_text, char *take_more)
{
	char *all = memory_print("%s%s", take_text, take_more);

	free(take_text);
	free(take_more);
	return all;
}

char *help_usage(const struct command *command)
{
	char name[COMMAND_TEXT_SIZE];
	char *usage = memory_print("mmpctl %s", command_text(command, name));

	for (const struct arg *row = command->words; row && row->name; row++) {
		bool more = arg_repeats(row);

		usage = append(usage,
			       memory_print(" %s%s%s%s%s%s", row->required ? "" : "[",
					    row->name, row->value ? " " : "",
					    row->value ? row->value : "",
					    row->required ? "" : "]", more ? "..." : ""));
	}
	return usage;
}

static void print_words(FILE *to, const struct command *command, const struct arg *rows)
{
	for (; rows && rows->name; rows++) {
		char *name = memory_print("  %s %s", rows->name,
					  rows->value ? rows->value : "");
		char *about =
			rows->fallback && *rows->fallback
				? memory_print("%s (default: %s)",
					       arg_about(command, rows), rows->fallback)
				: memory_print("%s", arg_about(command, rows));

		fprintf(to, "%-26s ", name);
		printer_paragraph(to, 27, about);
		free(name);
		free(about);
	}
}

static void print_command(FILE *to, const struct command *command)
{
	char *usage = help_usage(command);

	fprintf(to, "usage: %s\n\n%s.\n", usage, command_about(command));
	free(usage);
	if (command->words) {
		putc('\n', to);
		print_words(to, command, command->words);
	}
	fputs("\nEverywhere:\n", to);
	print_words(to, NULL, globals);
}

static void print_commands(FILE *to, const char *noun)
{
	char name[COMMAND_TEXT_SIZE];

	for (const struct command *command = commands; command->noun; command++)
		if (strcmp(command->noun, noun) == 0) {
			fprintf(to, "  %-20s ", command_text(command, name));
			printer_paragraph(to, 23, command_about(command));
		}
}

static void print_noun(FILE *to, const struct topic *topic)
{
	fprintf(to, "%s: %s\n\n", topic->noun, topic->about);
	print_commands(to, topic->noun);
	fprintf(to, "\n`mmpctl %s VERB --help` says more.\n", topic->noun);
}

static void print_overview(FILE *to)
{
	fputs("usage: mmpctl [OPTION]... NOUN VERB [ARGUMENT]...\n\n"
	      "Ask mmpd, the memory map policy service.\n",
	      to);
	for (const struct topic *topic = topics; topic->noun; topic++) {
		fprintf(to, "\n%s: %s\n", topic->noun, topic->about);
		print_commands(to, topic->noun);
	}
	fputs("\nEverywhere:\n", to);
	print_words(to, NULL, globals);
	fputs("\nExit status:\n", to);
	for (int status = MMP_EXIT_DONE; status < MMP_EXIT_COUNT; status++)
		fprintf(to, "  %d  %s\n", status, mmp_exit_about[status]);
}

static const struct topic *find_topic(const char *noun)
{
	for (const struct topic *topic = topics; topic->noun; topic++)
		if (strcmp(topic->noun, noun) == 0)
			return topic;
	return NULL;
}

int help_print(FILE *to, int count, char **words, struct mmp_error *err)
{
	const struct topic *topic = count == 1 ? find_topic(words[0]) : NULL;
	const struct command *command;
	int used;

	if (count == 0) {
		print_overview(to);
		return 0;
	}
	command =
		command_find(count, words, &used, topic ? &(struct mmp_error){ 0 } : err);
	if (command)
		print_command(to, command);
	else if (topic)
		print_noun(to, topic);
	return command || topic ? 0 : -1;
}
