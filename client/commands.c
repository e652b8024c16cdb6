/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include "base/socket.h"
#include "runs.h"
#include "views.h"

/* clang-format off */

#define SOCKET_ABOUT "path of mmpd's socket; else MMPD_SOCKET, else " MMP_SOCKET_SYSTEM ", else $XDG_RUNTIME_DIR/" MMP_SOCKET_PERSON
#define END { 0 }

const struct arg globals[] = {
	{ "--socket",  "socket",  WORD_LOCAL,  false, "PATH",    SOCKET_ABOUT, NULL },
	{ "--local",   "local",   WORD_SWITCH, false, NULL,      "start an mmpd with an empty database for this one command", NULL },
	{ "--timeout", "timeout", WORD_LOCAL,  false, "SECONDS", "longest wait for an answer; by default 60, without limit for push, sweep and watch", NULL },
	{ "--json",    "json",    WORD_SWITCH, false, NULL,      "one JSON value on stdout and nothing else, errors too", NULL },
	{ "--version", "version", WORD_SWITCH, false, NULL,      "print the version and exit", NULL },
	{ "--help",    "help",    WORD_SWITCH, false, NULL,      "show help for the given command", NULL },
	END
};

/*
 * Words that several commands share. Columns: as written, parameter, kind, required,
 * value, about, fallback.
 */
#define IF_REVISION \
	{ "--if-revision", "if_revision", WORD_COUNT, false, "N", NULL, NULL }
#define MESSAGE \
	{ "--message", "message", WORD_TEXT, false, "TEXT", NULL, NULL }
#define RULES \
	{ "--rules", "rules", WORD_TEXT, false, "RULES", NULL, NULL }
#define CONFIG \
	{ "--config", "config", WORD_CONFIG, false, "KEY=VALUE", "a config key, as listed by `mmpctl config keys`; may be repeated", NULL }
#define FORMAT \
	{ "--format", "format", WORD_TEXT, false, "FORMAT", NULL, NULL }
#define LEVEL \
	{ "--level", "level", WORD_COUNT, false, "N", NULL, NULL }

#define LIMIT \
	{ "--limit", "limit", WORD_COUNT, false, "N", NULL, NULL }

static const struct arg list_words[] = { LIMIT, END };

static const struct arg memtype_words[] = { RULES, CONFIG, END };

static const struct arg policy_words[] = { RULES, END };

static const struct arg keys_words[] = {
	{ "--rules", "rules", WORD_TEXT, false, "RULES", "rule set; by default the newest of the first firmware", NULL },
	END
};

static const struct arg explain_policy_words[] = {
	{ "WORDS", "words", WORD_TEXT, true, NULL, NULL, NULL },
	{ "--rules", "rules", WORD_TEXT, false, "RULES", NULL, NULL },
	END
};

static const struct arg encode_words[] = {
	{ "--type",  "type", WORD_TEXT,    false, "TYPE",    NULL, NULL },
	{ "--attr",  "attr", WORD_ADDRESS, false, "WORD",    NULL, NULL },
	{ "--pa",    "pa",   WORD_ADDRESS, false, "ADDRESS", NULL, "0" },
	LEVEL, FORMAT, RULES, CONFIG, END
};

static const struct arg decode_words[] = {
	{ "DESCRIPTOR", "descriptor", WORD_ADDRESS, true, NULL, NULL, NULL },
	LEVEL, FORMAT, RULES, CONFIG, END
};

static const struct arg put_words[] = {
	{ "FILE", "document", WORD_DOCUMENT, true, NULL, "platform document or recorded vector; - is stdin", NULL },
	MESSAGE,
	IF_REVISION, END
};

#define PLATFORM \
	{ "PLATFORM", "platform", WORD_TEXT, true, NULL, NULL, NULL }
#define PLATFORM_NAME \
	{ "PLATFORM", "name", WORD_TEXT, true, NULL, NULL, NULL }
#define REVISION \
	{ "--revision", "revision", WORD_COUNT, false, "N", NULL, NULL }

