/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/limits.h"
#include "base/roff.h"
#include "policy/policy.h"

/* Print mmp-findings(7) from the tables of checks. */

static void put_kind(const struct mmp_finding_kind *kind)
{
	fputs(".TP\n.B ", stdout);
	mmp_roff_print(stdout, kind->id);
	printf("\n(%s%s) ", mmp_severity_names[kind->severity],
	       kind->is_stop ? ", stops the boot" : "");
	mmp_roff_print(stdout, kind->about);
	fputs(".\n", stdout);
	if (kind->stop) {
		const struct mmp_stop_info *stop = kind->stop;

		printf("The firmware: %s", mmp_stop_kind_names[stop->kind]);
		if (*stop->message) {
			fputs(" \"", stdout);
			mmp_roff_print(stdout, stop->message);
			fputs("\"", stdout);
		}
		fputs(" in ", stdout);
		mmp_roff_print(stdout, stop->func);
		fputs("(), ", stdout);
		mmp_roff_print(stdout, stop->file);
		fputs(".\n", stdout);
	}
	if (kind->fix) {
		fputs("Fix: ", stdout);
		mmp_roff_print(stdout, kind->fix);
		fputs(".\n", stdout);
	}
}

static void put_rules(const struct mmp_rules *rules)
{
	struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
	size_t count = mmp_policy_kinds(rules, kinds);

	fputs(".SS ", stdout);
	mmp_roff_print(stdout, rules->name);
	putchar('\n');
	mmp_roff_print(stdout, rules->about);
	fputs(".\n", stdout);
	for (size_t i = 0; i < count; i++)
		put_kind(&kinds[i]);
}

static const char introduction[] =
	".nh\n.ad l\n"
	".SH NAME\nmmp\\-findings \\- what mmp finds wrong with a platform\n"
	".SH DESCRIPTION\n"
	"mmp reports everything that is wrong with a platform at once, as "
	"\\fBfindings\\fR. They are in the answer of \\fBlayout.compute\\fR, and in the "
	"data of its error if the firmware would stop. Each finding has an \\fBid\\fR "
	"that does not change between versions of mmp, a \\fBseverity\\fR, a "
	"\\fBmessage\\fR, and the \\fBregions\\fR that it is about, by name and ordinal. "
	"If there is a single answer to it, \\fBfix\\fR says what to do.\n"
	".PP\nA finding of severity \\fBerror\\fR stops the firmware or corrupts its "
	"tables. With a \\fBwarning\\fR the firmware boots, but may do something that "
	"you "
	"do not expect. An \\fBinfo\\fR is only worth knowing. The finding that would "
	"stop the boot first comes first and has \\fBstops\\fR set to true. Then come "
	"the "
	"errors, the warnings and the infos.\n"
	".PP\nThe \\fBverdict\\fR of an answer follows from its findings. It is "
	"\\fBboots\\fR; or \\fBstops\\fR, and then \\fBstops_at\\fR has the stage of the "
	"boot and the firmware's words, even if the stage comes after the map; or "
	"\\fBdoubtful\\fR if there are errors that do not stop the boot. mmpctl ends "
	"with "
	"status %d unless the verdict is boots.\n"
	".PP\nBefore a fix with numbers is offered, it is applied to a copy of the "
	"platform and computed. Its \\fBpatch\\fR (RFC 6902) can be applied to the "
	"document. A finding with \\fBbecause_of\\fR is a consequence of the finding "
	"with "
	"that id.\n"
	".PP\nIf the firmware stops, mmp goes on as far as it can. It computes the "
	"platform again without the registrations that caused the stop, without the "
	"limit that was reached, or past a test that only protects the firmware. The "
	"message of a finding from such a computation begins with what was changed: "
	"\"without \"uart0\": ...\".\n"
	".PP\nTo look up what a board printed, use \\fBmmpctl policy explain\\fR. It "
	"takes "
	"the text of a panic, an assertion, a function, a file and line, or a whole line "
	"of the log. Each stop below has the firmware's own words.\n"
	".PP\nAt most %d findings are listed. \\fBfindings_omitted\\fR counts the rest.\n"
	".SH FINDINGS\n";

int main(void)
{
	printf(".TH MMP\\-FINDINGS 7 \"\" \"mmp %s\" \"Miscellanea\"\n", PACKAGE_VERSION);
	printf(introduction, MMP_EXIT_NO, MMP_FINDINGS_MAX);
	for (size_t n = 0; mmp_rules_at(n); n++)
		put_rules(mmp_rules_at(n));
	fputs(".SH SEE ALSO\n.BR mmpctl (1),\n.BR mmp\\-config (5),\n.BR mmpd (8)\n",
	      stdout);
	return fflush(stdout) || ferror(stdout);
}
