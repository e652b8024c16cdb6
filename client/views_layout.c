/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of layouts and budgets. */
#include "view_rows.h"

/* clang-format off */

static const struct column map_columns[] = {
	{ "TYPE",       "type",                    CELL_TEXT },
	{ "VA FROM",    "va",                      CELL_ADDRESS },
	{ "VA TO",      "va",                      CELL_LAST },
	{ "PA",         "pa",                      CELL_ADDRESS },
	{ "SIZE",       "size",                    CELL_SIZE },
	{ "BLOCKS",     "region_size|granularity", CELL_SIZE },
	{ "ATTRIBUTES", "text",                    CELL_TEXT },
	END
};
const struct column view_register_facts[] = {
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
	{ "base level",                 "base_level",       CELL_TEXT },
	{ "translation tables used",    "xlat_tables_used", CELL_TEXT },
	{ "translation tables at most", "max_xlat_tables",  CELL_TEXT },
	{ "user space at L1 index",     "user_va_idx",      CELL_TEXT },
	{ "verdict",                    "verdict",          CELL_TEXT },
	{ "stops at",                   "stops_at.stage",   CELL_TEXT },
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
const struct column view_range_columns[] = {
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
	{ SECTION_FACTS, "Registers", "registers", view_register_facts, NULL },
	{ SECTION_FACTS, "Budget", "", budget_facts, NULL },
	{ SECTION_TABLE, "Non-secure DDR", "nsec_ddr", view_range_columns, "none" },
	{ SECTION_FACTS, "The firmware stops when it discovers the non-secure DDR", "nsec_ddr_error", stop_facts, NULL },
	END
};
SECTIONS(layout);

static const struct column budget_verdict_facts[] = {
	{ "enough tables, map entries and VA windows", "enough",  CELL_TEXT },
	{ "verdict",                                   "verdict", CELL_TEXT },
	END
};
static const struct column budget_table_facts[] = {
	{ "needed at boot",                        "tables.needed",             CELL_TEXT },
	{ "at most",                               "tables.limit",              CELL_TEXT },
	{ "spare",                                 "tables.spare",              CELL_TEXT },
	{ "missing",                               "tables.short",              CELL_TEXT },
	{ "limited by",                            "tables.limited_by",         CELL_TEXT },
	{ "boot memory needed, including the map", "tables.boot_memory.needed", CELL_SIZE },
	{ "boot memory available",                 "tables.boot_memory.limit",  CELL_SIZE },
	{ "base tables",                           "tables.base",               CELL_TEXT },
	{ "ASLR",                                  "aslr.advice",               CELL_TEXT },
	END
};
static const struct column budget_map_facts[] = {
	{ "needed at boot",           "needed",        CELL_TEXT },
	{ "at most",                  "limit",         CELL_TEXT },
	{ "spare",                    "spare",         CELL_TEXT },
	{ "missing",                  "short",         CELL_TEXT },
	{ "mmap_regions",             "mmap_regions",  CELL_TEXT },
	{ "registrations in the map", "registrations", CELL_TEXT },
	{ "registrations merged",     "merged",        CELL_TEXT },
	END
};
static const struct column budget_region_columns[] = {
	{ "#",                "region",        CELL_TEXT },
	{ "TYPE",             "type",          CELL_TEXT },
	{ "VA FROM",          "va",            CELL_ADDRESS },
	{ "VA TO",            "va",            CELL_LAST },
	{ "SIZE",             "size",          CELL_SIZE },
	{ "MADE OF",          "registrations", CELL_LENGTH },
	{ "TABLES",           "made",          CELL_TEXT },
	{ "SHARED",           "shared",        CELL_TEXT },
	{ "DESCRIPTORS",      "descriptors",   CELL_TEXT },
	{ "SAVED WITHOUT IT", "saves",         CELL_TEXT },
	END
};
static const struct column budget_made_columns[] = {
	{ "TABLE",      "table",   CELL_TEXT },
	{ "LEVEL",      "level",   CELL_TEXT },
	{ "VA FROM",    "va",      CELL_ADDRESS },
	{ "VA TO",      "va",      CELL_LAST },
	{ "MADE FOR #", "region",  CELL_TEXT },
	{ "TYPE",       "type",    CELL_TEXT },
	{ "USED BY",    "regions", CELL_LENGTH },
	{ "WHY",        "why",     CELL_TEXT },
	END
};
static const struct column budget_shm_facts[] = {
	{ "size asked for",                 "bytes",               CELL_SIZE },
	{ "window at",                      "window.va",           CELL_ADDRESS },
	{ "window size",                    "window.size",         CELL_SIZE },
	{ "fits the window",                "fits",                CELL_TEXT },
	{ "its tables come from",           "from",                CELL_TEXT },
	{ "tables to map it at once",       "at_once.tables",      CELL_TEXT },
	{ "enough tables for that",         "at_once.enough",      CELL_TEXT },
	{ "tables if it is scattered",      "scattered.tables",    CELL_TEXT },
	{ "enough tables for it scattered", "scattered.enough",    CELL_TEXT },
	{ "tables for the whole window",    "whole_window.tables", CELL_TEXT },
	END
};
static const struct column budget_late_facts[] = {
	{ "window at",                      "window.va",   CELL_ADDRESS },
	{ "window size",                    "window.size", CELL_SIZE },
	{ "unit",                           "granule",     CELL_SIZE },
	{ "units in the window",            "granules",    CELL_TEXT },
	{ "largest mapping",                "largest",     CELL_SIZE },
	{ "mappings that find a map entry", "entries",     CELL_TEXT },
	END
};
static const struct column budget_application_facts[] = {
	{ "memory left", "bytes", CELL_SIZE },
	END
};
static const struct column budget_limit_facts[] = {
	{ "to boot",                      "boot",              CELL_TEXT },
	{ "to map the shared memory too", "with_shm",          CELL_TEXT },
	{ "to fill the window too",       "with_whole_window", CELL_TEXT },
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
	{ SECTION_FACTS, "Secure memory for trusted applications", "applications", budget_application_facts, NULL },
	{ SECTION_TABLE, "Ranges left for trusted applications", "applications.ranges", view_range_columns, "nothing is left" },
	{ SECTION_FACTS, "Smallest max_xlat_tables", "max_xlat_tables", budget_limit_facts, NULL },
	{ SECTION_TABLE, "What would save tables or map entries", "suggestions", suggestion_columns, "none of the changes that mmp tried" },
	{ SECTION_FACTS, "Not computed", "left_out", left_out_facts, NULL },
	END
};
SECTIONS(budget);

/* clang-format on */