static const struct arg import_words[] = {
	{ "INPUT", "inputs", WORD_EACH, true, NULL, "build folder, linked image (tee.elf), conf.mk, device tree blob, boot log or platform document; - is stdin; several inputs are merged", NULL },
	{ "--name", "name", WORD_LOCAL, false, "NAME", "name of the platform; by default the name in the build", NULL },
	{ "--rules", "rules", WORD_LOCAL, false, "RULES", "rule set; by default the release of the inputs", NULL },
	{ "--cpu", "cpu", WORD_LOCAL, false, "CORE", "core that it runs on, such as cortex-a57: mmp has a table of the properties that no build contains", NULL },
	{ "--into", "into", WORD_LOCAL, false, "PLATFORM", "import into this stored platform again, print what changes, and store it", NULL },
	{ "--put", "put", WORD_SWITCH, false, NULL, "store the platform", NULL },
	{ "--output", "output", WORD_LOCAL, false, "FILE", "write the document to this file; by default to stdout", NULL },
	END
};

static const struct arg platform_words[] = { PLATFORM_NAME, REVISION, END };
static const struct arg platform_revert_words[] = {
	PLATFORM_NAME,
	{ "REVISION", "revision", WORD_COUNT, true, NULL, NULL, NULL },
	MESSAGE, IF_REVISION, END
};
static const struct arg platform_remove_words[] = { PLATFORM_NAME, IF_REVISION, END };
static const struct arg platform_history_words[] = { PLATFORM_NAME, LIMIT, END };

static const struct arg register_words[] = {
	PLATFORM,
	{ "TYPE",      "type",    WORD_TEXT,    true,  NULL,      "memory type, as `mmpctl memtype list` names it", NULL },
	{ "ADDRESS",   "addr",    WORD_ADDRESS, true,  NULL,      "physical address", NULL },
	{ "SIZE",      "size",    WORD_ADDRESS, true,  NULL,      "bytes: 0x1000, 64K, 2M", NULL },
	{ "--name",    "name",    WORD_TEXT,    false, "NAME",    "name of the range, such as that of the firmware's macro", "" },
	{ "--section", "section", WORD_TEXT,    false, "SECTION", NULL, NULL },
	IF_REVISION, END
};

static const struct arg region_list_words[] = { PLATFORM, REVISION, LIMIT, END };
static const struct arg region_remove_words[] = {
	PLATFORM,
	{ "ORDINAL", "ordinal", WORD_COUNT, true, NULL, NULL, NULL },
	IF_REVISION, END
};

#define COMPUTED \
	{ "PLATFORM", "platform", WORD_PLATFORM, true, NULL, \
	  "name of a platform, or a document or recorded vector: a path with / or .json, or - for stdin", NULL }

static const struct arg compute_words[] = {
	COMPUTED,
	REVISION,
	{ "--rules", "rules", WORD_TEXT, false, "RULES", NULL, NULL },
	{ "--detail", "detail", WORD_TEXT, false, "DETAIL", NULL, "full" },
	END
};

static const struct arg verify_words[] = {
	{ "PLATFORM", "platform", WORD_LOCAL, true, NULL, "name of a platform, or a document: a path with / or .json", NULL },
	{ "LOG", "log", WORD_LOCAL, true, NULL, "log of a boot; - is stdin", NULL },
	END
};

static const struct arg budget_words[] = {
	COMPUTED,
	REVISION,
	{ "--shm", "shm", WORD_ADDRESS, false, "SIZE", "dynamic shared memory that must be mapped at the same time, such as 15M; by default the need of 1M is shown", NULL },
	{ "--detail", "detail", WORD_TEXT, false, "DETAIL", NULL, "full" },
	END
};

static const struct arg sweep_words[] = {
	COMPUTED,
	REVISION,
	{ "--first", "first", WORD_ADDRESS, false, "SEED", NULL, NULL },
	{ "--step", "step", WORD_ADDRESS, false, "STEP", NULL, NULL },
	{ "--count", "count", WORD_COUNT, false, "COUNT", NULL, NULL },
	{ "--no-wait", "no_wait", WORD_SWITCH, false, NULL, "print the job and exit; `mmpctl job watch` follows it", NULL },
	END
};

