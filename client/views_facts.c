/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of rule sets, descriptors and the service. */
#include "view_rows.h"

/* clang-format off */

static const struct column memtype_columns[] = {
	{ "NUMBER",     "number", CELL_TEXT },
	{ "TYPE",       "name",   CELL_TEXT },
	{ "WORD",       "attr",   CELL_TEXT },
	{ "ATTRIBUTES", "text",   CELL_TEXT },
	{ "ABOUT",      "about",  CELL_TEXT },
	END
};
ONE_SECTION(memtype, { SECTION_TABLE, NULL, "types", memtype_columns, NULL });

static const struct column rules_columns[] = {
	{ "RULES", "name",  CELL_TEXT },
	{ "TYPES", "types", CELL_TEXT },
	{ "ABOUT", "about", CELL_TEXT },
	{ "ADDS",  "adds",  CELL_LIST },
	{ "DROPS", "drops", CELL_LIST },
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
	{ "FINDING",       "id",               CELL_TEXT },
	{ "SEVERITY",      "severity",         CELL_TEXT },
	{ "STOPS",         "stops",            CELL_TEXT },
	{ "FIRMWARE SAYS", "firmware.message", CELL_TEXT },
	{ "FUNCTION",      "firmware.func",    CELL_TEXT },
	{ "MEANING",       "about",            CELL_TEXT },
	{ "FIX",           "fix",              CELL_TEXT },
	END
};
ONE_SECTION(policy_explain, { SECTION_TABLE, NULL, "matches", explain_policy_columns, NULL });

static const struct column descriptor_facts[] = {
	{ "descriptor",     "descriptor", CELL_TEXT },
	{ "attribute word", "attr",       CELL_TEXT },
	{ "attributes",     "text",       CELL_TEXT },
	{ "in words",       "sentence",   CELL_TEXT },
	{ "note",           "hint",       CELL_TEXT },
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
	{ "version",     "version", CELL_TEXT },
	{ "schema",      "schema",  CELL_TEXT },
	{ "running for", "uptime",  CELL_SECONDS },
	{ "rule sets",   "rules",   CELL_LIST },
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
	{ "bytes",  "bytes", CELL_BYTES },
	END
};
ONE_SECTION(backup, { SECTION_FACTS, NULL, "", backup_facts, NULL });

static const struct column whoami_facts[] = {
	{ "user",  "user",  CELL_TEXT },
	{ "uid",   "uid",   CELL_TEXT },
	{ "roles", "roles", CELL_LIST },
	END
};
ONE_SECTION(whoami, { SECTION_FACTS, NULL, "", whoami_facts, NULL });

static const struct column reload_facts[] = {
	{ "settings", "path", CELL_TEXT },
	END
};
ONE_SECTION(reload, { SECTION_FACTS, NULL, "", reload_facts, NULL });

static const struct column status_facts[] = {
	{ "version",                        "version",           CELL_TEXT },
	{ "running for",                    "uptime",            CELL_SECONDS },
	{ "host",                           "host",              CELL_TEXT },
	{ "database",                       "database.path",     CELL_TEXT },
	{ "database out of reach",          "database.away",     CELL_TEXT },
	{ "rows changed since the start",   "database.changes",  CELL_TEXT },
	{ "clients connected",              "clients.connected", CELL_TEXT },
	{ "clients at most",                "clients.limit",     CELL_TEXT },
	{ "jobs running",                   "jobs.running",      CELL_TEXT },
	{ "jobs running at most",           "jobs.limit",        CELL_TEXT },
	{ "calls waiting for the database", "queues.store",      CELL_TEXT },
	{ "tasks waiting for a thread",     "queues.workers",    CELL_TEXT },
	{ "memory of requests and answers", "memory.bytes",      CELL_BYTES },
	{ "memory at most",                 "memory.limit",      CELL_BYTES },
	{ "memory of one user at most",     "memory.user_limit", CELL_BYTES },
	{ "memory of remembered layouts",   "memory.answers",    CELL_BYTES },
	{ "old jobs deleted",               "forgotten.jobs",    CELL_TEXT },
	{ "old rows of history deleted",    "forgotten.history", CELL_TEXT },
	{ "unused builds deleted",          "forgotten.builds",  CELL_TEXT },
	END
};
static const struct column status_users[] = {
	{ "UID",    "uid",   CELL_TEXT },
	{ "MEMORY", "bytes", CELL_BYTES },
	END
};
static const struct column status_lines[] = {
	{ "BOARD",         "board",         CELL_TEXT },
	{ "SESSIONS",      "sessions",      CELL_TEXT },
	{ "FAILED",        "failed",        CELL_TEXT },
	{ "FRAMES",        "frames",        CELL_TEXT },
	{ "RESENT",        "resent",        CELL_TEXT },
	{ "BROKEN",        "broken",        CELL_TEXT },
	{ "ROUND TRIP MS", "round_trip_ms", CELL_TEXT },
	END
};
static const struct column status_methods[] = {
	{ "METHOD",        "method",   CELL_TEXT },
	{ "CALLS",         "calls",    CELL_TEXT },
	{ "FAILED",        "failed",   CELL_TEXT },
	{ "MEDIAN MS",     "p50_ms",   CELL_TEXT },
	{ "99 % BELOW MS", "p99_ms",   CELL_TEXT },
	{ "WORST MS",      "worst_ms", CELL_TEXT },
	END
};
static const struct section status_sections[] = {
	{ SECTION_FACTS, NULL, "", status_facts, NULL },
	{ SECTION_TABLE, "Memory by user", "memory.users", status_users, NULL },
	{ SECTION_TABLE, "Lines to boards", "lines", status_lines, "No session with a board yet" },
	{ SECTION_TABLE, "Calls", "methods", status_methods, NULL },
	{ SECTION_END, NULL, NULL, NULL, NULL },
};
const struct view status_view = { status_sections };

ONE_SECTION(metrics, { SECTION_LINES, NULL, "text", NULL, NULL });

static const struct column method_columns[] = {
	{ "METHOD", "name",    CELL_TEXT },
	{ "ABOUT",  "summary", CELL_TEXT },
	END
};
ONE_SECTION(discover, { SECTION_TABLE, NULL, "methods", method_columns, NULL });

/* clang-format on */
