/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/shapes.h"

/* Answers of explain, diff, check and map. */

/* clang-format off */

/* --- layout.explain -------------------------------------------------------------------- */

static const struct mmp_shape mapping[] = {
	{ "",       MMP_SHAPE_MEMBERS, mmp_region_shape, NULL },
	{ "at",     MMP_SHAPE_HEX, NULL, "VA of the address that was asked for" },
	{ "rights", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape reading[] = {
	{ "as",       MMP_SHAPE_TEXT, NULL, "virtual address, registration, ..." },
	{ "lines",    MMP_SHAPE_TEXTS, NULL, "the answer in words" },
	{ "va",       MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "pa",       MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "mapped",   MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "block",    MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "size of the block or page" },
	{ "rights",   MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "region",   MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, mmp_region_shape, "that it is in" },
	{ "path",     MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, mmp_step_shape, "of descriptors" },
	{ "meant",    MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "the VA of a PA that was used as one" },
	{ "mappings", MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, mapping, "of a PA" },
	{ "ddr",      MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, "whether it is DDR of the normal world" },
	{ "before",   MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, mmp_region_shape, "the region before" },
	{ "behind",   MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, mmp_region_shape, "the region behind" },
	{ "registrations", MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, mmp_registration_shape, "behind it" },
	{ "type",     MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "memory type" },
	{ "key",      MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "config key" },
	{ "value",    MMP_SHAPE_ANY | MMP_SHAPE_MAYBE, NULL, "of the config key" },
	{ 0 }
};

const struct mmp_shape mmp_explain_shape[] = {
	{ "what",     MMP_SHAPE_TEXT, NULL, "as it was asked" },
	{ "readings", MMP_SHAPE_LIST, reading, "one for each thing that it may mean" },
	{ "platform", MMP_SHAPE_TEXT, NULL, NULL },
	{ "revision", MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "null: a document" },
	{ "",         MMP_SHAPE_MEMBERS, mmp_verdict_shape, NULL },
	{ 0 }
};

/* --- layout.diff ----------------------------------------------------------------------- */

static const struct mmp_shape change[] = {
	{ "kind",    MMP_SHAPE_TEXT, NULL, "what fail_on takes" },
	{ "text",    MMP_SHAPE_TEXT, NULL, "a line" },
	{ "pa",      MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "size",    MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "before",  MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "rights" },
	{ "after",   MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "rights" },
	{ "regions", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "that moved alike" },
	{ "by",      MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "down",    MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "finding", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "its id" },
	{ "key",     MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "of the config" },
	{ "name",    MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "of the registration" },
	{ "ordinal", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "of the registration" },
	{ 0 }
};

const struct mmp_shape mmp_diff_shape[] = {
	{ "same",    MMP_SHAPE_FLAG, NULL, NULL },
	{ "passed",  MMP_SHAPE_FLAG, NULL, "nothing that fail_on names changed" },
	{ "failing", MMP_SHAPE_TEXTS, NULL, "kinds of changes that fail" },
	{ "changes", MMP_SHAPE_LIST, change, "the worst first" },
	{ "omitted", MMP_SHAPE_NUMBER, NULL, "how many more there are" },
	{ "before",  MMP_SHAPE_OBJECT, mmp_platform_shape, NULL },
	{ "after",   MMP_SHAPE_OBJECT, mmp_platform_shape, NULL },
	{ 0 }
};

/* --- layout.check ---------------------------------------------------------------------- */

#define WAIVER_ROWS \
	{ "finding",      MMP_SHAPE_TEXT, NULL, "its id" }, \
	{ "registration", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL }, \
	{ "region",       MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL }, \
	{ "reason",       MMP_SHAPE_TEXT, NULL, NULL }, \
	{ "who",          MMP_SHAPE_TEXT, NULL, NULL }, \
	{ "until",        MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "the last day" }

static const struct mmp_shape waiver[] = { WAIVER_ROWS, { 0 } };

static const struct mmp_shape told_waiver[] = {
	WAIVER_ROWS,
	{ "state",    MMP_SHAPE_TEXT, NULL, "used, unmatched, expired or refused" },
	{ "findings", MMP_SHAPE_NUMBER, NULL, "that it covers" },
	{ 0 }
};

static const struct mmp_shape judged[] = {
	{ "",       MMP_SHAPE_MEMBERS, mmp_finding_shape, NULL },
	{ "new",    MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, "with against" },
	{ "waived", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, waiver, "by this waiver" },
	{ "fails",  MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape made_check[] = {
	{ "id",       MMP_SHAPE_TEXT, NULL, NULL },
	{ "severity", MMP_SHAPE_TEXT, NULL, NULL },
	{ "stops",    MMP_SHAPE_FLAG, NULL, NULL },
	{ "about",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "fix",      MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "findings", MMP_SHAPE_NUMBER, NULL, "that it found" },
	{ "failing",  MMP_SHAPE_NUMBER, NULL, "of those, that fail" },
	{ 0 }
};

static const struct mmp_shape spare[] = {
	{ "tables",      MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, NULL },
	{ "map",         MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "entries" },
	{ "boot_memory", MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "bytes" },
	{ 0 }
};

const struct mmp_shape mmp_gate_shape[] = {
	{ "passed",   MMP_SHAPE_FLAG, NULL, NULL },
	{ "reasons",  MMP_SHAPE_TEXTS, NULL, "why not" },
	{ "fail_on",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "findings", MMP_SHAPE_LIST, judged, NULL },
	{ "gone",     MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, mmp_finding_shape, "findings that only against has" },
	{ "waivers",  MMP_SHAPE_LIST, told_waiver, NULL },
	{ "checks",   MMP_SHAPE_LIST, made_check, "all that were made" },
	{ "spare",    MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, spare, "with min_spare" },
	{ "platform", MMP_SHAPE_OBJECT, mmp_platform_shape, NULL },
	{ "against",  MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, mmp_platform_shape, NULL },
	{ "verdict",  MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "boots, stops or doubtful" },
	{ "stops_at", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, NULL, "where the boot stops, with the id of the finding" },
	{ "firmware", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, mmp_stop_shape, "where it stops" },
	{ "findings_omitted", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "how many more there are" },
	{ 0 }
};

/* --- layout.map ------------------------------------------------------------------------ */

static const struct mmp_shape drawn_region[] = {
	{ "type",     MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "label",    MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "va",       MMP_SHAPE_HEX, NULL, NULL },
	{ "pa",       MMP_SHAPE_HEX | MMP_SHAPE_NULL, NULL, "null: it maps nothing yet" },
	{ "size",     MMP_SHAPE_HEX, NULL, NULL },
	{ "rights",   MMP_SHAPE_TEXT, NULL, "in words" },
	{ "security", MMP_SHAPE_TEXT, NULL, "secure, nonsecure or none" },
	{ "write",    MMP_SHAPE_FLAG, NULL, NULL },
	{ "execute",  MMP_SHAPE_FLAG, NULL, NULL },
	{ "device",   MMP_SHAPE_FLAG, NULL, NULL },
	{ "names",    MMP_SHAPE_TEXTS, NULL, "of up to 8 registrations" },
	{ 0 }
};

static const struct mmp_shape drawn_table[] = {
	{ "id",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "level",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "pa",      MMP_SHAPE_HEX, NULL, NULL },
	{ "base_va", MMP_SHAPE_HEX, NULL, NULL },
	{ "entries", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "shift",   MMP_SHAPE_NUMBER, NULL, "an entry is 2^shift bytes" },
	{ "base",    MMP_SHAPE_FLAG, NULL, "whether it is a base table" },
	{ "runs",    MMP_SHAPE_TUPLES, NULL, "entry, count, first and last descriptor, pattern, next table or -1" },
	{ "core",    MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "of a base table" },
	{ "index",   MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "of a base table" },
	{ 0 }
};

const struct mmp_shape mmp_picture_shape[] = {
	{ "platform",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "revision",  MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "null: a document" },
	{ "rules",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "va_bits",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "registers", MMP_SHAPE_OBJECT, NULL, "by their names in lower case" },
	{ "regions",   MMP_SHAPE_LIST, drawn_region, NULL },
	{ "secure",    MMP_SHAPE_LIST, mmp_range_shape, "memory that is secure" },
	{ "ddr",       MMP_SHAPE_LIST, mmp_range_shape, "DDR of the normal world" },
	{ "tables",    MMP_SHAPE_LIST, drawn_table, NULL },
	{ "patterns",  MMP_SHAPE_ANY, NULL, "the fields of each kind of entry" },
	{ "",          MMP_SHAPE_MEMBERS, mmp_verdict_shape, NULL },
	{ 0 }
};

/* clang-format on */
