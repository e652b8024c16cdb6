/* SPDX-License-Identifier: BSD-2-Clause */
#include "views.h"

#define END                                                                              \
	{                                                                                \
		0                                                                        \
	}
#define ONE_SECTION(name, ...)                                                           \
	static const struct section name##_sections[] = { __VA_ARGS__, END };            \
	const struct view name##_view = { name##_sections }
#define SECTIONS(name) const struct view name##_view = { name##_sections }

/* clang-format off */

/* --- platforms and their regions --------------------------------------------------- */

static const struct column revision_facts[] = {
	{ "platform", "name",     CELL_TEXT },
	{ "revision", "revision", CELL_TEXT },
	{ "changed",  "changed",  CELL_TEXT },
	{ "job",      "job",      CELL_TEXT },
	{ "build",    "id",       CELL_TEXT },
	{ "verdict",  "verdict",  CELL_TEXT },
	END
};
ONE_SECTION(platform_put, { SECTION_FACTS, NULL, "", revision_facts, NULL });
ONE_SECTION(removed, { SECTION_FACTS, NULL, "", revision_facts, NULL });
static const struct column board_removed_facts[] = {
	{ "board", "name", CELL_TEXT },
	END
};
ONE_SECTION(board_removed, { SECTION_FACTS, NULL, "", board_removed_facts, NULL });

static const struct column platform_facts[] = {
	{ "platform", "name",     CELL_TEXT },
	{ "revision", "revision", CELL_TEXT },
	{ "rules",    "document.rules",    CELL_TEXT },
	END
};
static const struct column registration_columns[] = {
	{ "#",       "ordinal", CELL_TEXT },
	{ "SECTION", "section|op", CELL_TEXT },
	{ "TYPE",    "type|attr", CELL_TEXT },
	{ "FROM",    "addr|pa", CELL_ADDRESS },
	{ "TO",      "addr|pa", CELL_LAST },
	{ "VA",      "va",      CELL_ADDRESS },
	{ "SIZE",    "size",    CELL_SIZE },
	{ "NAME",    "name",    CELL_TEXT },
	{ "ORIGIN",  "origin",  CELL_TEXT },
	END
};
/* What a reader looks for first; --json has every key. */
static const struct column config_facts[] = {
	{ "arch",              "arch",              CELL_TEXT },
	{ "lpae",              "lpae",              CELL_TEXT },
	{ "va_bits",           "va_bits",           CELL_TEXT },
	{ "pa_bits",           "pa_bits",           CELL_TEXT },
	{ "nb_core",           "nb_core",           CELL_TEXT },
	{ "pager",             "pager",             CELL_TEXT },
	{ "aslr",              "aslr",              CELL_TEXT },
	{ "aslr_seed",         "aslr_seed",         CELL_TEXT },
	{ "dyn_config",        "dyn_config",        CELL_TEXT },
	{ "trusted_sram.base", "trusted_sram.base", CELL_ADDRESS },
	{ "trusted_sram.size", "trusted_sram.size", CELL_SIZE },
	{ "trusted_dram.base", "trusted_dram.base", CELL_ADDRESS },
	{ "trusted_dram.size", "trusted_dram.size", CELL_SIZE },
	{ "tee_ram.start",     "tee_ram.start",     CELL_ADDRESS },
	{ "tee_ram.ph_size",   "tee_ram.ph_size",   CELL_SIZE },
	{ "tee_ram.va_size",   "tee_ram.va_size",   CELL_SIZE },
	{ "reserved_shm.start", "reserved_shm.start", CELL_ADDRESS },
	{ "reserved_shm.size", "reserved_shm.size", CELL_SIZE },
	{ "mmap_regions",      "mmap_regions",      CELL_TEXT },
	{ "max_xlat_tables",   "max_xlat_tables",   CELL_TEXT },
	END
};
static const struct column source_columns[] = {
	{ "KEY",  "key",  CELL_TEXT },
	{ "FILE", "file", CELL_TEXT },
	{ "LINE", "line", CELL_TEXT },
	{ "WHAT", "what", CELL_TEXT },
	END
};
static const struct column source_files[] = {
	{ "FILE",   "file",   CELL_TEXT },
	{ "KIND",   "kind",   CELL_TEXT },
	{ "SHA256", "sha256", CELL_SHORT },
	END
};
static const struct column dram_columns[] = {
	{ "FROM", "base", CELL_ADDRESS },
	{ "SIZE", "size", CELL_SIZE },
	{ "NOTE", "note", CELL_TEXT },
	END
};
static const struct section platform_sections[] = {
	{ SECTION_FACTS, NULL, "", platform_facts, NULL },
	{ SECTION_FACTS, "Config, in part; --json has all keys", "document.config", config_facts, NULL },
	{ SECTION_TABLE, "Registrations, in link order", "document.registrations", registration_columns + 1, "none" },
	{ SECTION_TABLE, "DRAM", "document.dram", dram_columns, NULL },
	{ SECTION_TABLE, "Imported from", "document.sources.files", source_files, NULL },
	{ SECTION_TABLE, "Where values come from", "document.sources.values", source_columns, NULL },
	END
};
SECTIONS(platform);