static const char *const report_forms[] = { "sarif=", "junit=", "markdown=", NULL };
static const struct arg check_words[] = {
	{ "PLATFORM", "platforms", WORD_EACH, true, NULL, "name of a platform, NAME@REVISION, or a document: a path with / or .json, or - for stdin", NULL },
	{ "--against", "against", WORD_PLATFORM, false, "BASE", "the platform that it replaces: findings that BASE does not have are new", NULL },
	{ "--waivers", "waivers", WORD_WAIVERS, false, "FILE", "accepted findings: finding, who and reason are required; registration, region and until are optional", NULL },
	{ "--fail-on", "fail_on", WORD_TEXT, false, "SEVERITY", "error, warning or info: findings of this severity and worse ones fail", "error" },
	{ "--min-spare", "min_spare", WORD_AMOUNTS, false, "NAME=NUMBER,...", "what must stay unused: tables=2,map=1,boot-memory=16K", NULL },
	{ "--no-new", "no_new", WORD_NAMES, false, "FINDING,...", "findings or severities that must not be new, or any; with --against", NULL },
	{ "--today", "today", WORD_TEXT, false, "DATE", NULL, NULL },
	{ "--tree", "tree", WORD_LOCAL, false, "DTB", "device tree blob that Linux boots with: check that Linux does not use secure memory", NULL },
	{ "--report", "reports", WORD_REPORT, false, "FORM=FILE", "also write a report: sarif=FILE, junit=FILE or markdown=FILE", NULL, report_forms },
	END
};

static const struct arg map_words[] = {
	{ "PLATFORM", "platform", WORD_PLATFORM, true, NULL, "name of a platform, NAME@REVISION, a document, or the id of a build", NULL },
	{ "--against", "against", WORD_PLATFORM, false, "BASE", "with --html: an earlier platform; the page has a slider between the two and lists their changes", NULL },
	{ "--html", "html", WORD_LOCAL, false, "FILE", "write a page for a browser: one file with search, tables and every field", NULL },
	{ "--svg", "svg", WORD_LOCAL, false, "FILE", "write only the picture", NULL },
	END
};

static const struct arg explain_words[] = {
	{ "PLATFORM", "platform", WORD_PLATFORM, true, NULL, "name of a platform, NAME@REVISION, a document, or the id of a build", NULL },
	{ "WHAT", "what", WORD_SUBJECT, true, NULL, NULL, NULL },
	END
};

static const struct arg diff_words[] = {
	{ "BEFORE", "before", WORD_SIDE, true, NULL, "name of a platform, NAME@REVISION, a document, the id of a build, or the log of a boot", NULL },
	{ "AFTER", "after", WORD_SIDE, false, NULL, "the other side, in the same forms; optional with --rules", NULL },
	{ "--rules", "rules", WORD_TEXT, false, "RULES", NULL, NULL },
	{ "--fail-on", "fail_on", WORD_NAMES, false, "KIND,...", "fail with such changes: stop, nonsecure, execute, write, widen, moved, any, ...", NULL },
	END
};

static const char *const placements[] = { "firmware", "base=", NULL };
#define PLACEMENT \
	{ "--placement", "placement", WORD_PLACEMENT, false, "PLACE", "firmware: where the firmware puts its tables itself; or base=ADDRESS,xlat=ADDRESS of its pools", NULL, placements }

static const struct arg create_words[] = {
	COMPUTED,
	{ "--pool", "pool", WORD_RANGE, false, "BASE+SIZE", "memory that will hold the tables: 0xe1c4000+64K", NULL },
	PLACEMENT,
	REVISION,
	{ "--accept-findings", "accept_findings", WORD_FLAG_OR_NAMES, false, "[ID,...]", NULL, NULL },
	END
};

#define BUILD \
	{ "BUILD", "id", WORD_TEXT, true, NULL, NULL, NULL }

