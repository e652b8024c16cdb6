/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "args.h"
#include "command.h"
#include "generate.h"
#include "methods.h"
#include "model/rules.h"

static void put_options(FILE *to, const struct arg *rows)
{
	for (; rows && rows->name; rows++)
		if (arg_is_option(rows->name))
			fprintf(to, " %s", rows->name);
}

static bool takes_file(const struct command *command)
{
	for (const struct arg *row = command->words; row && row->name; row++)
		if (arg_is_file(row))
			return true;
	return false;
}

/* Whether the noun has verbs, and is not the whole command. */
static bool has_verbs(const char *noun)
{
	for (const struct command *command = commands; command->noun; command++)
		if (strcmp(command->noun, noun) == 0)
			return command->verb != NULL;
	return false;
}

/* Names that mmpd can list: their name in help, and the noun that lists them. */
static const char *const kept[][2] = {
	{ "PLATFORM", "platform" }, { "BEFORE", "platform" }, { "AFTER", "platform" },
	{ "BASE", "platform" },     { "BOARD", "board" },     { "BUILD", "build" },
	{ "JOB", "job" },           { "KEY", "key" },
};

/* Whether the word has this name: an argument's own, or that of an option's value. */
static bool is_called(const struct arg *row, const char *name)
{
	const char *called = row->value ? row->value : row->name;

	return strcmp(called, name) == 0;
}

static bool has_word(const struct command *command, const char *name)
{
	for (const struct arg *row = command->words; row && row->name; row++)
		if (!arg_is_option(row->name) && is_called(row, name))
			return true;
	return false;
}

/* The noun that lists the values of the word; NULL if mmpd has no such list. */
static const char *list_of(const struct arg *row)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (is_called(row, kept[i][0]))
			return kept[i][1];
	return NULL;
}

/* Print the lists of mmpd that complete the command's words. */
static void put_kept(FILE *to, const struct command *command)
{
	const char *between = " kept='";

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (has_word(command, kept[i][0])) {
			fprintf(to, "%s%s", between, kept[i][1]);
			between = " ";
		}
	if (has_word(command, "BUILD") && has_word(command, "BOARD"))
		fputs(" platform", to); /* a push also takes a platform */
	if (between[1] == '\0')
		fputs("'", to);
}

/* Whether its value is the name of a file, whether or not the daemon gets the file. */
static bool has_file(const struct arg *row)
{
	static const char *const names[] = { "FILE", "PATH", "DTB" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_called(row, names[i]))
			return true;
	return arg_is_file(row);
}

/* Print the values that the word may have, with blanks between; false if it has no list. */
static bool put_choices(FILE *to, const struct command *command, const struct arg *row)
{
	const char *const *choices = arg_choices(command, row);
	const char *between = "";

	for (size_t n = 0; is_called(row, "RULES") && mmp_rules_at(n); n++) {
		fprintf(to, "%s%s", between, mmp_rules_at(n)->name);
		between = " ";
	}
	for (; choices && *choices; choices++) {
		fprintf(to, "%s%s", between, *choices);
		between = " ";
	}
	return *between;
}

/* For bash: after an option that takes a value, offer only its values. */
static void put_values(FILE *to, const struct command *command, const struct arg *rows)
{
	const char *begin = "\n\tcase $before in\n", *end = "";

	for (; rows && rows->name; rows++) {
		const char *list = list_of(rows);

		if (!arg_is_option(rows->name) || !arg_takes_value(rows))
			continue;
		fprintf(to, "%s\t%s) options='", begin, rows->name);
		put_choices(to, command, rows);
		fprintf(to, "' files='%s' kept='%s' ;;\n", has_file(rows) ? "yes" : "",
			list ? list : "");
		begin = "";
		end = "\tesac";
	}
	fputs(end, to);
}

static void put_verbs(FILE *to, const char *noun)
{
	for (const struct command *command = commands; command->noun; command++)
		if (command->verb && strcmp(command->noun, noun) == 0)
			fprintf(to, " %s", command->verb);
}

/*
 * A function of either shell that prints the names under a noun, one on a line. Names
 * with a quote or backslash, which JSON escapes, are left out.
 */