static const struct column platform_columns[] = {
	{ "NAME",     "name",     CELL_TEXT },
	{ "REVISION", "revision", CELL_TEXT },
	{ "RULES",    "rules",    CELL_TEXT },
	{ "CHANGED",  "time",     CELL_TEXT },
	{ "BY",       "user",     CELL_TEXT },
	END
};
ONE_SECTION(platform_list, { SECTION_TABLE, NULL, "platforms", platform_columns, "No platforms yet: `mmpctl platform put FILE`" });

static const struct column history_columns[] = {
	{ "REVISION", "revision", CELL_TEXT },
	{ "TIME",     "time",     CELL_TEXT },
	{ "BY",       "user",     CELL_TEXT },
	{ "DID",      "method",   CELL_TEXT },
	{ "WHAT",     "what",     CELL_TEXT },
	END
};
ONE_SECTION(history, { SECTION_TABLE, NULL, "history", history_columns, "No history" });

static const struct section region_sections[] = {
	{ SECTION_FACTS, NULL, "", revision_facts, NULL },
	{ SECTION_FACTS, NULL, "registration", registration_columns, NULL },
	END
};
SECTIONS(region);
ONE_SECTION(region_list, { SECTION_TABLE, NULL, "registrations", registration_columns, "No registrations" });

/* --- import ------------------------------------------------------------------------- */

static const struct column verify_facts[] = {
	{ "equal",            "same",       CELL_TEXT },
	{ "entries compared", "compared",   CELL_TEXT },
	{ "rules",            "rules",      CELL_TEXT },
	{ "release by log",   "release",    CELL_TEXT },
	{ "seed by log",      "seed",       CELL_TEXT },
	{ "seed of platform", "seed_given", CELL_TEXT },
	{ "it means",         "means",      CELL_LIST },
	END
};
static const struct column difference_lines[] = {
	{ "LINE",     "line",     CELL_TEXT },
	{ "ENTRY",    "entry",    CELL_TEXT },
	{ "BOARD",    "board",    CELL_TEXT },
	{ "PLATFORM", "platform", CELL_TEXT },
	END
};
static const struct section verify_sections[] = {
	{ SECTION_FACTS, NULL, "", verify_facts, NULL },
	{ SECTION_TABLE, "Differences", "differences", difference_lines, "No differences: every entry of the map is as the board printed it" },
	END
};
SECTIONS(verify);

/* --- layout ------------------------------------------------------------------------- */

static const struct column map_columns[] = {
	{ "TYPE",       "type",        CELL_TEXT },
	{ "VA FROM",    "va",          CELL_ADDRESS },
	{ "VA TO",      "va",          CELL_LAST },
	{ "PA",         "pa",          CELL_ADDRESS },
	{ "SIZE",       "size",        CELL_SIZE },
	{ "BLOCKS",     "region_size|granularity", CELL_SIZE },
	{ "ATTRIBUTES", "attr",        CELL_ATTR },
	END
};
static const struct column register_facts[] = {
	{ "TCR_EL1",            "tcr_el1",           CELL_TEXT },
	{ "MAIR_EL1",           "mair_el1",          CELL_TEXT },
	{ "TTBR0_EL1",          "ttbr0_el1",         CELL_TEXT },
	{ "TTBR0_EL1 is table", "ttbr0_table",       CELL_TEXT },
	{ "TTBR0 core offset",  "ttbr0_core_offset", CELL_TEXT },
	{ "map offset",         "map_offset",        CELL_TEXT },
	{ "TTBCR",              "ttbcr",             CELL_TEXT },
	{ "MAIR0",              "mair0",             CELL_TEXT },
	{ "PRRR",               "prrr",              CELL_TEXT },
	{ "NMRR",               "nmrr",              CELL_TEXT },
	{ "DACR",               "dacr",              CELL_TEXT },
	{ "MAIR",               "mair",              CELL_TEXT },
	{ "TCR",                "tcr",               CELL_TEXT },
	{ "TTBR0",              "ttbr0",             CELL_TEXT },
	{ "SCTLR sets",         "sctlr_set",         CELL_TEXT },
	{ "SCTLR clears",       "sctlr_clear",       CELL_TEXT },
	END
};
static const struct column budget_facts[] = {
	{ "base level",               "base_level",       CELL_TEXT },
	{ "translation tables used",  "xlat_tables_used", CELL_TEXT },
	{ "of at most",               "max_xlat_tables",  CELL_TEXT },
	{ "user space at L1 index",   "user_va_idx",      CELL_TEXT },
	{ "verdict",                  "verdict",          CELL_TEXT },
	{ "stops at",                 "stops_at.stage",   CELL_TEXT },
	END
};
static const struct column table_columns[] = {
	{ "TABLE",   "id",          CELL_TEXT },
	{ "KIND",    "kind",        CELL_TEXT },
	{ "CORE",    "core",        CELL_TEXT },
	{ "LEVEL",   "level",       CELL_TEXT },
	{ "BASE VA", "base_va",     CELL_ADDRESS },
	{ "ENTRIES", "entries",     CELL_TEXT },
	{ "LEAVES",  "descriptors", CELL_LENGTH },
	{ "TABLES",  "next_tables", CELL_LENGTH },
	END
};
static const struct column ddr_columns[] = {
	{ "FROM", "addr", CELL_ADDRESS },
	{ "TO",   "addr", CELL_LAST },
	{ "SIZE", "size", CELL_SIZE },
	END
};
static const struct column stop_facts[] = {
	{ "kind",    "kind",    CELL_TEXT },
	{ "message", "message", CELL_TEXT },
	{ "in",      "func",    CELL_TEXT },
	END
};
static const struct section layout_sections[] = {
	{ SECTION_TABLE, "Memory map", "memory_map", map_columns, "empty" },
	{ SECTION_TABLE, "Tables", "tables", table_columns, NULL },
	{ SECTION_FACTS, "Registers", "registers", register_facts, NULL },
	{ SECTION_FACTS, "Budget", "", budget_facts, NULL },
	{ SECTION_TABLE, "Non-secure DDR", "nsec_ddr", ddr_columns, "none" },
	{ SECTION_FACTS, "The firmware stops when it discovers the non-secure DDR", "nsec_ddr_error", stop_facts, NULL },
	END
};
SECTIONS(layout);

