/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "rules/optee/import.h"
#include "rules/optee/optee.h"

/* clang-format off */
/*
 * Lines of core_mmu.c by release: where a log line is printed, and, in debug information,
 * where a function is declared. 0: the release has no such line. They distinguish what a
 * version cannot: 3.5.0 calls itself 3.4, 3.9.0 calls itself 3.8, and a vendor tree often
 * says "Unknown". Columns: release, commits after it, add_phys_mem, add_va_space,
 * dump_mmap_table, init_mem_map ("Mapping core at"); declared: init_mem_map,
 * core_init_mmu_map.
 */
static const struct release_row {
	unsigned version, commits; /* 410 is 4.10 */
	unsigned add_phys_mem, add_va_space, dump_mmap_table, mapping_core;
	unsigned init_mem_map, core_init_mmu_map;
} releases[] = {
	{ 300, 0, 531, 571, 699, 0, 741, 912 },
	{ 301, 0, 525, 565, 693, 0, 788, 951 },
	{ 302, 0, 525, 565, 693, 0, 788, 951 },
	{ 303, 0, 538, 578, 706, 0, 801, 980 },
	{ 304, 0, 535, 575, 703, 0, 798, 974 },
	{ 305, 0, 562, 602, 733, 0, 828, 999 },
	{ 306, 0, 575, 615, 746, 0, 841, 1012 },
	{ 307, 0, 575, 615, 746, 0, 841, 1012 },
	{ 308, 0, 580, 620, 727, 1119, 1079, 1206 },
	{ 309, 0, 585, 625, 732, 1127, 1087, 1217 },
	{ 310, 0, 585, 625, 732, 1128, 1088, 1218 },
	{ 311, 0, 585, 625, 732, 1128, 1088, 1218 },
	{ 312, 0, 557, 597, 704, 1096, 1056, 1186 },
	{ 313, 0, 564, 604, 711, 1103, 1063, 1193 },
	{ 314, 0, 564, 604, 711, 1103, 1063, 1193 },
	{ 315, 0, 570, 610, 723, 1115, 1075, 1208 },
	{ 316, 0, 571, 611, 724, 1135, 1095, 1228 },
	{ 317, 0, 555, 595, 718, 1155, 1115, 1248 },
	{ 318, 0, 635, 675, 800, 1237, 1197, 1330 },
	{ 319, 0, 635, 675, 800, 1244, 1204, 1337 },
	{ 320, 0, 635, 675, 800, 1244, 1204, 1337 },
	{ 321, 0, 635, 675, 800, 1244, 1204, 1337 },
	{ 322, 0, 665, 705, 831, 1332, 1289, 1425 },
	{ 400, 0, 667, 707, 835, 1382, 1339, 1476 },
	{ 401, 0, 666, 706, 838, 1384, 1341, 1479 },
	{ 402, 0, 666, 706, 838, 1386, 1343, 1482 },
	{ 403, 0, 678, 718, 850, 1398, 1355, 1494 },
	{ 404, 0, 750, 794, 921, 1448, 1405, 1533 },
	{ 405, 0, 749, 793, 917, 1479, 1436, 1563 },
	{ 406, 0, 765, 809, 935, 1505, 1462, 1591 },
	{ 407, 0, 765, 809, 935, 1513, 1476, 1599 },
	{ 408, 0, 765, 809, 935, 1513, 1476, 1599 },
	{ 409, 0, 776, 820, 946, 1524, 1487, 1610 },
	{ 410, 0, 798, 842, 968, 1546, 1509, 1632 },
	{ 410, 257, 798, 842, 968, 1549, 1509, 1635 },
};

/*
 * The lines, by their keys in the evidence. For a call over several lines gcc records the
 * first line and clang the last: `span` lines later.
 */
static const struct {
	const char *key;
	size_t at;
	unsigned span;
} lines[] = {
	{ ".line.add_phys_mem",    offsetof(struct release_row, add_phys_mem), 1 },
	{ ".line.add_va_space",    offsetof(struct release_row, add_va_space), 0 },
	{ ".line.dump_mmap_table", offsetof(struct release_row, dump_mmap_table), 5 },
	{ ".line.init_mem_map",    offsetof(struct release_row, mapping_core), 1 },
	{ ".declared.init_mem_map", offsetof(struct release_row, init_mem_map), 0 },
	{ ".declared.core_init_mmu_map", offsetof(struct release_row, core_init_mmu_map), 0 },
};
/* clang-format on */
enum { RELEASES = sizeof(releases) / sizeof(releases[0]), TEXT_SIZE = 64 };

static unsigned line_of(const struct release_row *row, size_t n)
{
	return *(const unsigned *)(const void *)((const char *)row + lines[n].at);
}

static bool fits(const struct release_row *row, const struct mmp_evidence *evidence,
		 bool last)
{
	bool any = false;

	for (size_t n = 0; n < sizeof(lines) / sizeof(lines[0]); n++) {
		const struct mmp_fact *fact = mmp_evidence_best(evidence, lines[n].key);
		unsigned line = line_of(row, n);

		if (!fact)
			continue;
		if (!line || fact->value != line + (last ? lines[n].span : 0))
			return false;
		any = true;
	}
	return any;
}

/* A release as named in a text; commits: the number after the tag. */
struct named {
	unsigned version, commits; /* version 0: not named */
	bool exact;                /* whether the text has the number of commits */
};

/* "4.10.0-257-gd5001fe0a", "3.18.0", "Unknown_4.10". */
static struct named parse_name(const char *text)
{
	struct named named = { 0, 0, true };
	unsigned major, minor, patch, commits;
	int used = 0;

