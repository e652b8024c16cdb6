/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/shapes.h"

/* The parts that several answers share, and the layout. */

/* clang-format off */

/* --- findings and the verdict --------------------------------------------------------- */

static const struct mmp_shape finding_region[] = {
	{ "ordinal", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "of the registration" },
	{ "name",    MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "of the registration" },
	{ "section", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "of the registration" },
	{ "type",    MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "memory type" },
	{ "key",     MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "config key that it comes from" },
	{ "addr",    MMP_SHAPE_HEX, NULL, NULL },
	{ "size",    MMP_SHAPE_HEX | MMP_SHAPE_NULL, NULL, "null where the firmware's own arithmetic ends below 0" },
	{ 0 }
};

static const struct mmp_shape edit[] = {
	{ "op",    MMP_SHAPE_TEXT, NULL, "add, replace or remove" },
	{ "path",  MMP_SHAPE_TEXT, NULL, "JSON pointer into the document" },
	{ "value", MMP_SHAPE_ANY | MMP_SHAPE_MAYBE, NULL, NULL },
	{ 0 }
};

const struct mmp_shape mmp_finding_shape[] = {
	{ "id",         MMP_SHAPE_TEXT, NULL, "policy.explain says more of it" },
	{ "severity",   MMP_SHAPE_TEXT, NULL, "error, warning or info" },
	{ "stops",      MMP_SHAPE_FLAG, NULL, "whether the firmware stops there" },
	{ "message",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "fix",        MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "how to fix it, in words" },
	{ "patch",      MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, edit, "the fix as a JSON patch (RFC 6902), tried with success" },
	{ "because_of", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "id of the finding that it follows from" },
	{ "regions",    MMP_SHAPE_LIST, finding_region, "what it is about" },
	{ "regions_omitted", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "how many more regions it is about" },
	{ "accepted_by", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "of one that a build was made with: who accepted it" },
	{ "contexts",   MMP_SHAPE_TEXTS | MMP_SHAPE_MAYBE, NULL, "the two platforms of one board that disagree" },
	{ 0 }
};

#define STOP_ROWS(maybe) \
	{ "stage",   MMP_SHAPE_TEXT | (maybe), NULL, NULL }, \
	{ "kind",    MMP_SHAPE_TEXT | (maybe), NULL, "panic, assert, ..." }, \
	{ "message", MMP_SHAPE_TEXT | (maybe), NULL, "as the firmware prints it" }, \
	{ "file",    MMP_SHAPE_TEXT | (maybe), NULL, NULL }, \
	{ "line",    MMP_SHAPE_NUMBER | (maybe), NULL, NULL }, \
	{ "func",    MMP_SHAPE_TEXT | (maybe), NULL, NULL }, \
	{ "trace",   MMP_SHAPE_TEXTS | (maybe), NULL, "lines that it prints before" }, \
	{ "call",    MMP_SHAPE_NUMBER | MMP_SHAPE_NULL | MMP_SHAPE_MAYBE, NULL, "ordinal of the registration whose call stops" }, \
	{ "undefined_before", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "undefined behaviour that comes first" }

const struct mmp_shape mmp_stop_shape[] = { STOP_ROWS(0), { 0 } };

static const struct mmp_shape stops_at[] = {
	STOP_ROWS(MMP_SHAPE_MAYBE),
	{ "id",   MMP_SHAPE_TEXT, NULL, "of the finding" },
	{ "seed", MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "of a sweep: the first ASLR seed that stops" },
	{ 0 }
};

/* The verdict without the findings. */
#define VERDICT_ROWS \
	{ "verdict",  MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "boots, stops or doubtful" }, \
	{ "stops_at", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, stops_at, "where the boot stops" }

const struct mmp_shape mmp_verdict_shape[] = {
	VERDICT_ROWS,
	{ "findings", MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, mmp_finding_shape, "the worst first" },
	{ "findings_omitted", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "how many more there are" },
	{ 0 }
};

/* --- ranges, regions, registrations ---------------------------------------------------- */

const struct mmp_shape mmp_range_shape[] = {
	{ "addr", MMP_SHAPE_HEX, NULL, NULL },
	{ "size", MMP_SHAPE_HEX, NULL, NULL },
	{ 0 }
};

const struct mmp_shape mmp_region_shape[] = {
	{ "type",        MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "memory type" },
	{ "pa",          MMP_SHAPE_HEX, NULL, NULL },
	{ "va",          MMP_SHAPE_HEX, NULL, NULL },
	{ "size",        MMP_SHAPE_HEX, NULL, NULL },
	{ "attr",        MMP_SHAPE_HEX, NULL, "attribute word of the firmware" },
	{ "attributes",  MMP_SHAPE_TEXTS | MMP_SHAPE_MAYBE, NULL, "attr, decoded" },
	{ "region_size", MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "largest block, as this firmware calls it" },
	{ "granularity", MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "largest block, as this firmware calls it" },
	{ "text",        MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "attr in words" },
	{ 0 }
};