static const struct column budget_verdict_facts[] = {
	{ "tables, entries and windows are enough", "enough", CELL_TEXT },
	{ "verdict", "verdict", CELL_TEXT },
	END
};
static const struct column budget_table_facts[] = {
	{ "needed at boot",   "tables.needed",     CELL_TEXT },
	{ "at most",          "tables.limit",      CELL_TEXT },
	{ "spare",            "tables.spare",      CELL_TEXT },
	{ "short",            "tables.short",      CELL_TEXT },
	{ "limited by",       "tables.limited_by", CELL_TEXT },
	{ "boot memory needed, with the map's", "tables.boot_memory.needed", CELL_SIZE },
	{ "of boot memory",   "tables.boot_memory.limit",  CELL_SIZE },
	{ "base tables",      "tables.base",       CELL_TEXT },
	{ "ASLR",             "aslr.advice",       CELL_TEXT },
	END
};
static const struct column budget_map_facts[] = {
	{ "needed at boot",            "needed",        CELL_TEXT },
	{ "at most",                   "limit",         CELL_TEXT },
	{ "spare",                     "spare",         CELL_TEXT },
	{ "short",                     "short",         CELL_TEXT },
	{ "mmap_regions",              "mmap_regions",  CELL_TEXT },
	{ "registrations in it",       "registrations", CELL_TEXT },
	{ "of those, merged",          "merged",        CELL_TEXT },
	END
};
static const struct column budget_region_columns[] = {
	{ "#",           "region",        CELL_TEXT },
	{ "TYPE",        "type",          CELL_TEXT },
	{ "VA FROM",     "va",            CELL_ADDRESS },
	{ "VA TO",       "va",            CELL_LAST },
	{ "SIZE",        "size",          CELL_SIZE },
	{ "MADE OF",     "registrations", CELL_LENGTH },
	{ "TABLES",      "made",          CELL_TEXT },
	{ "SHARED",      "shared",        CELL_TEXT },
	{ "DESCRIPTORS", "descriptors",   CELL_TEXT },
	{ "SAVED WITHOUT IT", "saves",    CELL_TEXT },
	END
};
static const struct column budget_made_columns[] = {
	{ "TABLE",   "table",   CELL_TEXT },
	{ "LEVEL",   "level",   CELL_TEXT },
	{ "VA FROM", "va",      CELL_ADDRESS },
	{ "VA TO",   "va",      CELL_LAST },
	{ "MADE FOR #", "region", CELL_TEXT },
	{ "TYPE",    "type",    CELL_TEXT },
	{ "USED BY", "regions", CELL_LENGTH },
	{ "WHY",     "why",     CELL_TEXT },
	END
};
static const struct column budget_shm_facts[] = {
	{ "asked for",                     "bytes",               CELL_SIZE },
	{ "window",                        "window.va",           CELL_ADDRESS },
	{ "of size",                       "window.size",         CELL_SIZE },
	{ "it fits",                       "fits",                CELL_TEXT },
	{ "its tables come from",          "from",                CELL_TEXT },
	{ "tables for one mapping of it",  "at_once.tables",      CELL_TEXT },
	{ "which are there",               "at_once.enough",      CELL_TEXT },
	{ "tables where it is scattered",  "scattered.tables",    CELL_TEXT },
	{ "which are there, too",          "scattered.enough",    CELL_TEXT },
	{ "tables for the whole window",   "whole_window.tables", CELL_TEXT },
	END
};
static const struct column budget_late_facts[] = {
	{ "window",            "window.va",   CELL_ADDRESS },
	{ "of size",           "window.size", CELL_SIZE },
	{ "in units of",       "granule",     CELL_SIZE },
	{ "units",             "granules",    CELL_TEXT },
	{ "largest mapping",   "largest",     CELL_SIZE },
	{ "mappings that find a map entry", "entries", CELL_TEXT },
	END
};
static const struct column budget_limit_facts[] = {
	{ "boots with",                "boot",              CELL_TEXT },
	{ "and maps the shared memory with", "with_shm",    CELL_TEXT },
	{ "and fills the window with", "with_whole_window", CELL_TEXT },
	END
};
static const struct column suggestion_columns[] = {
	{ "TABLES",  "saves_tables",  CELL_TEXT },
	{ "ENTRIES", "saves_entries", CELL_TEXT },
	{ "WHAT",    "what",          CELL_TEXT },
	{ "BUT",     "but",           CELL_TEXT },
	END
};
static const struct column left_out_facts[] = {
	{ "regions whose cost was not computed", "regions",     CELL_TEXT },
	{ "changes that were not tried",         "suggestions", CELL_TEXT },
	END
};
static const struct section budget_sections[] = {
	{ SECTION_FACTS, NULL, "", budget_verdict_facts, NULL },
	{ SECTION_FACTS, "The firmware stops", "firmware", stop_facts, NULL },
	{ SECTION_FACTS, "Translation tables", "", budget_table_facts, NULL },
	{ SECTION_FACTS, "Map entries", "map", budget_map_facts, NULL },
	{ SECTION_TABLE, "Regions", "regions", budget_region_columns, "none" },
	{ SECTION_TABLE, "Tables, in order of creation", "made", budget_made_columns, NULL },
	{ SECTION_FACTS, "Dynamic shared memory, mapped at run time", "shm", budget_shm_facts, NULL },
	{ SECTION_FACTS, "Devices mapped at run time", "late_mappings", budget_late_facts, NULL },
	{ SECTION_FACTS, "max_xlat_tables that would do", "max_xlat_tables", budget_limit_facts, NULL },
	{ SECTION_TABLE, "What would save some", "suggestions", suggestion_columns, "nothing that was tried" },
	{ SECTION_FACTS, "Left out", "left_out", left_out_facts, NULL },
	END
};
SECTIONS(budget);