	if (sscanf(text, "Unknown_%u.%u", &major, &minor) == 2)
		named.exact = false;
	else if (sscanf(text, "%u.%u.%u%n", &major, &minor, &patch, &used) != 3)
		return (struct named){ 0 };
	if (major < 3 || major > 9 || minor > 99)
		return (struct named){ 0 };
	named.version = major * 100 + minor;
	if (used && sscanf(text + used, "-%u-g", &commits) == 1)
		named.commits = commits;
	return named;
}

static struct named named_of(const struct mmp_evidence *evidence)
{
	struct named named = { 0 };

	if (evidence->release)
		named = parse_name(evidence->release);
	if (!named.version) {
		named.version =
			(unsigned)(mmp_evidence_value(evidence, ".major", 0) * 100 +
				   mmp_evidence_value(evidence, ".minor", 0));
		named.exact = false;
	}
	return named;
}

unsigned optee_version_of(const struct mmp_rules *rules, unsigned *ret_commits)
{
	unsigned major, minor;

	*ret_commits = 0;
	if (sscanf(rules->name, "optee-%u.%u-%u", &major, &minor, ret_commits) < 2)
		return 0;
	return major * 100 + minor;
}

/* The newest rule set that is not newer than the version; else the oldest one. */
static const struct mmp_rules *rules_for(unsigned version, unsigned commits,
					 bool *ret_exact)
{
	const struct mmp_rules *const *all = mmp_optee.rules;

	*ret_exact = false;
	for (; *all; all++) {
		unsigned theirs_commits, theirs = optee_version_of(*all, &theirs_commits);

		*ret_exact = theirs == version && theirs_commits <= commits;
		if (*ret_exact || theirs < version)
			return *all;
	}
	return all[-1];
}

static const char *release_text(unsigned version, unsigned commits, char text[TEXT_SIZE])
{
	if (commits)
		snprintf(text, TEXT_SIZE, "%u.%u and %u commits", version / 100,
			 version % 100, commits);
	else
		snprintf(text, TEXT_SIZE, "%u.%u", version / 100, version % 100);
	return text;
}

/*
 * How well a matching row agrees with the name: version first, then commits. Of equal
 * rows the earliest is used, also for releases without rules of their own.
 */
static unsigned agreement(const struct release_row *row, const struct named *named)
{
	unsigned agrees = row->version == named->version ? 2 : 0;

	return agrees + (row->commits <= named->commits);
}

static const struct release_row *row_by_lines(const struct mmp_evidence *evidence,
					      const struct named *named)
{
	const struct release_row *found = NULL;

	for (unsigned last = 0; last <= 1 && !found; last++)
		for (size_t i = 0; i < RELEASES; i++)
			if (fits(&releases[i], evidence, last) &&
			    (!found ||
			     agreement(&releases[i], named) > agreement(found, named)))
				found = &releases[i];
	return found;
}

static void remark_choice(struct mmp_evidence *evidence, const struct mmp_rules *rules,
			  unsigned version, unsigned commits, bool exact)
{
	char text[TEXT_SIZE];

	if (!exact)
		mmp_evidence_remark(evidence,
				    "release %s has no rules of its own; the nearest "
				    "earlier ones are taken: %s",
				    release_text(version, commits, text), rules->name);
}

/* Note the exact release for conclusions, whichever rule set is used. */
static void note_version(struct mmp_evidence *evidence, unsigned version)
{
	const struct mmp_origin origin = { .rank = MMP_RANK_DEFAULT };

	if (!mmp_evidence_best(evidence, ".version"))
		mmp_evidence_count(evidence, &origin, ".version", version);
}

/* Releases with the same lines cannot be told apart by them. */
static void remark_doubt(struct mmp_evidence *evidence, const struct named *named,
			 const struct release_row *chosen)
{
	char list[256] = "", text[TEXT_SIZE];

	if (!chosen || named->version == chosen->version)
		return;
	for (size_t i = 0; i < RELEASES; i++)
		if (&releases[i] != chosen && (fits(&releases[i], evidence, false) ||
					       fits(&releases[i], evidence, true)))
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
				 *list ? ", " : "",
				 release_text(releases[i].version, releases[i].commits,
					      text));
	if (*list)
		mmp_evidence_remark(
			evidence, "by its lines the release is %s, or it may be %s",
			release_text(chosen->version, chosen->commits, text), list);
}

const struct mmp_rules *optee_choose_release(struct mmp_evidence *evidence)
{
	struct named named = named_of(evidence);
	const struct release_row *row = row_by_lines(evidence, &named);
	unsigned version = row ? row->version : named.version;
	unsigned commits = row ? row->commits : named.commits;
	const struct mmp_rules *rules;
	char one[TEXT_SIZE], other[TEXT_SIZE];
	unsigned rules_commits;
	bool exact;

	if (evidence->rules)
		return evidence->rules;
	if (!version)
		return NULL;
	if (row && named.version && row->version != named.version)
		mmp_evidence_remark(evidence,
				    "the build calls itself %s, but the lines of %s are "
				    "those of %s: %s is taken",
				    release_text(named.version, 0, one), OPTEE_MAP_SOURCE,
				    release_text(version, commits, other), other);
	remark_doubt(evidence, &named, row);
	note_version(evidence, version);
	rules = rules_for(version, commits, &exact);
	optee_version_of(rules, &rules_commits);
	if (named.exact && named.commits != rules_commits && !row)
		mmp_evidence_remark(evidence,
				    "%s: commits after a release may change the map",
				    release_text(named.version, named.commits, one));
	remark_choice(evidence, rules, version, commits, exact);
	return rules;
}