static const struct arg build_words[] = { BUILD, END };
static const struct arg build_list_words[] = {
	{ "--platform", "platform", WORD_TEXT, false, "PLATFORM", NULL, NULL },
	LIMIT, END
};
static const struct arg export_words[] = {
	{ "BUILD", "id", WORD_TEXT, false, NULL, NULL, NULL },
	{ "--platform", "platform", WORD_PLATFORM, false, "PLATFORM", "instead of a build: name of a platform, or a document or recorded vector", NULL },
	{ "--pool", "pool", WORD_RANGE, false, "BASE+SIZE", "with --platform: memory that holds its tables", NULL },
	PLACEMENT,
	{ "--accept-findings", "accept_findings", WORD_FLAG_OR_NAMES, false, "[ID,...]", NULL, NULL },
	{ "--format", "format", WORD_TEXT,  false, "FORMAT", NULL, "raw" },
	{ "--output", "output", WORD_LOCAL, false, "FILE",   "write to this file; by default to stdout", NULL },
	END
};
static const struct arg compare_words[] = {
	{ "BUILD", "id", WORD_TEXT, false, NULL, NULL, NULL },
	{ "--platform", "platform", WORD_PLATFORM, false, "PLATFORM", "instead of a build: name of a platform, or a document or recorded vector", NULL },
	{ "--pool", "pool", WORD_RANGE, false, "BASE+SIZE", "with --platform: memory that holds its tables", NULL },
	PLACEMENT,
	{ "--address", "dump", WORD_DUMP_ADDRESS, true, "ADDRESS", "address that the bytes of the next --file were read from; both may be repeated", NULL },
	{ "--file", "dump", WORD_DUMP_FILE, true, "FILE", "memory that was read out of the board; - is stdin", NULL },
	END
};
static const struct arg walk_words[] = {
	BUILD,
	{ "VA", "va", WORD_ADDRESS, true, NULL, NULL, NULL },
	END
};

#define BOARD \
	{ "BOARD", "name", WORD_TEXT, true, NULL, NULL, NULL }

static const struct arg board_words[] = { BOARD, END };
static const struct arg board_history_words[] = { BOARD, LIMIT, END };
static const struct arg board_put_words[] = {
	BOARD,
	{ "LINE", "line", WORD_TEXT, true, NULL, NULL, NULL },
	{ "--patience", "patience_ms", WORD_COUNT, false, "MS", NULL, NULL },
	END
};

#define ACCEPT_ID                                                                        \
	{                                                                                \
		"--accept-id", "accept_id", WORD_FLAG, false, NULL,                      \
			"another board answers on its line: accept that one as this board from "   \
			"now on",                                                        \
			NULL                                                             \
	}

static const struct arg probe_words[] = { BOARD, ACCEPT_ID, END };

static const struct arg replay_words[] = {
	{ "FILE", "file", WORD_LOCAL, true, NULL, "a recording, as push --record writes it", NULL },
	END
};

static const struct arg push_words[] = {
	{ "BUILD", "build", WORD_TEXT, false, NULL, "id of a build, or at least its first 8 digits; or the name of a platform, which is built now, where it was built last", NULL },
	{ "BOARD", "board", WORD_TEXT, false, NULL, NULL, NULL },
	{ "--previous", "previous", WORD_SWITCH, false, NULL, "instead of BUILD: the build that was live on the board before", NULL },
	{ "--wait-for-board", "wait_for_board", WORD_SWITCH, false, NULL, "wait until the board answers and nobody else uses it", NULL },
	{ "--pool", "pool", WORD_RANGE, false, "BASE+SIZE", "with a platform: memory that will hold the tables; by default that of its last build", NULL },
	PLACEMENT,
	{ "--idempotency-key", "idempotency_key", WORD_TEXT, false, "KEY", NULL, NULL },
	{ "--force", "force", WORD_FLAG, false, NULL, NULL, NULL },
	{ "--key", "key", WORD_TEXT, false, "KEY", NULL, NULL },
	{ "--record", "record_to", WORD_LOCAL, false, "FILE", "record the line with times to a file, even if the push fails; see replay", NULL },
	ACCEPT_ID,
	{ "--deadline", "deadline_ms", WORD_COUNT, false, "MS", NULL, NULL },
	{ "--no-wait", "no_wait", WORD_SWITCH, false, NULL, "print the job and exit; `mmpctl job watch` follows it", NULL },
	END
};

