/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "base/error.h"
#include "base/exit.h"
#include "base/roff.h"
#include "base/socket.h"
#include "command.h"
#include "config.h"
#include "generate.h"
#include "help.h"
#include "methods.h"
#include "model/rules.h"

static void put_heading(FILE *to, const char *page, const char *section,
			const char *title)
{
	fprintf(to, ".TH %s %s \"\" \"mmp %s\" \"%s\"\n.nh\n.ad l\n", page, section,
		PACKAGE_VERSION, title);
}

/* Text that ends with a question mark or an ellipsis needs no full stop. */
static bool ends_sentence(const char *text)
{
	size_t length = strlen(text);

	return length && (text[length - 1] == '?' || text[length - 1] == '.');
}

static void put_word(FILE *to, const struct command *command, const struct arg *row)
{
	fputs(".TP\n.B ", to);
	mmp_roff_print(to, row->name);
	if (row->value) {
		fputs(" \\fI", to);
		mmp_roff_print(to, row->value);
		fputs("\\fR", to);
	}
	putc('\n', to);
	mmp_roff_print(to, arg_about(command, row));
	if (row->fallback && *row->fallback) {
		fputs(" (default: ", to);
		mmp_roff_print(to, row->fallback);
		putc(')', to);
	} else if (ends_sentence(arg_about(command, row))) {
		putc('\n', to);
		return;
	}
	fputs(".\n", to);
}

static void put_words(FILE *to, const struct command *command)
{
	const struct arg *rows = command->words;

	if (rows)
		fputs(".RS\n", to);
	for (const struct arg *row = rows; row && row->name; row++)
		put_word(to, command, row);
	if (rows)
		fputs(".RE\n", to);
}

static void put_command(FILE *to, const struct command *command)
{
	char *usage = help_usage(command);

	fputs(".TP\n.B ", to);
	mmp_roff_print(to, usage);
	putc('\n', to);
	mmp_roff_print(to, command_about(command));
	fputs(".\n", to);
	if (command->method) {
		fputs("Method ", to);
		mmp_roff_print(to, command->method);
		fputs(".\n", to);
	}
	put_words(to, command);
	free(usage);
}

/* One paragraph for each status: the kinds of error that lead to it. */
static void put_exit_statuses(FILE *to)
{
	fputs(".TP\n.B 0\nDone.\n", to);
	for (int status = MMP_EXIT_FAILED; status < MMP_EXIT_COUNT; status++) {
		const char *between = "";

		fprintf(to, ".TP\n.B %d\n", status);
		for (int code = MMP_OK + 1; code < MMP_CODE_COUNT; code++) {
			const struct mmp_code_info *info =
				mmp_code_info((enum mmp_code)code);

			if (info->exit != status)
				continue;
			fputs(between, to);
			mmp_roff_print(to, info->name);
			between = ", ";
		}
		fputs(".\n", to);
	}
}

static const char examples[] =
	".SH EXAMPLES\n"
	"Compute what the firmware will do with a platform, and what is wrong with it, "
	"from a document or a stored platform:\n.PP\n.EX\n"
	"mmpctl layout compute ./board.json \\-\\-detail map\n"
	"mmpctl platform put ./board.json\n"
	"mmpctl layout budget board \\-\\-shm 4M\n.EE\n"
	".PP\nBuild its tables where the firmware itself puts them, and compare them "
	"with memory that was read out of a board at 0xe1c4000:\n.PP\n.EX\n"
	"mmpctl build create board \\-\\-placement firmware\n"
	"mmpctl build compare d04445810bea \\-\\-address 0xe1c4000 \\-\\-file "
	"ram.bin\n.EE\n"
	".PP\nPush them to a board, which proves them:\n.PP\n.EX\n"
	"mmpctl board put desk serial:/dev/ttyUSB0?baud=115200\n"
	"mmpctl push d04445810bea desk\n.EE\n"
	".PP\nPrint the ids of all findings, for a script:\n.PP\n.EX\n"
	"mmpctl \\-\\-json layout compute board | jq \\-r "
	"\\(aq(.findings // .error.data.findings)[].id\\(aq\n.EE\n";

void generate_mmpctl_1(FILE *to)
{
	put_heading(to, "MMPCTL", "1", "User Commands");
	fputs(".SH NAME\nmmpctl \\- ask mmpd, the memory map policy service\n"
	      ".SH SYNOPSIS\n.B mmpctl\n[\\fIOPTION\\fR]... \\fINOUN\\fR \\fIVERB\\fR "
	      "[\\fIARGUMENT\\fR]...\n"
	      ".SH DESCRIPTION\nmmpctl sends one request to mmpd and prints the answer: "
	      "tables for people, "
	      "JSON for scripts. Errors go to stderr.\n.SH OPTIONS\n",
	      to);
	for (const struct arg *row = globals; row->name; row++)
		put_word(to, NULL, row);
	fputs(".SH COMMANDS\n", to);
	for (const struct topic *topic = topics; topic->noun; topic++) {
		fputs(".SS ", to);
		mmp_roff_print(to, topic->noun);
		fputs("\n", to);
		mmp_roff_print(to, topic->about);
		fputs(ends_sentence(topic->about) ? "\n" : ".\n", to);
		for (const struct command *command = commands; command->noun; command++)
			if (strcmp(command->noun, topic->noun) == 0)
				put_command(to, command);
	}
	fputs(".SH EXIT STATUS\nBy the kind of error, which is data.kind in JSON:\n", to);
	put_exit_statuses(to);
	fprintf(to,
		".PP\nThe status is also %d if the answer is no: \\fBlayout budget\\fR "
		"if "
		"something is short, \\fBlayout sweep\\fR if a seed stops the boot, "
		"\\fBbuild compare\\fR if something differs. \\fBpush\\fR and \\fBjob "
		"watch\\fR end with the status of their job.\n",
		MMP_EXIT_NO);
	fputs(examples, to);
	fputs(".SH ENVIRONMENT\n.TP\n.B MMPD_SOCKET\nPath of mmpd's socket.\n"
	      ".TP\n.B NO_COLOR\nIf it is set and not empty, output has no colours.\n"
	      ".SH FILES\n.TP\n.I " MMP_SOCKET_SYSTEM
	      "\nThe socket of the system's mmpd.\n"
	      ".SH SEE ALSO\n.BR mmpd (8),\n.BR mmp\\-config (5),\n.BR mmp\\-findings "
	      "(7),\n.BR mmp\\-questions (7)\n",
	      to);
}