/* --- builds ------------------------------------------------------------------------- */

static const struct column build_facts[] = {
	{ "build",    "id",                CELL_TEXT },
	{ "platform", "manifest.platform.name", CELL_TEXT },
	{ "rules",    "manifest.rules",    CELL_TEXT },
	{ "pool",     "manifest.pool.pa", CELL_ADDRESS },
	{ "of size",  "manifest.pool.size", CELL_SIZE },
	{ "used",     "manifest.length",   CELL_SIZE },
	{ "base tables at", "manifest.placement.base_tables_pa", CELL_ADDRESS },
	{ "user tables at", "manifest.placement.user_l2_tables_pa", CELL_ADDRESS },
	{ "tables at",      "manifest.placement.xlat_tables_pa", CELL_ADDRESS },
	{ "tables",   "manifest.tables",   CELL_LENGTH },
	{ "made",     "time",              CELL_TEXT },
	{ "by",       "user",              CELL_TEXT },
	END
};
static const struct column build_table_columns[] = {
	{ "TABLE",   "id",     CELL_TEXT },
	{ "KIND",    "kind",   CELL_TEXT },
	{ "LEVEL",   "level",  CELL_TEXT },
	{ "PA",      "pa",     CELL_ADDRESS },
	{ "SHA-256", "sha256", CELL_SHORT },
	END
};
static const struct column created_facts[] = {
	{ "build",    "id",                 CELL_TEXT },
	{ "platform", "manifest.platform.name", CELL_TEXT },
	{ "rules",    "manifest.rules",     CELL_TEXT },
	{ "pool",     "manifest.pool.pa",   CELL_ADDRESS },
	{ "of size",  "manifest.pool.size", CELL_SIZE },
	{ "used",     "manifest.length",    CELL_SIZE },
	{ "base tables at", "manifest.placement.base_tables_pa", CELL_ADDRESS },
	{ "user tables at", "manifest.placement.user_l2_tables_pa", CELL_ADDRESS },
	{ "tables at",      "manifest.placement.xlat_tables_pa", CELL_ADDRESS },
	{ "tables",   "manifest.tables",    CELL_LENGTH },
	{ "verdict",  "verdict",            CELL_TEXT },
	{ "accepted findings", "accepted_findings", CELL_LENGTH },
	END
};
ONE_SECTION(build_created, { SECTION_FACTS, NULL, "", created_facts, NULL });
static const struct section build_sections[] = {
	{ SECTION_FACTS, NULL, "", build_facts, NULL },
	{ SECTION_FACTS, "Registers", "manifest.registers", register_facts, NULL },
	{ SECTION_TABLE, "Tables", "manifest.tables", build_table_columns, NULL },
	END
};
SECTIONS(build);

