/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of platforms, their regions, and what an import finds. */
#include "view_rows.h"

/* clang-format off */

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
	{ SECTION_CONFIG, "Config, without defaults; --json has all keys", "document", NULL, NULL },
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

/* clang-format on */