static void put_fallback(FILE *to, const struct mmp_config_key *key)
{
	if (key->required)
		fputs(" Required.", to);
	else if (key->nullable)
		fputs(" Default: null.", to);
	else if (key->type == MMP_KEY_OBJECT)
		return;
	else if (key->type == MMP_KEY_FLAG)
		fprintf(to, " Default: %s.", key->fallback ? "true" : "false");
	else if (key->type == MMP_KEY_CHOICE)
		fprintf(to, " Default: %s.", key->choices[key->fallback]);
	else
		fprintf(to,
			key->type == MMP_KEY_COUNT ? " Default: %" PRIu64 "."
						   : " Default: 0x%" PRIx64 ".",
			key->fallback);
}

static void put_key(FILE *to, const struct mmp_config_key *key)
{
	fputs(".TP\n.B ", to);
	mmp_roff_print(to, key->name);
	putc('\n', to);
	mmp_roff_print(to, key->about);
	putc('.', to);
	put_fallback(to, key);
	if (key->option && *key->option) {
		fputs("\nFirmware option: ", to);
		mmp_roff_print(to, key->option);
		putc('.', to);
	}
	putc('\n', to);
}

static void put_sections(FILE *to, const struct mmp_rules *rules)
{
	fputs("A registration has:\n", to);
	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++) {
		fputs(".TP\n.B ", to);
		mmp_roff_print(to, k->name);
		putc('\n', to);
		mmp_roff_print(to, k->about);
		putc('.', to);
		for (unsigned s = 0;
		     k->part == MMP_PART_SECTION && s < rules->section_count; s++) {
			fputs("\n.br\n\\fB", to);
			mmp_roff_print(to, rules->sections[s].name);
			fputs("\\fR: ", to);
			mmp_roff_print(to, rules->sections[s].about);
			putc('.', to);
		}
		putc('\n', to);
	}
}

static void put_firmware(FILE *to, const struct mmp_firmware *firmware)
{
	const struct mmp_rules *rules = firmware->rules[0];

	fputs(".SH ", to);
	mmp_roff_print(to, firmware->name);
	fputs("\nRule sets:", to);
	for (const struct mmp_rules *const *r = firmware->rules; *r; r++) {
		putc(' ', to);
		mmp_roff_print(to, (*r)->name);
		putc(r[1] ? ',' : '.', to);
	}
	putc('\n', to);
	put_sections(to, rules);
	if (firmware->example) {
		fputs(".PP\nAn example:\n.PP\n.EX\n", to);
		mmp_roff_print(to, firmware->example);
		fputs(".EE\n", to);
	}
	fputs(".SS Keys of its config\n", to);
	for (const struct mmp_config_key *k = rules->keys; k->name; k++)
		put_key(to, k);
}

void generate_config_5(FILE *to)
{
	put_heading(to, "MMP\\-CONFIG", "5", "File Formats");
	fputs(".SH NAME\nmmp\\-config \\- the platform document of mmp and the keys of "
	      "its config\n"
	      ".SH DESCRIPTION\nA platform document is a JSON object with \\fBformat\\fR "
	      "(\"mmp\\-platform\\-1\"), \\fBname\\fR, \\fBrules\\fR (the rule set: "
	      "firmware and release), \\fBconfig\\fR and \\fBregistrations\\fR. The "
	      "registrations are in the order in which the firmware reads them. "
	      "Addresses and sizes are strings such as \"0x9000000\" or \"2M\", or JSON "
	      "numbers up to 2^53. \\fBmmpctl memtype list\\fR lists the memory types.\n"
	      ".PP\n\\fBcontexts\\fR names the other firmwares of the same board: an "
	      "array of names of stored platforms, or of documents. layout.compute "
	      "answers for each and compares what they do with physical memory.\n"
	      ".PP\nThree more keys are stored unchanged, and nothing is computed from "
	      "them: \\fBwaivers\\fR (accepted findings: see \\fBmmpctl "
	      "check\\fR), "
	      "\\fBdram\\fR (an array of \\fBbase\\fR, \\fBsize\\fR and \\fBnote\\fR: "
	      "which "
	      "memory is DRAM, and whose) and \\fBsources\\fR (where imported values "
	      "came "
	      "from: \\fBfiles\\fR with their SHA\\-256, and \\fBvalues\\fR with the "
	      "file, "
	      "the symbol or option, and the line of each key). \\fBmmpctl platform "
	      "import\\fR writes the last two.\n"
	      ".PP\nUnknown keys are an error.\n"
	      ".PP\nA config key \\fIa.b\\fR is the key \\fIb\\fR of the object "
	      "\\fIa\\fR. If it is required, it is required wherever that object is "
	      "given.\n",
	      to);
	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		put_firmware(to, *f);
	fputs(".SH SEE ALSO\n.BR mmpctl (1),\n.BR mmp\\-findings (7),\n.BR mmpd (8)\n",
	      to);
}