static const struct column build_columns[] = {
	{ "BUILD",    "id",       CELL_TEXT },
	{ "PLATFORM", "platform", CELL_TEXT },
	{ "REVISION", "revision", CELL_TEXT },
	{ "MADE",     "time",     CELL_TEXT },
	{ "BY",       "user",     CELL_TEXT },
	END
};
ONE_SECTION(build_list, { SECTION_TABLE, NULL, "builds", build_columns, "No builds yet: `mmpctl build create`" });

static const struct column path_columns[] = {
	{ "LEVEL",      "level",      CELL_TEXT },
	{ "TABLE AT",   "table_pa",   CELL_ADDRESS },
	{ "INDEX",      "index",      CELL_TEXT },
	{ "DESCRIPTOR", "descriptor", CELL_TEXT },
	END
};
static const struct column walk_facts[] = {
	{ "va",         "va",    CELL_ADDRESS },
	{ "pa",         "pa",    CELL_ADDRESS },
	{ "attributes", "attr",  CELL_ATTR },
	{ "none",       "reason", CELL_TEXT },
	END
};
static const struct section walk_sections[] = {
	{ SECTION_TABLE, NULL, "path", path_columns, NULL },
	{ SECTION_FACTS, "Answer", "", walk_facts, NULL },
	END
};
SECTIONS(walk);

static const struct column compare_facts[] = {
	{ "build",                "id",          CELL_TEXT },
	{ "the same",             "same",        CELL_TEXT },
	{ "descriptors compared", "compared",    CELL_TEXT },
	{ "that differ",          "differing",   CELL_TEXT },
	{ "by the firmware's own work since boot", "later", CELL_TEXT },
	{ "the dump",             "blank",       CELL_TEXT },
	{ "not in the dump",      "not_covered", CELL_TEXT },
	END
};
static const struct column alarm_columns[] = {
	{ "ALARM",   "id",    CELL_TEXT },
	{ "ENTRIES", "count", CELL_TEXT },
	{ "WHAT",    "about", CELL_TEXT },
	END
};
static const struct column compare_columns[] = {
	{ "TABLE",    "table.id",    CELL_TEXT },
	{ "LEVEL",    "table.level", CELL_TEXT },
	{ "ENTRY",    "index",       CELL_TEXT },
	{ "COUNT",    "count",       CELL_TEXT },
	{ "VA FROM",  "va",          CELL_ADDRESS },
	{ "VA TO",    "va",          CELL_LAST },
	{ "REGION",   "region.type", CELL_TEXT },
	{ "EXPECTED", "expected.descriptor", CELL_TEXT },
	{ "FOUND",    "found.descriptor",    CELL_TEXT },
	{ "change",   "changes",     CELL_NOTE },
	{ "alarms",   "alarms",      CELL_NOTE },
	{ "firmware's own work", "later", CELL_NOTE },
	END
};
static const struct column uncovered_columns[] = {
	{ "TABLE", "table", CELL_TEXT },
	{ "LEVEL", "level", CELL_TEXT },
	{ "FIRST", "first", CELL_TEXT },
	{ "LAST",  "last",  CELL_TEXT },
	{ "PA",    "pa",    CELL_ADDRESS },
	{ "SIZE",  "size",  CELL_SIZE },
	END
};
static const struct section compare_sections[] = {
	{ SECTION_FACTS, NULL, "", compare_facts, NULL },
	{ SECTION_TABLE, "Alarms", "alarms", alarm_columns, NULL },
	{ SECTION_TABLE, "Differences", "differences", compare_columns, "none" },
	{ SECTION_TABLE, "Entries that the dump does not cover", "uncovered", uncovered_columns, NULL },
	END
};
SECTIONS(compare);

/* --- boards and jobs ---------------------------------------------------------------- */

