/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of boards, pushes and jobs. */
#include "view_rows.h"

/* clang-format off */

static const struct column board_columns[] = {
	{ "BOARD",         "name",             CELL_TEXT },
	{ "LINE",          "line",             CELL_TEXT },
	{ "HOST",          "host",             CELL_TEXT },
	{ "AWAY",          "away",             CELL_TEXT },
	{ "LIVE",          "build",            CELL_SHORT },
	{ "POSSIBLY LIVE", "maybe",            CELL_SHORT },
	{ "PLATFORM",      "holding.platform", CELL_TEXT },
	{ "REVISION",      "holding.revision", CELL_TEXT },
	{ "SINCE",         "holding.since",    CELL_TEXT },
	{ "BY",            "holding.by",       CELL_TEXT },
	{ "PROOF",         "holding.proof",    CELL_TEXT },
	{ "LAST SEEN",     "seen",             CELL_TEXT },
	END
};
static const struct column board_facts[] = {
	{ "board",               "name",             CELL_TEXT },
	{ "line",                "line",             CELL_TEXT },
	{ "host",                "host",             CELL_TEXT },
	{ "host is away",        "away",             CELL_TEXT },
	{ "id of the board",     "identity",         CELL_TEXT },
	{ "live build",          "build",            CELL_TEXT },
	{ "possibly live build", "maybe",            CELL_TEXT },
	{ "platform",            "holding.platform", CELL_TEXT },
	{ "revision",            "holding.revision", CELL_TEXT },
	{ "since",               "holding.since",    CELL_TEXT },
	{ "pushed by",           "holding.by",       CELL_TEXT },
	{ "proof",               "holding.proof",    CELL_TEXT },
	{ "last seen",           "seen",             CELL_TEXT },
	{ "patience in ms",      "patience_ms",      CELL_TEXT },
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
	{ "board",                 "name",           CELL_TEXT },
	{ "id of the board",       "board",          CELL_TEXT },
	{ "protocol",              "protocol",       CELL_TEXT },
	{ "largest frame",         "frame",          CELL_SIZE },
	{ "staging area",          "staging",        CELL_SIZE },
	{ "live build",            "build",          CELL_TEXT },
	{ "takes unsigned builds", "takes_unsigned", CELL_TEXT },
	{ "has its own key",       "has_key",        CELL_TEXT },
	{ "counter",               "counter",        CELL_TEXT },
	END
};
static const struct section probe_sections[] = {
	{ SECTION_FACTS, NULL, "", probe_facts, NULL },
	{ SECTION_TABLE, "Windows it may write", "windows", view_range_columns, "none" },
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
	{ "KEY",      "name", CELL_TEXT },
	{ "ID",       "id",   CELL_TEXT },
	{ "SIGNS BY", "kind", CELL_TEXT },
	END
};
static const struct column replay_facts[] = {
	{ "host side",                 "host.goes",      CELL_TEXT },
	{ "because",                   "host.why",       CELL_TEXT },
	{ "board side",                "board.goes",     CELL_TEXT },
	{ "answers that match",        "board.same",     CELL_TEXT },
	{ "answers that differ",       "board.differ",   CELL_TEXT },
	{ "answers left out",          "board.left_out", CELL_TEXT },
	{ "because",                   "board.why",      CELL_TEXT },
	END
};
static const struct column kept_facts[] = {
	{ "board",           "name",  CELL_TEXT },
	{ "id of the board", "board", CELL_TEXT },
	END
};
ONE_SECTION(key, { SECTION_FACTS, NULL, "", key_facts, NULL });
ONE_SECTION(key_list, { SECTION_TABLE, NULL, "keys", signing_key_columns, "No keys yet: `mmpctl key new NAME`" });
ONE_SECTION(replay, { SECTION_FACTS, NULL, "", replay_facts, NULL });
ONE_SECTION(kept, { SECTION_FACTS, NULL, "", kept_facts, NULL });

