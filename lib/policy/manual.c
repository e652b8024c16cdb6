/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include <stdio.h>
#include <string.h>

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
	"The answer of \\fBlayout.compute\\fR, and the error of a layout at which the "
	"firmware would stop, carry \\fBfindings\\fR: all that is wrong with the "
	"platform, or worth knowing, at once. Each has an \\fBid\\fR, which is stable, "
	"a \\fBseverity\\fR, a \\fBmessage\\fR, a \\fBfix\\fR where there is one thing "
	"to "
	"do, and the \\fBregions\\fR that it speaks of, by name and ordinal.\n"
	".PP\nA finding of severity \\fBerror\\fR stops the firmware or spoils its "
	"tables; "
	"with a \\fBwarning\\fR it boots and does what its author may not expect; "
	"\\fBinfo\\fR is worth knowing. The one that would stop the boot first has "
	"\\fBstops\\fR true and comes first; errors, warnings and info follow.\n"
	".PP\nThe \\fBverdict\\fR of an answer follows from them: \\fBboots\\fR; "
	"\\fBstops\\fR, where \\fBstops_at\\fR says at which stage and with which words, "
	"also after the map was made; or \\fBdoubtful\\fR, if there are errors that do "
	"not "
	"stop the boot. mmpctl ends with status 4 unless the verdict is boots.\n"
	".PP\nA fix with numbers was applied to a copy and computed before it is "
	"offered: its "
	"\\fBpatch\\fR (RFC 6902) can be applied to the document. A finding with "
	"\\fBbecause_of\\fR goes with the one of that id.\n"
	".PP\nBehind a stop mmp goes on as far as it can: it computes the platform again "
	"without the registrations that are to blame, with the limit lifted that was "
	"met, or "
	"past what the firmware only tests. What is found so begins with what was "
	"changed: \"without \"uart0\": ...\".\n"
	".PP\nWhat a board printed is looked up with \\fBmmpctl policy explain\\fR: a "
	"panic's "
	"text, an assertion, a function, a file and line, or the whole line of the log. "
	"Below, each stop has the firmware's own words.\n"
	".PP\nAt most 1000 are listed; \\fBfindings_omitted\\fR counts the others.\n"
	".SH FINDINGS\n";

int main(void)
{
	printf(".TH MMP\\-FINDINGS 7 \"\" \"mmp %s\" \"Miscellanea\"\n", PACKAGE_VERSION);
	fputs(introduction, stdout);
	for (size_t n = 0; mmp_rules_at(n); n++)
		put_rules(mmp_rules_at(n));
	fputs(".SH SEE ALSO\n.BR mmpctl (1),\n.BR mmp\\-config (5),\n.BR mmpd (8)\n",
	      stdout);
	return fflush(stdout) || ferror(stdout);
}