static const struct column board_columns[] = {
	{ "BOARD", "name",  CELL_TEXT },
	{ "LINE",  "line",  CELL_TEXT },
	{ "HOLDS", "build", CELL_SHORT },
	{ "OR MAYBE", "maybe", CELL_SHORT },
	{ "PLATFORM", "holding.platform", CELL_TEXT },
	{ "REVISION", "holding.revision", CELL_TEXT },
	{ "SINCE", "holding.since", CELL_TEXT },
	{ "BY", "holding.by", CELL_TEXT },
	{ "PROOF", "holding.proof", CELL_TEXT },
	END
};
static const struct column board_facts[] = {
	{ "board",           "name",        CELL_TEXT },
	{ "line",            "line",        CELL_TEXT },
	{ "it said it is",   "identity",    CELL_TEXT },
	{ "holds build",     "build",       CELL_TEXT },
	{ "or, being asked", "maybe",       CELL_TEXT },
	{ "of platform",     "holding.platform", CELL_TEXT },
	{ "revision",        "holding.revision", CELL_TEXT },
	{ "since",           "holding.since",    CELL_TEXT },
	{ "pushed by",       "holding.by",       CELL_TEXT },
	{ "proof",           "holding.proof",    CELL_TEXT },
	{ "patience in ms",  "patience_ms", CELL_TEXT },
	END
};
static const struct column board_push_columns[] = {
	{ "JOB",      "job",      CELL_TEXT },
	{ "TIME",     "time",     CELL_TEXT },
	{ "BY",       "user",     CELL_TEXT },
	{ "BUILD",    "build",    CELL_SHORT },
	{ "PLATFORM", "platform", CELL_TEXT },
	{ "REVISION", "revision", CELL_TEXT },
	{ "STATE",    "state",    CELL_TEXT },
	{ "PROOF",    "proof",    CELL_TEXT },
	END
};
static const struct section board_history_sections[] = {
	{ SECTION_FACTS, NULL, "", board_facts, NULL },
	{ SECTION_TABLE, "Pushes, the newest first", "pushes", board_push_columns, "none" },
	END
};
SECTIONS(board_history);
ONE_SECTION(board, { SECTION_FACTS, NULL, "", board_facts, NULL });
ONE_SECTION(board_list, { SECTION_TABLE, NULL, "boards", board_columns, "No boards yet: `mmpctl board put NAME LINE`" });

static const struct column scan_columns[] = {
	{ "LINE",   "line",   CELL_TEXT },
	{ "DEVICE", "device", CELL_TEXT },
	{ "BOARD",  "board",  CELL_TEXT },
	{ "BUSY",   "busy",   CELL_TEXT },
	END
};
ONE_SECTION(scan, { SECTION_TABLE, NULL, "lines", scan_columns, "No serial adapters under /dev/serial" });

static const struct column probe_facts[] = {
	{ "board",         "name",     CELL_TEXT },
	{ "says it is",    "board",    CELL_TEXT },
	{ "protocol",      "protocol", CELL_TEXT },
	{ "largest frame", "frame",    CELL_SIZE },
	{ "staging area",  "staging",  CELL_SIZE },
	{ "holds",         "build",    CELL_TEXT },
	{ "takes unsigned builds", "takes_unsigned", CELL_TEXT },
	{ "has a key of its own",  "has_key",        CELL_TEXT },
	{ "counter",       "counter",  CELL_TEXT },
	END
};
static const struct section probe_sections[] = {
	{ SECTION_FACTS, NULL, "", probe_facts, NULL },
	{ SECTION_TABLE, "Windows it may write", "windows", ddr_columns, "none" },
	END
};
SECTIONS(probe);

static const struct column key_facts[] = {
	{ "key",        "name",   CELL_TEXT },
	{ "id",         "id",     CELL_TEXT },
	{ "public key", "public", CELL_TEXT },
	{ "signs by",   "kind",   CELL_TEXT },
	END
};
static const struct column signing_key_columns[] = {
	{ "KEY",      "name",   CELL_TEXT },
	{ "ID",       "id",     CELL_TEXT },
	{ "SIGNS BY", "kind",   CELL_TEXT },
	END
};
static const struct column kept_facts[] = {
	{ "board",      "name",  CELL_TEXT },
	{ "says it is", "board", CELL_TEXT },
	END
};
ONE_SECTION(key, { SECTION_FACTS, NULL, "", key_facts, NULL });
ONE_SECTION(key_list, { SECTION_TABLE, NULL, "keys", signing_key_columns, "No keys yet: `mmpctl key new NAME`" });
ONE_SECTION(kept, { SECTION_FACTS, NULL, "", kept_facts, NULL });