static void put_names_function(FILE *to)
{
	fputs("_mmpctl_names()\n{\n"
	      "\tmmpctl --timeout 2 --json \"$1\" list 2>/dev/null |\n"
	      "\t\tgrep -oE '\"(name|id|job)\":(\"[^\"\\]*\"|[0-9]+)' |\n"
	      "\t\tsed -E 's/^[^:]*:\"?([^\"]*)\"?$/\\1/'\n}\n",
	      to);
}

/* Offer the options, names and files that were collected. */
static void put_candidates(FILE *to)
{
	fputs("\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
	      "\t[[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace 2>/dev/null\n"
	      "\t# A name may be any text, so it is never expanded: bash expands what -W "
	      "has.\n"
	      "\tif [[ $kept && $word != -* ]]; then\n"
	      "\t\twhile IFS= read -r name; do\n"
	      "\t\t\tprintf -v quoted %q \"$name\"\n"
	      "\t\t\t[[ $name == \"$word\"* || $quoted == \"$word\"* ]] || continue\n"
	      "\t\t\t# Of the names of files, bash quotes each itself.\n"
	      "\t\t\t[[ $files ]] || name=$quoted\n"
	      "\t\t\tCOMPREPLY+=(\"$name\")\n"
	      "\t\tdone < <(for noun in $kept; do _mmpctl_names \"$noun\"; done)\n"
	      "\tfi\n"
	      "\tif [[ $files && $word != -* ]]; then\n"
	      "\t\tcompopt -o filenames 2>/dev/null\n"
	      "\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "
	      "\"$word\")\n"
	      "\tfi\n"
	      "\treturn 0\n}\ncomplete -F _mmpctl mmpctl\n",
	      to);
}

void generate_bash(FILE *to)
{
	char name[COMMAND_TEXT_SIZE];

	fputs("# bash completion of mmpctl, made by `mmpctl --generate bash`\n", to);
	put_names_function(to);
	fputs("_mmpctl()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} words=() options "
	      "files='' kept='' noun name "
	      "quoted i\n"
	      "\tlocal before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\t# bash makes three words of --format=raw.\n"
	      "\t[[ $before == '=' ]] && before=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\t[[ $word == '=' ]] && word=''\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n\t\t--socket | --timeout) ((i++)) "
	      ";;\n\t\t-*) ;;\n"
	      "\t\t*) words+=(\"${COMP_WORDS[i]}\") ;;\n\t\tesac\n\tdone\n"
	      "\toptions='",
	      to);
	put_options(to, globals);
	fputs("'\n\tcase \"${#words[@]}:${words[*]:0:2}\" in\n\t0:*) options+='", to);
	for (const struct topic *topic = topics; topic->noun; topic++)
		fprintf(to, " %s", topic->noun);
	fputs("' ;;\n", to);
	for (const struct topic *topic = topics; topic->noun; topic++)
		if (has_verbs(topic->noun)) {
			fprintf(to, "\t1:%s) options+='", topic->noun);
			put_verbs(to, topic->noun);
			fputs("' ;;\n", to);
		}
	for (const struct command *command = commands; command->noun; command++) {
		fprintf(to, "\t*:'%s'%s) options+='", command_text(command, name),
			command->verb ? "" : "*");
		put_options(to, command->words);
		fprintf(to, "'%s", takes_file(command) ? " files=yes" : "");
		put_kept(to, command);
		put_values(to, command, command->words);
		fputs(" ;;\n", to);
	}
	fputs("\tesac", to);
	put_values(to, NULL, globals);
	put_candidates(to);
}

/* Print text for use inside the quotes and brackets of zsh's _arguments and _describe. */
static void put_zsh(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			putc('\\', to);
		if (*text == '\'')
			fputs("'\\'", to);
		putc(*text, to);
	}
}

static void put_zsh_choices(FILE *to, const struct command *command,
			    const struct arg *row)
{
	putc('(', to);
	put_choices(to, command, row);
	putc(')', to);
}

/*
 * Print what completes the word: names from mmpd, files, or both; a push takes a build
 * or a platform.
 */