static const struct column job_facts[] = {
	{ "job",     "job",           CELL_TEXT },
	{ "state",   "state",         CELL_TEXT },
	{ "build",   "build",         CELL_TEXT },
	{ "board",   "board",         CELL_TEXT },
	{ "host",    "host",          CELL_TEXT },
	{ "started", "started",       CELL_TEXT },
	{ "ended",   "ended",         CELL_TEXT },
	{ "failed",  "error.message", CELL_TEXT },
	END
};
static const struct column report_facts[] = {
	{ "already live",      "skipped",                CELL_TEXT },
	{ "signed by",         "trust.signed_by",        CELL_TEXT },
	{ "trust",             "trust.words",            CELL_TEXT },
	{ "made live",         "activated",              CELL_TEXT },
	{ "tables",            "pages.all",              CELL_TEXT },
	{ "tables unchanged",  "pages.kept",             CELL_TEXT },
	{ "bytes sent",        "bytes_sent",             CELL_TEXT },
	{ "bytes received",    "bytes_received",         CELL_TEXT },
	{ "frames sent again", "resent",                 CELL_TEXT },
	{ "advice",            "advice",                 CELL_TEXT },
	{ "addresses proved",  "proof.addresses",        CELL_TEXT },
	{ "differences",       "proof.difference_count", CELL_TEXT },
	{ "tables read back",  "rights.memory.proof",    CELL_TEXT },
	END
};
static const struct column right_columns[] = {
	{ "WHO",                        "who",     CELL_TEXT },
	{ "RIGHT",                      "right",   CELL_TEXT },
	{ "PROOF",                      "proof",   CELL_TEXT },
	{ "ALLOWED",                    "allowed", CELL_TEXT },
	{ "DENIED",                     "denied",  CELL_TEXT },
	{ "DIFFER",                     "differ",  CELL_TEXT },
	{ "NOT PROVABLE HERE, AND WHY", "why",     CELL_TEXT },
	END
};
static const struct column region_right_columns[] = {
	{ "REGION",           "type",        CELL_TEXT },
	{ "ADDRESS",          "va",          CELL_ADDRESS },
	{ "EL1",              "el1",         CELL_TEXT },
	{ "EL0",              "el0",         CELL_TEXT },
	{ "EXECUTION BY EL1", "execute_el1", CELL_TEXT },
	{ "BY EL0",           "execute_el0", CELL_TEXT },
	END
};
static const struct column run_columns[] = {
	{ "ADDRESS",   "va",       CELL_ADDRESS },
	{ "EL",        "level",    CELL_TEXT },
	{ "OUR WALK",  "expected", CELL_TEXT },
	{ "THE BOARD", "got",      CELL_TEXT },
	{ "ESR_EL1",   "esr",      CELL_TEXT },
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
	{ "platform",                      "platform",                CELL_TEXT },
	{ "first seed",                    "seeds.first",             CELL_TEXT },
	{ "last seed",                     "seeds.last",              CELL_TEXT },
	{ "step",                          "seeds.step",              CELL_TEXT },
	{ "bases computed",                "seeds.count",             CELL_TEXT },
	{ "only a sample",                 "seeds.sampled",           CELL_TEXT },
	{ "bases that stop",               "failed",                  CELL_TEXT },
	{ "verdict",                       "verdict",                 CELL_TEXT },
	{ "placed by the first candidate", "candidates.first",        CELL_TEXT },
	{ "placed by the second",          "candidates.second",       CELL_TEXT },
	{ "placed by the third",           "candidates.third",        CELL_TEXT },
	{ "left at the load address",      "candidates.load_address", CELL_TEXT },
	{ "most tables needed",            "xlat_tables.most",        CELL_TEXT },
	{ "most tables with seed",         "xlat_tables.most_seed",   CELL_TEXT },
	{ "fewest tables needed",          "xlat_tables.fewest",      CELL_TEXT },
	{ "most map entries",              "map_entries",             CELL_TEXT },
	{ "CPU seconds",                   "cpu_seconds",             CELL_TEXT },
	{ NULL, NULL, 0 }
};

static const struct column interval_columns[] = {
	{ "FIRST SEED", "first",   CELL_ADDRESS }, { "LAST SEED", "last", CELL_ADDRESS },
	{ "BASES",      "count",   CELL_TEXT },	 { "FINDING", "id", CELL_TEXT },
	{ "PANIC",      "message", CELL_TEXT },	 { "WHERE", "func", CELL_TEXT },
	{ NULL, NULL, 0 }
};

static const struct section job_sections[] = {
	{ SECTION_FACTS, NULL, "", job_facts, NULL },
	{ SECTION_FACTS, "Report", "report", report_facts, NULL },
	{ SECTION_FACTS, "Sweep", "report", sweep_facts, NULL },
	{ SECTION_TABLE, "Seeds that stop the boot", "report.failures", interval_columns, NULL },
	{ SECTION_TABLE, "Seeds that leave the core at its load address", "report.fallbacks", interval_columns, NULL },
	{ SECTION_TABLE, "Rights", "report.rights.table", right_columns, NULL },
	{ SECTION_TABLE, "Rights by region", "report.rights.regions", region_right_columns, NULL },
	{ SECTION_TABLE, "Where the board differs", "report.proof.differences", difference_columns, NULL },
	{ SECTION_TABLE, "Instructions that ran differently than expected", "report.rights.differences", run_columns, NULL },
	END
};
SECTIONS(job);

static const struct column job_columns[] = {
	{ "JOB",     "job",     CELL_TEXT },
	{ "KIND",    "kind",    CELL_TEXT },
	{ "STATE",   "state",   CELL_TEXT },
	{ "BUILD",   "build",   CELL_SHORT },
	{ "BOARD",   "board",   CELL_TEXT },
	{ "HOST",    "host",    CELL_TEXT },
	{ "STARTED", "started", CELL_TEXT },
	{ "BY",      "user",    CELL_TEXT },
	END
};
ONE_SECTION(job_list, { SECTION_TABLE, NULL, "jobs", job_columns, "No jobs" });

/* clang-format on */