static const struct column job_facts[] = {
	{ "job",      "job",          CELL_TEXT },
	{ "state",    "state",        CELL_TEXT },
	{ "build",    "build",        CELL_TEXT },
	{ "board",    "board",        CELL_TEXT },
	{ "started",  "started",      CELL_TEXT },
	{ "ended",    "ended",        CELL_TEXT },
	{ "failed",   "error.message", CELL_TEXT },
	END
};
static const struct column report_facts[] = {
	{ "already live",       "skipped",                CELL_TEXT },
	{ "signed by",          "trust.signed_by",        CELL_TEXT },
	{ "trust",              "trust.words",            CELL_TEXT },
	{ "made live",          "activated",              CELL_TEXT },
	{ "bytes sent",         "bytes_sent",             CELL_TEXT },
	{ "bytes received",     "bytes_received",         CELL_TEXT },
	{ "frames sent again",  "resent",                 CELL_TEXT },
	{ "advice",             "advice",                 CELL_TEXT },
	{ "addresses proved",   "proof.addresses",        CELL_TEXT },
	{ "differences",        "proof.difference_count", CELL_TEXT },
	END
};
static const struct column difference_columns[] = {
	{ "ADDRESS",   "va",       CELL_ADDRESS },
	{ "ACCESS",    "access",   CELL_TEXT },
	{ "OUR WALK",  "expected", CELL_TEXT },
	{ "THE BOARD", "got",      CELL_TEXT },
	END
};
static const struct column sweep_facts[] = {
	{ "platform", "platform", CELL_TEXT },
	{ "first seed", "seeds.first", CELL_TEXT },
	{ "last seed", "seeds.last", CELL_TEXT },
	{ "step", "seeds.step", CELL_TEXT },
	{ "bases computed", "seeds.count", CELL_TEXT },
	{ "a sample", "seeds.sampled", CELL_TEXT },
	{ "bases that stop", "failed", CELL_TEXT },
	{ "verdict", "verdict", CELL_TEXT },
	{ "placed by the first candidate", "candidates.first", CELL_TEXT },
	{ "by the second", "candidates.second", CELL_TEXT },
	{ "by the third", "candidates.third", CELL_TEXT },
	{ "left at the load address", "candidates.load_address", CELL_TEXT },
	{ "tables needed at the most", "xlat_tables.most", CELL_TEXT },
	{ "with seed", "xlat_tables.most_seed", CELL_TEXT },
	{ "tables needed at the least", "xlat_tables.fewest", CELL_TEXT },
	{ "map entries at the most", "map_entries", CELL_TEXT },
	{ "CPU seconds", "cpu_seconds", CELL_TEXT },
	{ NULL, NULL, 0 }
};

static const struct column interval_columns[] = {
	{ "FIRST SEED", "first", CELL_ADDRESS }, { "LAST SEED", "last", CELL_ADDRESS },
	{ "BASES", "count", CELL_TEXT },	 { "FINDING", "id", CELL_TEXT },
	{ "PANIC", "message", CELL_TEXT },	 { "WHERE", "func", CELL_TEXT },
	{ NULL, NULL, 0 }
};

static const struct section job_sections[] = {
	{ SECTION_FACTS, NULL, "", job_facts, NULL },
	{ SECTION_FACTS, "Report", "report", report_facts, NULL },
	{ SECTION_FACTS, "Sweep", "report", sweep_facts, NULL },
	{ SECTION_TABLE, "Seeds that stop the boot", "report.failures", interval_columns, NULL },
	{ SECTION_TABLE, "Seeds that leave the core at its load address", "report.fallbacks", interval_columns, NULL },
	{ SECTION_TABLE, "Where the board differs", "report.proof.differences", difference_columns, NULL },
	END
};
SECTIONS(job);

static const struct column job_columns[] = {
	{ "JOB",     "job",     CELL_TEXT },
	{ "KIND",    "kind",    CELL_TEXT },
	{ "STATE",   "state",   CELL_TEXT },
	{ "BUILD",   "build",   CELL_SHORT },
	{ "BOARD",   "board",   CELL_TEXT },
	{ "STARTED", "started", CELL_TEXT },
	{ "BY",      "user",    CELL_TEXT },
	END
};
ONE_SECTION(job_list, { SECTION_TABLE, NULL, "jobs", job_columns, "No jobs" });

/* --- facts ---------------------------------------------------------------------------- */

static const struct column memtype_columns[] = {
	{ "NUMBER",     "number", CELL_TEXT },
	{ "TYPE",       "name",   CELL_TEXT },
	{ "WORD",       "attr",   CELL_TEXT },
	{ "ATTRIBUTES", "attr",   CELL_ATTR },
	{ "ABOUT",      "about",  CELL_TEXT },
	END
};
ONE_SECTION(memtype, { SECTION_TABLE, NULL, "types", memtype_columns, NULL });

static const struct column rules_columns[] = {
	{ "RULES",    "name",  CELL_TEXT },
	{ "TYPES",    "types", CELL_TEXT },
	{ "ABOUT",    "about", CELL_TEXT },
	{ "ADDS",     "adds",  CELL_LIST },
	{ "DROPS",    "drops", CELL_LIST },
	END
};
ONE_SECTION(rules, { SECTION_TABLE, NULL, "rules", rules_columns, NULL });

static const struct column policy_columns[] = {
	{ "ID",       "id",       CELL_TEXT },
	{ "SEVERITY", "severity", CELL_TEXT },
	{ "STOPS",    "stops",    CELL_TEXT },
	{ "ABOUT",    "about",    CELL_TEXT },
	END
};
ONE_SECTION(policy, { SECTION_TABLE, NULL, "kinds", policy_columns, NULL });
static const struct column explain_policy_columns[] = {
	{ "FINDING",  "id",               CELL_TEXT },
	{ "SEVERITY", "severity",         CELL_TEXT },
	{ "STOPS",    "stops",            CELL_TEXT },
	{ "SAYS",     "firmware.message", CELL_TEXT },
	{ "IN",       "firmware.func",    CELL_TEXT },
	{ "MEANS",    "about",            CELL_TEXT },
	{ "DO",       "fix",              CELL_TEXT },
	END
};
ONE_SECTION(policy_explain, { SECTION_TABLE, NULL, "matches", explain_policy_columns, NULL });