const struct mmp_shape mmp_registration_shape[] = {
	{ "section",     MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "how it is registered" },
	{ "op",          MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "how it is registered" },
	{ "type",        MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "memory type" },
	{ "name",        MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "addr",        MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "pa",          MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "va",          MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "size",        MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "attr",        MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "attribute word of the firmware" },
	{ "attributes",  MMP_SHAPE_TEXTS | MMP_SHAPE_MAYBE, NULL, "attr, decoded" },
	{ "granularity", MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "largest block" },
	{ "origin",      MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "platform, or the file it came from" },
	{ "ordinal",     MMP_SHAPE_NUMBER, NULL, "its place in link order, from 0" },
	{ 0 }
};

const struct mmp_shape mmp_platform_shape[] = {
	{ "name",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "rules",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "revision", MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "null: a document" },
	{ "verdict",  MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ 0 }
};

/* --- descriptors ----------------------------------------------------------------------- */

const struct mmp_shape mmp_field_shape[] = {
	{ "name",    MMP_SHAPE_TEXT, NULL, "as the Arm ARM calls it" },
	{ "lsb",     MMP_SHAPE_NUMBER, NULL, "its lowest bit" },
	{ "width",   MMP_SHAPE_NUMBER, NULL, "in bits" },
	{ "value",   MMP_SHAPE_HEX, NULL, NULL },
	{ "meaning", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

const struct mmp_shape mmp_step_shape[] = {
	{ "level",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "table_pa",   MMP_SHAPE_HEX, NULL, NULL },
	{ "index",      MMP_SHAPE_NUMBER, NULL, "of the entry in the table" },
	{ "descriptor", MMP_SHAPE_HEX, NULL, NULL },
	{ "fields",     MMP_SHAPE_LIST, mmp_field_shape, NULL },
	{ 0 }
};

const struct mmp_shape mmp_descriptor_shape[] = {
	{ "descriptor", MMP_SHAPE_HEX, NULL, NULL },
	{ "attr",       MMP_SHAPE_HEX, NULL, "attribute word of the firmware" },
	{ "attributes", MMP_SHAPE_TEXTS, NULL, "attr, decoded" },
	{ "text",       MMP_SHAPE_TEXT, NULL, "in a few words" },
	{ "fields",     MMP_SHAPE_LIST, mmp_field_shape, NULL },
	{ "sentence",   MMP_SHAPE_TEXT, NULL, NULL },
	{ "hint",       MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "the level at which it would map something" },
	{ 0 }
};

static const struct mmp_shape memtype[] = {
	{ "number",     MMP_SHAPE_NUMBER, NULL, "the firmware's own" },
	{ "name",       MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "label",      MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "as the firmware's log prints it" },
	{ "about",      MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "panic",      MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "it cannot be mapped: what the firmware says" },
	{ "attr",       MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "attribute word of the firmware" },
	{ "attributes", MMP_SHAPE_TEXTS | MMP_SHAPE_MAYBE, NULL, "attr, decoded" },
	{ "text",       MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "in a few words" },
	{ 0 }
};

const struct mmp_shape mmp_memtypes_shape[] = {
	{ "rules", MMP_SHAPE_TEXT, NULL, NULL },
	{ "types", MMP_SHAPE_LIST, memtype, NULL },
	{ 0 }
};

/* --- the layout ------------------------------------------------------------------------ */

static const struct mmp_shape call_result[] = {
	{ "rc",         MMP_SHAPE_TEXT, NULL, "what the call returns, as errno's name" },
	{ "va",         MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "the address that it found" },
	{ "attr",       MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "attribute word of the firmware" },
	{ "attributes", MMP_SHAPE_TEXTS | MMP_SHAPE_MAYBE, NULL, "attr, decoded" },
	{ "level",      MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "log",        MMP_SHAPE_TEXTS | MMP_SHAPE_MAYBE, NULL, "lines that the firmware prints" },
	{ 0 }
};

static const struct mmp_shape table[] = {
	{ "id",          MMP_SHAPE_NUMBER, NULL, "in order of creation" },
	{ "kind",        MMP_SHAPE_TEXT, NULL, "base or xlat" },
	{ "core",        MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "of a base table" },
	{ "table_index", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "of a base table" },
	{ "xlat_index",  MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "of another table" },
	{ "level",       MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "null: no entry leads to it" },
	{ "base_va",     MMP_SHAPE_HEX | MMP_SHAPE_NULL, NULL, NULL },
	{ "regions",     MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "the firmware's count of its users" },
	{ "entries",     MMP_SHAPE_NUMBER, NULL, NULL },
	{ "descriptors", MMP_SHAPE_TUPLES, NULL, "index, descriptor: leaves" },
	{ "next_tables", MMP_SHAPE_TUPLES, NULL, "index, id of the next table, other bits" },
	{ 0 }
};

static const struct mmp_shape attempt[] = {
	{ "base",   MMP_SHAPE_HEX, NULL, NULL },
	{ "result", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape boot_memory[] = {
	{ "perm", MMP_SHAPE_NUMBER, NULL, "bytes that stay" },
	{ "tmp",  MMP_SHAPE_NUMBER, NULL, "bytes that are given back" },
	{ 0 }
};

/* What layout.compute answers for one platform; MAYBE: it may stop, and has no map then. */
#define LAYOUT_ROWS(MAYBE) \
	{ "memory_map", MMP_SHAPE_LIST | (MAYBE), mmp_region_shape, "in the firmware's order" }, \
	{ "tables",     MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, table, "with detail full" }, \
	{ "results",    MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, call_result, "of each call of the platform's code" }, \
	{ "registers",  MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, NULL, "by their names in lower case" }, \
	{ "base_level", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "of the walk" }, \
	{ "xlat_tables_used", MMP_SHAPE_NUMBER, NULL, NULL }, \
	{ "max_xlat_tables",  MMP_SHAPE_NUMBER | MMP_SHAPE_NULL | MMP_SHAPE_MAYBE, NULL, "null: no limit but memory" }, \
	{ "user_va_idx",       MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "entry of level 1 that user space has" }, \
	{ "user_l1_table_idx", MMP_SHAPE_TUPLES | MMP_SHAPE_MAYBE, NULL, "core, table, entry" }, \
	{ "boot_mem_used", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, boot_memory, NULL }, \
	{ "max_pa",        MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL }, \
	{ "max_va",        MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL }, \
	{ "initialized",   MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, NULL }, \
	{ "map_offset",    MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "of ASLR" }, \
	{ "tcr_el1_after_discovery", MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL }, \
	{ "aslr_attempts",  MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, attempt, "bases that were tried" }, \
	{ "nsec_ddr",       MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, mmp_range_shape, "non-secure DDR that the firmware discovers" }, \
	{ "nsec_ddr_error", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, mmp_stop_shape, "it stops when it discovers it" }, \
	{ "",               MMP_SHAPE_MEMBERS, mmp_verdict_shape, NULL }

static const struct mmp_shape context[] = {
	{ "name",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "rules",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "firmware", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, mmp_stop_shape, "where it stops, with no map then" },
	LAYOUT_ROWS(MMP_SHAPE_MAYBE),
	{ 0 }
};

const struct mmp_shape mmp_layout_shape[] = {
	LAYOUT_ROWS(0),
	{ "contexts", MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, context, "the other firmwares of the same board" },
	{ 0 }
};

/* --- rule sets and what their checks find ---------------------------------------------- */

static const struct mmp_shape rule_set[] = {
	{ "name",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "firmware", MMP_SHAPE_TEXT, NULL, NULL },
	{ "about",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "types",    MMP_SHAPE_NUMBER, NULL, "how many memory types it has" },
	{ "adds",     MMP_SHAPE_TEXTS, NULL, "types and keys that the previous release does not have" },
	{ "drops",    MMP_SHAPE_TEXTS, NULL, "types and keys that only the previous release has" },
	{ 0 }
};

const struct mmp_shape mmp_rules_shape[] = {
	{ "rules", MMP_SHAPE_LIST, rule_set, NULL },
	{ 0 }
};

#define KIND_ROWS \
	{ "id",       MMP_SHAPE_TEXT, NULL, NULL }, \
	{ "severity", MMP_SHAPE_TEXT, NULL, "error, warning or info" }, \
	{ "stops",    MMP_SHAPE_FLAG, NULL, "whether the firmware stops there" }, \
	{ "about",    MMP_SHAPE_TEXT, NULL, NULL }, \
	{ "fix",      MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "how to fix it, in words" }

static const struct mmp_shape kind[] = { KIND_ROWS, { 0 } };

const struct mmp_shape mmp_kinds_shape[] = {
	{ "rules", MMP_SHAPE_TEXT, NULL, NULL },
	{ "kinds", MMP_SHAPE_LIST, kind, NULL },
	{ 0 }
};

static const struct mmp_shape cause[] = {
	{ "id",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "about", MMP_SHAPE_TEXT, NULL, NULL },
	{ "fix",   MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape said[] = {
	{ "stage",   MMP_SHAPE_TEXT, NULL, NULL },
	{ "kind",    MMP_SHAPE_TEXT, NULL, "panic, assert, ..." },
	{ "message", MMP_SHAPE_TEXT, NULL, NULL },
	{ "func",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "file",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "line",    MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape match[] = {
	KIND_ROWS,
	{ "rules",    MMP_SHAPE_TEXTS, NULL, "rule sets that have it" },
	{ "causes",   MMP_SHAPE_LIST, cause, "findings that it may follow from" },
	{ "firmware", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, said, "where the firmware says so" },
	{ 0 }
};

const struct mmp_shape mmp_words_shape[] = {
	{ "words",   MMP_SHAPE_TEXT, NULL, "as they were asked" },
	{ "matches", MMP_SHAPE_LIST, match, "the best first" },
	{ 0 }
};

/* clang-format on */