static void put_zsh_action(FILE *to, const struct command *command, const struct arg *row)
{
	const char *list = arg_takes_value(row) ? list_of(row) : NULL;

	if (list)
		fprintf(to, "{_mmpctl_kept %s%s%s}", list,
			strcmp(list, "build") == 0 ? "; _mmpctl_kept platform" : "",
			arg_is_file(row) ? "; _files" : "");
	else if (arg_takes_value(row) && has_file(row))
		fputs("_files", to);
	else if (arg_choices(command, row) || is_called(row, "RULES"))
		put_zsh_choices(to, command, row);
}

static void put_zsh_words(FILE *to, const struct command *command, const struct arg *rows)
{
	for (; rows && rows->name; rows++) {
		if (arg_is_option(rows->name)) {
			fprintf(to, " \\\n\t\t\t'%s%s[", arg_repeats(rows) ? "*" : "",
				rows->name);
			put_zsh(to, arg_about(command, rows));
			fprintf(to, "]%s%s%s", rows->value ? ":" : "",
				rows->value ? rows->value : "", rows->value ? ":" : "");
		} else {
			fprintf(to, " \\\n\t\t\t'%s:%s:", arg_repeats(rows) ? "*" : "",
				rows->name);
		}
		put_zsh_action(to, command, rows);
		fputs("'", to);
	}
}

static void put_zsh_verbs(FILE *to, const struct topic *topic)
{
	fprintf(to, "\t\t%s)\n\t\t\tlocal -a verbs=(", topic->noun);
	for (const struct command *command = commands; command->noun; command++) {
		if (!command->verb || strcmp(command->noun, topic->noun) != 0)
			continue;
		fprintf(to, "\n\t\t\t\t'%s:", command->verb);
		put_zsh(to, command_about(command));
		fputs("'", to);
	}
	fputs(")\n\t\t\t_describe verb verbs ;;\n", to);
}

/* Print the nouns that are whole commands as a pattern: push|check. */
static void put_whole_nouns(FILE *to)
{
	const char *between = "";

	for (const struct topic *topic = topics; topic->noun; topic++)
		if (!has_verbs(topic->noun)) {
			fprintf(to, "%s%s", between, topic->noun);
			between = "|";
		}
}

void generate_zsh(FILE *to)
{
	char name[COMMAND_TEXT_SIZE];

	fputs("#compdef mmpctl\n# zsh completion of mmpctl, made by `mmpctl --generate "
	      "zsh`\n",
	      to);
	put_names_function(to);
	fputs("_mmpctl_kept()\n{\n\tlocal -a names\n"
	      "\tnames=(${(f)\"$(_mmpctl_names $1)\"})\n"
	      "\tcompadd -a names\n}\n\n"
	      "_mmpctl()\n{\n\tlocal -a nouns=(",
	      to);
	for (const struct topic *topic = topics; topic->noun; topic++) {
		fprintf(to, "\n\t\t'%s:", topic->noun);
		put_zsh(to, topic->about);
		fputs("'", to);
	}
	fputs(")\n\tif ((CURRENT == 2)); then\n\t\t_describe noun nouns\n"
	      "\telif ((CURRENT == 3)) && [[ $words[2] != (",
	      to);
	put_whole_nouns(to);
	fputs(") ]]; then\n\t\tcase $words[2] in\n", to);
	for (const struct topic *topic = topics; topic->noun; topic++)
		if (has_verbs(topic->noun))
			put_zsh_verbs(to, topic);
	fputs("\t\tesac\n\telse\n"
	      "\t\tlocal command=\"$words[2] $words[3]\"\n\t\tlocal -i taken=2\n"
	      "\t\t[[ $words[2] == (",
	      to);
	put_whole_nouns(to);
	fputs(") ]] && command=$words[2] taken=1\n"
	      "\t\twords=(mmpctl \"${(@)words[2 + taken, -1]}\")\n"
	      "\t\t((CURRENT -= taken))\n"
	      "\t\tcase $command in\n",
	      to);
	for (const struct command *command = commands; command->noun; command++) {
		fprintf(to, "\t\t'%s') _arguments", command_text(command, name));
		put_zsh_words(to, command, command->words);
		put_zsh_words(to, NULL, globals);
		fputs(" ;;\n", to);
	}
	fputs("\t\tesac\n\tfi\n}\n_mmpctl \"$@\"\n", to);
}