static const struct column descriptor_facts[] = {
	{ "descriptor", "descriptor", CELL_TEXT },
	{ "attributes", "attr",       CELL_TEXT },
	{ "are",        "text",       CELL_TEXT },
	{ "in words",   "sentence",   CELL_TEXT },
	{ "but",        "hint",       CELL_TEXT },
	END
};
static const struct column field_columns[] = {
	{ "FIELD",   "name",    CELL_TEXT },
	{ "LSB",     "lsb",     CELL_TEXT },
	{ "WIDTH",   "width",   CELL_TEXT },
	{ "VALUE",   "value",   CELL_TEXT },
	{ "MEANING", "meaning", CELL_TEXT },
	END
};
static const struct section descriptor_sections[] = {
	{ SECTION_FACTS, NULL, "", descriptor_facts, NULL },
	{ SECTION_TABLE, "Fields", "fields", field_columns, NULL },
	END
};
SECTIONS(descriptor);

static const struct column key_columns[] = {
	{ "KEY",     "name",    CELL_TEXT },
	{ "TYPE",    "type",    CELL_TEXT },
	{ "DEFAULT", "default", CELL_DEFAULT },
	{ "OPTION",  "option",  CELL_TEXT },
	{ "SINCE",   "since",   CELL_TEXT },
	{ "ABOUT",   "about",   CELL_TEXT },
	END
};
ONE_SECTION(keys, { SECTION_TABLE, NULL, "", key_columns, NULL });

static const struct column service_facts[] = {
	{ "version",   "version", CELL_TEXT },
	{ "schema",    "schema",  CELL_TEXT },
	{ "up for",    "uptime",  CELL_SECONDS },
	{ "rule sets", "rules",   CELL_LIST },
	END
};
static const struct column limit_columns[] = {
	{ "LIMIT", "name",  CELL_TEXT },
	{ "VALUE", "value", CELL_TEXT },
	{ "UNIT",  "unit",  CELL_TEXT },
	{ "ABOUT", "about", CELL_TEXT },
	END
};
static const struct section service_sections[] = {
	{ SECTION_FACTS, NULL, "", service_facts, NULL },
	{ SECTION_TABLE, "Limits", "limits", limit_columns, NULL },
	END
};
SECTIONS(service);

static const struct column backup_facts[] = {
	{ "backup", "path",  CELL_TEXT },
	{ "bytes",  "bytes", CELL_SIZE },
	END
};
ONE_SECTION(backup, { SECTION_FACTS, NULL, "", backup_facts, NULL });

static const struct column whoami_facts[] = {
	{ "user",   "user",   CELL_TEXT },
	{ "uid",    "uid",    CELL_TEXT },
	{ "roles",  "roles",  CELL_LIST },
	END
};
ONE_SECTION(whoami, { SECTION_FACTS, NULL, "", whoami_facts, NULL });

static const struct column reload_facts[] = {
	{ "settings", "path", CELL_TEXT },
	END
};
ONE_SECTION(reload, { SECTION_FACTS, NULL, "", reload_facts, NULL });

static const struct column status_facts[] = {
	{ "version",      "version",              CELL_TEXT },
	{ "uptime",       "uptime",               CELL_SECONDS },
	{ "database",     "database.path",        CELL_TEXT },
	{ "clients",      "clients",              CELL_TEXT },
	{ "jobs running", "jobs",                 CELL_TEXT },
	{ "waiting for a thread",   "queues.workers", CELL_TEXT },
	{ "waiting for the database", "queues.store", CELL_TEXT },
	{ "memory of requests and answers", "memory.bytes", CELL_SIZE },
	{ "of at most",   "memory.limit",         CELL_SIZE },
	{ "layouts remembered", "memory.answers", CELL_SIZE },
	END
};
static const struct column status_methods[] = {
	{ "METHOD",  "method",  CELL_TEXT },
	{ "CALLS",   "calls",   CELL_TEXT },
	{ "FAILED",  "failed",  CELL_TEXT },
	{ "MEAN MS", "mean_ms", CELL_TEXT },
	END
};
static const struct section status_sections[] = {
	{ SECTION_FACTS, NULL, "", status_facts, NULL },
	{ SECTION_TABLE, NULL, "methods", status_methods, NULL },
	{ SECTION_END, NULL, NULL, NULL, NULL },
};
const struct view status_view = { status_sections };

static const struct column metrics_facts[] = {
	{ "", "text", CELL_TEXT },
	END
};
ONE_SECTION(metrics, { SECTION_FACTS, NULL, "", metrics_facts, NULL });

static const struct column method_columns[] = {
	{ "METHOD", "name",    CELL_TEXT },
	{ "ABOUT",  "summary", CELL_TEXT },
	END
};
ONE_SECTION(discover, { SECTION_TABLE, NULL, "methods", method_columns, NULL });

/* clang-format on */