static const struct arg key_new_words[] = {
	{ "KEY", "name", WORD_TEXT, true, NULL, NULL, NULL },
	{ "--command", "command", WORD_TEXT, false, "COMMAND", NULL, NULL },
	{ "--public", "public", WORD_TEXT, false, "POINT", NULL, NULL },
	END
};
static const struct arg key_words[] = {
	{ "KEY", "key", WORD_TEXT, true, NULL, NULL, NULL },
	{ "BOARD", "board", WORD_TEXT, true, NULL, NULL, NULL },
	END
};
static const struct arg enroll_words[] = {
	{ "BOARD", "board", WORD_TEXT, true, NULL, NULL, NULL },
	{ "--public", "public", WORD_TEXT, false, "POINT", NULL, NULL },
	END
};

static const struct arg job_words[] = {
	{ "JOB", "job", WORD_COUNT, true, NULL, NULL, NULL },
	END
};

static const struct arg job_list_words[] = {
	{ "--board", "board", WORD_TEXT, false, "BOARD", NULL, NULL },
	LIMIT, END
};

static const struct arg backup_words[] = {
	{ "NAME", "name", WORD_TEXT, true, NULL, NULL, NULL },
	END
};

const struct topic topics[] = {
	{ "platform",   "what a firmware was configured with, and its registered regions" },
	{ "region",     "the registrations of a platform, one by one" },
	{ "layout",     "the memory map and the tables that the firmware will make" },
	{ "check",      "the check of a CI pipeline: may this platform be merged?" },
	{ "map",        "a picture of physical and virtual space" },
	{ "explain",    "what an address or a name is in a platform's map, and why" },
	{ "diff",       "what a change of a platform means" },
	{ "build",      "finished tables, kept by their digest" },
	{ "board",      "boards and the lines that lead to them" },
	{ "key",        "keys that sign builds, and boards that trust them" },
	{ "push",       "send a build to a board, make it live, and have the board prove it" },
	{ "replay",     "replay the recording of a push" },
	{ "job",        "pushes and sweeps, running and ended" },
	{ "memtype",    "the memory types of a rule set" },
	{ "descriptor", "one descriptor: bits to meaning and back" },
	{ "policy",     "what mmp looks for in a platform" },
	{ "rules",      "the releases of firmware that mmp knows" },
	{ "config",     "the keys of a platform's config" },
	{ "service",    "the daemon itself" },
	{ "rpc",        "the protocol" },
	{ NULL, NULL }
};

