/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of builds, walks and comparisons. */
#include "view_rows.h"

/* clang-format off */

#define BUILD_FACTS \
	{ "build",          "id",                                   CELL_TEXT }, \
	{ "platform",       "manifest.platform.name",               CELL_TEXT }, \
	{ "rules",          "manifest.rules",                       CELL_TEXT }, \
	{ "pool at",        "manifest.pool.pa",                     CELL_ADDRESS }, \
	{ "pool size",      "manifest.pool.size",                   CELL_SIZE }, \
	{ "pool used",      "manifest.length",                      CELL_SIZE }, \
	{ "base tables at", "manifest.placement.base_tables_pa",    CELL_ADDRESS }, \
	{ "user tables at", "manifest.placement.user_l2_tables_pa", CELL_ADDRESS }, \
	{ "tables at",      "manifest.placement.xlat_tables_pa",    CELL_ADDRESS }, \
	{ "tables",         "manifest.tables",                      CELL_LENGTH }
static const struct column build_facts[] = {
	BUILD_FACTS,
	{ "made",           "time",                                 CELL_TEXT },
	{ "by",             "user",                                 CELL_TEXT },
	END
};
static const struct column created_facts[] = {
	BUILD_FACTS,
	{ "verdict",        "verdict",                              CELL_TEXT },
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
static const struct column accepted_columns[] = {
	{ "FINDING", "id",          CELL_TEXT },
	{ "BY",      "accepted_by", CELL_TEXT },
	{ "MESSAGE", "message",     CELL_TEXT },
	END
};
static const struct section build_created_sections[] = {
	{ SECTION_FACTS, NULL, "", created_facts, NULL },
	{ SECTION_TABLE, "Accepted findings", "accepted_findings", accepted_columns, NULL },
	END
};
SECTIONS(build_created);
static const struct section build_sections[] = {
	{ SECTION_FACTS, NULL, "", build_facts, NULL },
	{ SECTION_FACTS, "Registers", "manifest.registers", view_register_facts, NULL },
	{ SECTION_TABLE, "Tables", "manifest.tables", build_table_columns, NULL },
	{ SECTION_TABLE, "Accepted findings", "accepted_findings", accepted_columns, NULL },
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
	{ "va",         "va",     CELL_ADDRESS },
	{ "pa",         "pa",     CELL_ADDRESS },
	{ "attributes", "text",   CELL_TEXT },
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
	{ "build",                                 "id",          CELL_TEXT },
	{ "the same",                              "same",        CELL_TEXT },
	{ "descriptors compared",                  "compared",    CELL_TEXT },
	{ "descriptors that differ",               "differing",   CELL_TEXT },
	{ "changed by the firmware since boot",    "later",       CELL_TEXT },
	{ "the dump",                              "blank",       CELL_TEXT },
	{ "not in the dump",                       "not_covered", CELL_TEXT },
	END
};
static const struct column alarm_columns[] = {
	{ "ALARM",   "id",    CELL_TEXT },
	{ "ENTRIES", "count", CELL_TEXT },
	{ "WHAT",    "about", CELL_TEXT },
	END
};
static const struct column compare_columns[] = {
	{ "TABLE",               "table.id",            CELL_TEXT },
	{ "LEVEL",               "table.level",         CELL_TEXT },
	{ "ENTRY",               "index",               CELL_TEXT },
	{ "COUNT",               "count",               CELL_TEXT },
	{ "VA FROM",             "va",                  CELL_ADDRESS },
	{ "VA TO",               "va",                  CELL_LAST },
	{ "REGION",              "region.type",         CELL_TEXT },
	{ "EXPECTED",            "expected.descriptor", CELL_TEXT },
	{ "FOUND",               "found.descriptor",    CELL_TEXT },
	{ "change",              "changes",             CELL_NOTE },
	{ "alarms",              "alarms",              CELL_NOTE },
	{ "changed by the firmware", "later",               CELL_NOTE },
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

/* clang-format on */
