/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/shapes.h"

/* Answers to questions that take more than one layout, or a build. */

/* clang-format off */

/* --- the budget ------------------------------------------------------------------------ */

static const struct mmp_shape boot_memory[] = {
	{ "needed", MMP_SHAPE_HEX, NULL, NULL },
	{ "limit",  MMP_SHAPE_HEX | MMP_SHAPE_NULL, NULL, NULL },
	{ "spare",  MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, NULL },
	{ "short",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape counts[] = {
	{ "base_level",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ "base",        MMP_SHAPE_NUMBER, NULL, "base tables" },
	{ "base_bytes",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ "needed",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "limit",       MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, NULL },
	{ "spare",       MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, NULL },
	{ "short",       MMP_SHAPE_NUMBER, NULL, NULL },
	{ "limited_by",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "bytes",       MMP_SHAPE_NUMBER, NULL, NULL },
	{ "boot_memory", MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, boot_memory, NULL },
	{ 0 }
};

static const struct mmp_shape would_do[] = {
	{ "boot",              MMP_SHAPE_NUMBER, NULL, "boots with so many" },
	{ "with_shm",          MMP_SHAPE_NUMBER, NULL, NULL },
	{ "with_whole_window", MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape map[] = {
	{ "needed",        MMP_SHAPE_NUMBER, NULL, NULL },
	{ "limit",         MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, NULL },
	{ "spare",         MMP_SHAPE_NUMBER, NULL, NULL },
	{ "short",         MMP_SHAPE_NUMBER, NULL, NULL },
	{ "mmap_regions",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ "allocated",     MMP_SHAPE_NUMBER, NULL, NULL },
	{ "registrations", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "merged",        MMP_SHAPE_NUMBER, NULL, NULL },
	{ "late",          MMP_SHAPE_NUMBER, NULL, "mappings at run time that find an entry" },
	{ 0 }
};

static const struct mmp_shape window[] = {
	{ "region", MMP_SHAPE_NUMBER, NULL, "its place in the map" },
	{ "va",     MMP_SHAPE_HEX, NULL, NULL },
	{ "size",   MMP_SHAPE_HEX, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape needs[] = {
	{ "tables", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "enough", MMP_SHAPE_FLAG, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape shm[] = {
	{ "enabled",      MMP_SHAPE_FLAG, NULL, NULL },
	{ "bytes",        MMP_SHAPE_HEX, NULL, NULL },
	{ "window",       MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, window, NULL },
	{ "fits",         MMP_SHAPE_FLAG, NULL, NULL },
	{ "from",         MMP_SHAPE_TEXT, NULL, "where its tables come from" },
	{ "at_once",      MMP_SHAPE_OBJECT, needs, "in one mapping" },
	{ "scattered",    MMP_SHAPE_OBJECT, needs, "page by page" },
	{ "whole_window", MMP_SHAPE_OBJECT, needs, NULL },
	{ 0 }
};

static const struct mmp_shape late[] = {
	{ "window",   MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE | MMP_SHAPE_NULL, window, NULL },
	{ "granule",  MMP_SHAPE_HEX, NULL, NULL },
	{ "largest",  MMP_SHAPE_HEX, NULL, NULL },
	{ "granules", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "entries",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape aslr[] = {
	{ "seed",   MMP_SHAPE_HEX, NULL, NULL },
	{ "advice", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape origin[] = {
	{ "ordinal", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "name",    MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape cost[] = {
	{ "",              MMP_SHAPE_MEMBERS, mmp_region_shape, NULL },
	{ "region",        MMP_SHAPE_NUMBER, NULL, "its place in the map" },
	{ "made",          MMP_SHAPE_NUMBER, NULL, "tables that were made for it" },
	{ "first_table",   MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, NULL },
	{ "shared",        MMP_SHAPE_NUMBER, NULL, "tables that others use too" },
	{ "descriptors",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "registrations", MMP_SHAPE_LIST, origin, "what it is made of" },
	{ "price",         MMP_SHAPE_TEXT, NULL, "how saves was found" },
	{ "saves",         MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "tables, where it is left out" },
	{ "why",           MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape made[] = {
	{ "table",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "level",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "va",      MMP_SHAPE_HEX, NULL, NULL },
	{ "size",    MMP_SHAPE_HEX, NULL, NULL },
	{ "region",  MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "for which it was made" },
	{ "type",    MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "reason",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "why",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "regions", MMP_SHAPE_NUMBERS, NULL, "that use it" },
	{ 0 }
};

static const struct mmp_shape suggestion[] = {
	{ "change",        MMP_SHAPE_TEXT, NULL, NULL },
	{ "what",          MMP_SHAPE_TEXT, NULL, NULL },
	{ "but",           MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "what it costs" },
	{ "registrations", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "ordinals",      MMP_SHAPE_NUMBERS, NULL, NULL },
	{ "saves_tables",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ "saves_entries", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "key",           MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "value",         MMP_SHAPE_ANY | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "addr",          MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "size",          MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape left_out[] = {
	{ "regions",     MMP_SHAPE_NUMBER, NULL, NULL },
	{ "suggestions", MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape application_range[] = {
	{ "addr", MMP_SHAPE_HEX, NULL, NULL },
	{ "size", MMP_SHAPE_HEX, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape applications[] = {
	{ "bytes",  MMP_SHAPE_HEX, NULL, "left for them, of all ranges" },
	{ "ranges", MMP_SHAPE_LIST, application_range, NULL },
	{ 0 }
};

const struct mmp_shape mmp_budget_shape[] = {
	{ "enough",          MMP_SHAPE_FLAG, NULL, "tables, entries and windows are" },
	{ "firmware",        MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, mmp_stop_shape, "where it stops" },
	{ "tables",          MMP_SHAPE_OBJECT, counts, NULL },
	{ "max_xlat_tables", MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, would_do, "that would do" },
	{ "map",             MMP_SHAPE_OBJECT, map, "entries of it" },
	{ "shm",             MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, shm, "dynamic shared memory" },
	{ "late_mappings",   MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, late, "devices that are mapped at run time" },
	{ "applications",    MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, applications, "secure memory for trusted applications" },
	{ "aslr",            MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, aslr, NULL },
	{ "regions",         MMP_SHAPE_LIST, cost, NULL },
	{ "made",            MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, made, "tables, with detail full" },
	{ "suggestions",     MMP_SHAPE_LIST, suggestion, NULL },
	{ "left_out",        MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, left_out, NULL },
	{ "",                MMP_SHAPE_MEMBERS, mmp_verdict_shape, NULL },
	{ 0 }
};

/* --- the sweep ------------------------------------------------------------------------- */

static const struct mmp_shape seeds[] = {
	{ "first",   MMP_SHAPE_HEX, NULL, NULL },
	{ "last",    MMP_SHAPE_HEX, NULL, NULL },
	{ "step",    MMP_SHAPE_HEX, NULL, NULL },
	{ "count",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "sampled", MMP_SHAPE_FLAG, NULL, "not every base was tried" },
	{ 0 }
};

static const struct mmp_shape interval[] = {
	{ "first",   MMP_SHAPE_HEX, NULL, NULL },
	{ "last",    MMP_SHAPE_HEX, NULL, NULL },
	{ "count",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "id",      MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "of the stop" },
	{ "kind",    MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "message", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "func",    MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "about",   MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE | MMP_SHAPE_NULL, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape candidates[] = {
	{ "first",        MMP_SHAPE_NUMBER, NULL, NULL },
	{ "second",       MMP_SHAPE_NUMBER, NULL, NULL },
	{ "third",        MMP_SHAPE_NUMBER, NULL, NULL },
	{ "load_address", MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape sweep_tables[] = {
	{ "most",        MMP_SHAPE_NUMBER, NULL, NULL },
	{ "most_seed",   MMP_SHAPE_HEX, NULL, NULL },
	{ "fewest",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "fewest_seed", MMP_SHAPE_HEX, NULL, NULL },
	{ "histogram",   MMP_SHAPE_TUPLES, NULL, "tables, seeds that need so many" },
	{ 0 }
};

const struct mmp_shape mmp_sweep_shape[] = {
	{ "seeds",       MMP_SHAPE_OBJECT, seeds, NULL },
	{ "failed",      MMP_SHAPE_NUMBER, NULL, "seeds that stop the boot" },
	{ "failures",    MMP_SHAPE_LIST, interval, "of such seeds" },
	{ "fallbacks",   MMP_SHAPE_LIST, interval, "of seeds that boot from the load address" },
	{ "candidates",  MMP_SHAPE_OBJECT, candidates, "which base is taken, of so many seeds" },
	{ "xlat_tables", MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, sweep_tables, NULL },
	{ "map_entries", MMP_SHAPE_NUMBER, NULL, "the most" },
	{ "intervals_omitted", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "platform",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "revision",    MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "null: a document" },
	{ "cpu_seconds", MMP_SHAPE_REAL, NULL, NULL },
	{ "",            MMP_SHAPE_MEMBERS, mmp_verdict_shape, NULL },
	{ 0 }
};

/* --- builds ---------------------------------------------------------------------------- */

static const struct mmp_shape pool[] = {
	{ "pa",   MMP_SHAPE_HEX, NULL, NULL },
	{ "size", MMP_SHAPE_HEX, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape placement[] = {
	{ "base_tables_pa",    MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "user_l2_tables_pa", MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "xlat_tables_pa",    MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "user_l1_idx_pa",    MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape built_table[] = {
	{ "id",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "kind",    MMP_SHAPE_TEXT, NULL, "base or xlat" },
	{ "level",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "pa",      MMP_SHAPE_HEX, NULL, NULL },
	{ "base_va", MMP_SHAPE_HEX, NULL, NULL },
	{ "entries", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "sha256",  MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

const struct mmp_shape mmp_manifest_shape[] = {
	{ "format",    MMP_SHAPE_TEXT, NULL, "mmp-build-1" },
	{ "platform",  MMP_SHAPE_OBJECT, NULL, "its document: mmp-config(5)" },
	{ "rules",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "plan",      MMP_SHAPE_LIST, mmp_region_shape, "the memory map" },
	{ "registers", MMP_SHAPE_OBJECT, NULL, "by their names in lower case" },
	{ "pool",      MMP_SHAPE_OBJECT, pool, NULL },
	{ "placement", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, placement, NULL },
	{ "tables",    MMP_SHAPE_LIST, built_table, NULL },
	{ "sha256",    MMP_SHAPE_TEXT, NULL, "of the pool's bytes" },
	{ "length",    MMP_SHAPE_NUMBER, NULL, "bytes of the pool that are used" },
	{ 0 }
};

const struct mmp_shape mmp_walk_shape[] = {
	{ "va",         MMP_SHAPE_HEX, NULL, NULL },
	{ "mapped",     MMP_SHAPE_FLAG, NULL, NULL },
	{ "path",       MMP_SHAPE_LIST, mmp_step_shape, "of descriptors" },
	{ "region",     MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, mmp_region_shape, "that it is in" },
	{ "base_va",    MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "of the block or page" },
	{ "size",       MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "of the block or page" },
	{ "pa",         MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "attr",       MMP_SHAPE_HEX | MMP_SHAPE_MAYBE, NULL, "attribute word of the firmware" },
	{ "attributes", MMP_SHAPE_TEXTS | MMP_SHAPE_MAYBE, NULL, "attr, decoded" },
	{ "text",       MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "in a few words" },
	{ "level",      MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "at which it ends unmapped" },
	{ "reason",     MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "why it is not mapped" },
	{ 0 }
};

static const struct mmp_shape compared_table[] = {
	{ "id",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "kind",    MMP_SHAPE_TEXT, NULL, "base or xlat" },
	{ "level",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "base_va", MMP_SHAPE_HEX, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape compared_region[] = {
	{ "",              MMP_SHAPE_MEMBERS, mmp_region_shape, NULL },
	{ "registrations", MMP_SHAPE_LIST, origin, NULL },
	{ 0 }
};

static const struct mmp_shape compared_side[] = {
	{ "descriptor", MMP_SHAPE_HEX, NULL, NULL },
	{ "means",      MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape compared_value[] = {
	{ "value",   MMP_SHAPE_HEX, NULL, NULL },
	{ "meaning", MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape compared_field[] = {
	{ "name",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "lsb",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "width",    MMP_SHAPE_NUMBER, NULL, NULL },
	{ "expected", MMP_SHAPE_OBJECT, compared_value, NULL },
	{ "found",    MMP_SHAPE_OBJECT, compared_value, NULL },
	{ 0 }
};

static const struct mmp_shape difference[] = {
	{ "table",      MMP_SHAPE_OBJECT, compared_table, NULL },
	{ "index",      MMP_SHAPE_NUMBER, NULL, "of the first entry" },
	{ "last_table", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "last_index", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "count",      MMP_SHAPE_NUMBER, NULL, "of entries that differ alike" },
	{ "va",         MMP_SHAPE_HEX, NULL, NULL },
	{ "size",       MMP_SHAPE_HEX, NULL, NULL },
	{ "region",     MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, compared_region, NULL },
	{ "expected",   MMP_SHAPE_OBJECT, compared_side, "what we computed" },
	{ "found",      MMP_SHAPE_OBJECT, compared_side, "what the dump has" },
	{ "fields",     MMP_SHAPE_LIST, compared_field, "that differ" },
	{ "changes",    MMP_SHAPE_TEXTS, NULL, NULL },
	{ "alarms",     MMP_SHAPE_TEXTS, NULL, "ids" },
	{ "message",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "later",      MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "what the firmware does later, which explains it" },
	{ 0 }
};

static const struct mmp_shape alarm[] = {
	{ "id",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "count", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "about", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape uncovered[] = {
	{ "table",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "level",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "first",   MMP_SHAPE_NUMBER, NULL, "entry" },
	{ "last",    MMP_SHAPE_NUMBER, NULL, "entry" },
	{ "base_va", MMP_SHAPE_HEX, NULL, NULL },
	{ "pa",      MMP_SHAPE_HEX, NULL, "that the dump lacks" },
	{ "size",    MMP_SHAPE_HEX, NULL, NULL },
	{ 0 }
};

const struct mmp_shape mmp_compare_shape[] = {
	{ "same",        MMP_SHAPE_FLAG, NULL, "except for what the firmware does later" },
	{ "compared",    MMP_SHAPE_NUMBER, NULL, "entries" },
	{ "differing",   MMP_SHAPE_NUMBER, NULL, "entries" },
	{ "later",       MMP_SHAPE_NUMBER, NULL, "of those, the firmware's own later work" },
	{ "not_covered", MMP_SHAPE_NUMBER, NULL, "entries that the dump lacks" },
	{ "blank",       MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "the dump holds nothing: why" },
	{ "alarms",      MMP_SHAPE_LIST, alarm, NULL },
	{ "differences", MMP_SHAPE_LIST, difference, NULL },
	{ "omitted",     MMP_SHAPE_NUMBER, NULL, NULL },
	{ "uncovered",   MMP_SHAPE_LIST, uncovered, NULL },
	{ 0 }
};

/* clang-format on */