const struct command commands[] = {
	{ "platform", "put", "platform.put", NULL, put_words, &platform_put_view, NULL, NULL },
	{ "platform", "import", NULL, "Make a platform from the files of a build and a board: tee.elf, conf.mk, a device tree, a boot log", import_words, NULL, import_run, import_show },
	{ "platform", "get", "platform.get", NULL, platform_words, &platform_view, NULL, NULL },
	{ "platform", "list", "platform.list", NULL, list_words, &platform_list_view, pages_run, NULL },
	{ "platform", "revert", "platform.revert", NULL, platform_revert_words, &platform_put_view, NULL, NULL },
	{ "platform", "remove", "platform.remove", NULL, platform_remove_words, &removed_view, NULL, NULL },
	{ "platform", "history", "platform.history", NULL, platform_history_words, &history_view, pages_run, NULL },

	{ "region", "register", "region.register", NULL, register_words, &region_view, NULL, NULL },
	{ "region", "list", "region.list", NULL, region_list_words, &region_list_view, pages_run, NULL },
	{ "region", "remove", "region.remove", NULL, region_remove_words, &region_view, NULL, NULL },

	{ "layout", "compute", "layout.compute", NULL, compute_words, &layout_view, NULL, NULL },
	{ "layout", "budget", "layout.budget", NULL, budget_words, &budget_view, budget_run, NULL },
	{ "layout", "verify", NULL, "Compare the map that a board printed at boot with what its platform computes", verify_words, &verify_view, verify_run, NULL },
	{ "layout", "sweep", "layout.sweep", NULL, sweep_words, &job_view, push_run, NULL },

	{ "check", NULL, "layout.check", "Check platforms, with an exit status and reports for CI", check_words, NULL, check_run, check_show },

	{ "map", NULL, "layout.map", "Draw the map: in the terminal, as a page, or as SVG", map_words, NULL, map_run, map_show },
	{ "explain", NULL, "layout.explain", NULL, explain_words, NULL, explain_run, explain_show },
	{ "diff", NULL, "layout.diff", NULL, diff_words, NULL, diff_run, diff_show },

	{ "build", "create", "build.create", NULL, create_words, &build_created_view, NULL, NULL },
	{ "build", "get", "build.get", NULL, build_words, &build_view, NULL, NULL },
	{ "build", "list", "build.list", NULL, build_list_words, &build_list_view, pages_run, NULL },
	{ "build", "export", "build.export", NULL, export_words, NULL, NULL, export_show },
	{ "build", "remove", "build.remove", NULL, build_words, &removed_view, NULL, NULL },
	{ "build", "walk", "build.walk", NULL, walk_words, &walk_view, NULL, NULL },
	{ "build", "compare", "build.compare", NULL, compare_words, &compare_view, compare_run, NULL },

	{ "board", "put", "board.put", NULL, board_put_words, &board_view, NULL, NULL },
	{ "board", "get", "board.get", NULL, board_words, &board_view, NULL, NULL },
	{ "board", "history", "board.history", NULL, board_history_words, &board_history_view, NULL, NULL },
	{ "board", "list", "board.list", NULL, list_words, &board_list_view, pages_run, NULL },
	{ "board", "scan", "board.scan", NULL, NULL, &scan_view, NULL, NULL },
	{ "board", "remove", "board.remove", NULL, board_words, &board_removed_view, NULL, NULL },
	{ "board", "probe", "board.probe", NULL, probe_words, &probe_view, NULL, NULL },

	{ "push", NULL, "push.start", "Push a build to a board and wait for the end", push_words, &job_view, push_run, NULL },
	{ "replay", NULL, NULL, "Replay a recorded push with this version's host side and loader", replay_words, &replay_view, replay_run, NULL },

	{ "key", "new", "key.new", NULL, key_new_words, &key_view, NULL, NULL },
	{ "key", "list", "key.list", NULL, NULL, &key_list_view, NULL, NULL },
	{ "key", "trust", "key.trust", NULL, key_words, &kept_view, NULL, NULL },
	{ "key", "revoke", "key.revoke", NULL, key_words, &kept_view, NULL, NULL },
	{ "key", "enroll", "key.enroll", NULL, enroll_words, &kept_view, NULL, NULL },

	{ "job", "get", "job.get", NULL, job_words, &job_view, NULL, NULL },
	{ "job", "list", "job.list", NULL, job_list_words, &job_list_view, pages_run, NULL },
	{ "job", "cancel", "job.cancel", NULL, job_words, &job_view, NULL, NULL },
	{ "job", "watch", "job.watch", NULL, job_words, &job_view, watch_run, NULL },

	{ "memtype", "list", "memtype.list", NULL, memtype_words, &memtype_view, NULL, NULL },
	{ "descriptor", "encode", "descriptor.encode", NULL, encode_words, &descriptor_view, NULL, NULL },
	{ "descriptor", "decode", "descriptor.decode", NULL, decode_words, &descriptor_view, NULL, NULL },
	{ "policy", "explain", "policy.explain", NULL, explain_policy_words, &policy_explain_view, NULL, NULL },
	{ "policy", "list", "policy.list", NULL, policy_words, &policy_view, NULL, NULL },
	{ "rules", "list", "rules.list", NULL, NULL, &rules_view, NULL, NULL },
	{ "config", "keys", NULL, "The keys of a platform's config, with their defaults", keys_words, &keys_view, keys_run, NULL },

	{ "service", "info", "service.info", NULL, NULL, &service_view, NULL, NULL },
	{ "service", "backup", "service.backup", NULL, backup_words, &backup_view, NULL, NULL },
	{ "service", "status", "service.status", NULL, NULL, &status_view, NULL, NULL },
	{ "service", "metrics", "service.metrics", NULL, NULL, &metrics_view, NULL, NULL },
	{ "service", "whoami", "service.whoami", NULL, NULL, &whoami_view, NULL, NULL },
	{ "service", "reload", "service.reload", NULL, NULL, &reload_view, NULL, NULL },
	{ "rpc", "discover", "rpc.discover", NULL, NULL, &discover_view, NULL, NULL },
	{ 0 }
};

/* clang-format on */

const size_t command_count = sizeof(commands) / sizeof(commands[0]) - 1;
