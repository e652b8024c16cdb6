/* SPDX-License-Identifier: BSD-2-Clause */
#include "methods/shapes.h"

/* clang-format off */

/* --- the service ----------------------------------------------------------------------- */

static const struct mmp_shape about[] = {
	{ "title",   MMP_SHAPE_TEXT, NULL, NULL },
	{ "version", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape content[] = {
	{ "name",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "summary",  MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "required", MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "schema",   MMP_SHAPE_OBJECT, NULL, "JSON Schema, draft 7" },
	{ 0 }
};

static const struct mmp_shape method[] = {
	{ "name",           MMP_SHAPE_TEXT, NULL, NULL },
	{ "summary",        MMP_SHAPE_TEXT, NULL, NULL },
	{ "paramStructure", MMP_SHAPE_TEXT, NULL, NULL },
	{ "params",         MMP_SHAPE_LIST, content, NULL },
	{ "result",         MMP_SHAPE_OBJECT, content, NULL },
	{ "x-access",       MMP_SHAPE_TEXT, NULL, "the role that it takes" },
	{ 0 }
};

static const struct mmp_shape error_kind[] = {
	{ "kind", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape error[] = {
	{ "code",    MMP_SHAPE_NUMBER, NULL, NULL },
	{ "message", MMP_SHAPE_TEXT, NULL, NULL },
	{ "data",    MMP_SHAPE_OBJECT, error_kind, NULL },
	{ 0 }
};

const struct mmp_shape shape_discover[] = {
	{ "openrpc",  MMP_SHAPE_TEXT, NULL, "version of OpenRPC" },
	{ "info",     MMP_SHAPE_OBJECT, about, NULL },
	{ "methods",  MMP_SHAPE_LIST, method, NULL },
	{ "x-errors", MMP_SHAPE_LIST, error, "that any method may answer" },
	{ 0 }
};

static const struct mmp_shape limit[] = {
	{ "name",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "value", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "unit",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "about", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

const struct mmp_shape shape_service_info[] = {
	{ "version", MMP_SHAPE_TEXT, NULL, NULL },
	{ "schema",  MMP_SHAPE_NUMBER, NULL, "version of the database" },
	{ "uptime",  MMP_SHAPE_NUMBER, NULL, "in seconds" },
	{ "rules",   MMP_SHAPE_TEXTS, NULL, "rule sets" },
	{ "limits",  MMP_SHAPE_LIST, limit, NULL },
	{ 0 }
};

const struct mmp_shape shape_service_backup[] = {
	{ "path",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "bytes", MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape database[] = {
	{ "path",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "changes", MMP_SHAPE_NUMBER, NULL, "since the start" },
	{ "away",    MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, "whether a shared database cannot be reached" },
	{ 0 }
};

static const struct mmp_shape queues[] = {
	{ "workers", MMP_SHAPE_NUMBER, NULL, "tasks that wait for a thread" },
	{ "store",   MMP_SHAPE_NUMBER, NULL, "calls that wait for the database" },
	{ 0 }
};

static const struct mmp_shape user_memory[] = {
	{ "uid",   MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "none: the users beyond the first 64" },
	{ "bytes", MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape memory[] = {
	{ "bytes",   MMP_SHAPE_NUMBER, NULL, "of requests, results and output" },
	{ "limit",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "user_limit", MMP_SHAPE_NUMBER, NULL, "of one user" },
	{ "users",   MMP_SHAPE_LIST, user_memory, "who have some of it" },
	{ "answers", MMP_SHAPE_NUMBER, NULL, "bytes of remembered layouts" },
	{ 0 }
};

static const struct mmp_shape clients[] = {
	{ "connected", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "limit",     MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape running_jobs[] = {
	{ "running", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "limit",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape forgotten[] = {
	{ "jobs",    MMP_SHAPE_NUMBER, NULL, NULL },
	{ "history", MMP_SHAPE_NUMBER, NULL, "rows" },
	{ "builds",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape line_quality[] = {
	{ "board",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "sessions", MMP_SHAPE_NUMBER, NULL, "pushes and probes since the start" },
	{ "failed",   MMP_SHAPE_NUMBER, NULL, "of these" },
	{ "frames",   MMP_SHAPE_NUMBER, NULL, "sent" },
	{ "resent",   MMP_SHAPE_NUMBER, NULL, "of these, again" },
	{ "broken",   MMP_SHAPE_NUMBER, NULL, "that came with a bad CRC or length" },
	{ "foreign",  MMP_SHAPE_NUMBER, NULL, "that came and answered nothing" },
	{ "round_trip_ms", MMP_SHAPE_NUMBER, NULL, "of the last session" },
	{ 0 }
};

static const struct mmp_shape method_calls[] = {
	{ "method",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "calls",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "failed",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ "mean_ms", MMP_SHAPE_REAL, NULL, NULL },
	{ "p50_ms",  MMP_SHAPE_REAL, NULL, "half of the calls took no longer" },
	{ "p99_ms",  MMP_SHAPE_REAL, NULL, "99 of 100 took no longer" },
	{ "worst_ms", MMP_SHAPE_REAL, NULL, NULL },
	{ 0 }
};

const struct mmp_shape shape_service_status[] = {
	{ "version",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "uptime",   MMP_SHAPE_NUMBER, NULL, "in seconds" },
	{ "host",     MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "its name among those that share the database" },
	{ "database", MMP_SHAPE_OBJECT, database, NULL },
	{ "clients",  MMP_SHAPE_OBJECT, clients, NULL },
	{ "jobs",     MMP_SHAPE_OBJECT, running_jobs, NULL },
	{ "queues",   MMP_SHAPE_OBJECT, queues, NULL },
	{ "memory",   MMP_SHAPE_OBJECT, memory, NULL },
	{ "forgotten", MMP_SHAPE_OBJECT, forgotten, "by retention since the start" },
	{ "lines",    MMP_SHAPE_LIST, line_quality, "of boards" },
	{ "methods",  MMP_SHAPE_LIST, method_calls, "that were called" },
	{ 0 }
};

const struct mmp_shape shape_service_metrics[] = {
	{ "type", MMP_SHAPE_TEXT, NULL, "media type" },
	{ "text", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

const struct mmp_shape shape_service_whoami[] = {
	{ "user",   MMP_SHAPE_TEXT, NULL, NULL },
	{ "uid",    MMP_SHAPE_NUMBER, NULL, NULL },
	{ "pid",    MMP_SHAPE_NUMBER, NULL, NULL },
	{ "groups", MMP_SHAPE_NUMBERS, NULL, NULL },
	{ "roles",  MMP_SHAPE_TEXTS, NULL, NULL },
	{ 0 }
};

const struct mmp_shape shape_service_reload[] = {
	{ "path", MMP_SHAPE_TEXT, NULL, "of the settings" },
	{ 0 }
};

/* --- platforms and regions ------------------------------------------------------------- */

#define REVISION_ROWS \
	{ "name",     MMP_SHAPE_TEXT, NULL, "of the platform" }, \
	{ "revision", MMP_SHAPE_NUMBER, NULL, NULL }

const struct mmp_shape shape_revision[] = { REVISION_ROWS, { 0 } };

const struct mmp_shape shape_platform_put[] = {
	REVISION_ROWS,
	{ "changed", MMP_SHAPE_FLAG, NULL, "false: it was so already, and no revision was made" },
	{ "",        MMP_SHAPE_MEMBERS, mmp_verdict_shape, NULL },
	{ 0 }
};

const struct mmp_shape shape_platform_get[] = {
	REVISION_ROWS,
	{ "time",     MMP_SHAPE_TEXT, NULL, "when the revision was made" },
	{ "user",     MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "who made it" },
	{ "document", MMP_SHAPE_OBJECT, NULL, "mmp-config(5)" },
	{ 0 }
};

static const struct mmp_shape platform[] = {
	REVISION_ROWS,
	{ "rules",         MMP_SHAPE_TEXT, NULL, NULL },
	{ "registrations", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "time",          MMP_SHAPE_TEXT, NULL, "when the revision was made" },
	{ "user",          MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "who made it" },
	{ 0 }
};

const struct mmp_shape shape_platform_list[] = {
	{ "platforms", MMP_SHAPE_LIST, platform, NULL },
	{ 0 }
};

static const struct mmp_shape event[] = {
	{ "number",   MMP_SHAPE_NUMBER, NULL, "where a next page goes on" },
	{ "revision", MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "null: the platform was removed" },
	{ "before",   MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "null: the platform was new" },
	{ "time",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "user",     MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "uid",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "gid",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "pid",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "method",   MMP_SHAPE_TEXT, NULL, NULL },
	{ "what",     MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "what changed, and why" },
	{ 0 }
};

const struct mmp_shape shape_platform_history[] = {
	{ "name",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "history", MMP_SHAPE_LIST, event, "the newest first" },
	{ 0 }
};

const struct mmp_shape shape_region[] = {
	REVISION_ROWS,
	{ "registration", MMP_SHAPE_OBJECT, mmp_registration_shape, NULL },
	{ "",             MMP_SHAPE_MEMBERS, mmp_verdict_shape, NULL },
	{ "verdict_revision", MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "that the verdict is about: the last of those that were written together" },
	{ 0 }
};

const struct mmp_shape shape_region_list[] = {
	REVISION_ROWS,
	{ "registrations", MMP_SHAPE_LIST, mmp_registration_shape, "in link order" },
	{ 0 }
};

/* --- builds ---------------------------------------------------------------------------- */

#define BUILD_ROWS \
	{ "id",       MMP_SHAPE_TEXT, NULL, "SHA-256 of the manifest" }, \
	{ "bytes",    MMP_SHAPE_NUMBER, NULL, "of its tables" }, \
	{ "platform", MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "name" }, \
	{ "revision", MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "null: made from a document" }, \
	{ "time",     MMP_SHAPE_TEXT, NULL, NULL }, \
	{ "user",     MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL }

#define KEPT_BUILD_ROWS \
	BUILD_ROWS, \
	{ "manifest", MMP_SHAPE_OBJECT, mmp_manifest_shape, NULL }, \
	{ "accepted_findings", MMP_SHAPE_LIST | MMP_SHAPE_MAYBE, mmp_finding_shape, NULL }

static const struct mmp_shape build[] = {
	BUILD_ROWS,
	{ "number", MMP_SHAPE_NUMBER, NULL, "where a next page goes on" },
	{ 0 }
};

const struct mmp_shape shape_build_get[] = { KEPT_BUILD_ROWS, { 0 } };

const struct mmp_shape shape_build_create[] = {
	KEPT_BUILD_ROWS,
	{ "new",     MMP_SHAPE_FLAG, NULL, "whether it was not there before" },
	{ "verdict", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

const struct mmp_shape shape_build_list[] = {
	{ "builds", MMP_SHAPE_LIST, build, "the newest first" },
	{ 0 }
};

const struct mmp_shape shape_build_export[] = {
	{ "id",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "format", MMP_SHAPE_TEXT, NULL, NULL },
	{ "text",   MMP_SHAPE_FLAG, NULL, "whether a person can read it" },
	{ "bytes",  MMP_SHAPE_TEXT, NULL, "base64" },
	{ 0 }
};

const struct mmp_shape shape_build_compare[] = {
	{ "id", MMP_SHAPE_TEXT, NULL, "of the build" },
	{ "",   MMP_SHAPE_MEMBERS, mmp_compare_shape, NULL },
	{ 0 }
};

const struct mmp_shape shape_id[] = {
	{ "id", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

/* --- boards and keys ------------------------------------------------------------------- */

#define BOARD_ROWS \
	{ "name",        MMP_SHAPE_TEXT, NULL, NULL }, \
	{ "line",        MMP_SHAPE_TEXT, NULL, NULL }, \
	{ "identity",    MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "as the board calls itself" }, \
	{ "build",       MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "that is live on it" }, \
	{ "maybe",       MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "a build that may have become live when its line failed" }, \
	{ "enrolled",    MMP_SHAPE_FLAG, NULL, "whether it has a key of its own" }, \
	{ "time",        MMP_SHAPE_TEXT, NULL, "when we learnt what is on it" }, \
	{ "seen",        MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "when it was last heard; null: never" }, \
	{ "patience_ms", MMP_SHAPE_NUMBER, NULL, NULL }, \
	{ "host",        MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "the mmpd that its line leads to" }, \
	{ "away",        MMP_SHAPE_FLAG | MMP_SHAPE_MAYBE, NULL, "whether that mmpd is gone" }

static const struct mmp_shape holding[] = {
	{ "build",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "certain",  MMP_SHAPE_FLAG, NULL, "false: the line failed when it was made live" },
	{ "since",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "proof",    MMP_SHAPE_TEXT, NULL, "proven, activated, failed proof ..." },
	{ "held",     MMP_SHAPE_FLAG, NULL, "whether it is live there for certain, and proven" },
	{ "platform", MMP_SHAPE_TEXT | MMP_SHAPE_NULL | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "revision", MMP_SHAPE_NUMBER | MMP_SHAPE_NULL | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "job",      MMP_SHAPE_NUMBER | MMP_SHAPE_MAYBE, NULL, "the push" },
	{ "by",       MMP_SHAPE_TEXT | MMP_SHAPE_NULL | MMP_SHAPE_MAYBE, NULL, NULL },
	{ 0 }
};

#define HELD_BOARD_ROWS \
	BOARD_ROWS, \
	{ "holding", MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, holding, "what is on it, since when, by whom" }

static const struct mmp_shape push[] = {
	{ "job",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "build",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "state",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "time",     MMP_SHAPE_TEXT, NULL, "when it began" },
	{ "ended",    MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "user",     MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "proof",    MMP_SHAPE_TEXT, NULL, "proven, activated, failed proof ..." },
	{ "platform", MMP_SHAPE_TEXT | MMP_SHAPE_NULL | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "revision", MMP_SHAPE_NUMBER | MMP_SHAPE_NULL | MMP_SHAPE_MAYBE, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape held_board[] = { HELD_BOARD_ROWS, { 0 } };

const struct mmp_shape shape_board[] = { BOARD_ROWS, { 0 } };

const struct mmp_shape shape_board_get[] = { HELD_BOARD_ROWS, { 0 } };

const struct mmp_shape shape_board_list[] = {
	{ "boards", MMP_SHAPE_LIST, held_board, NULL },
	{ 0 }
};

const struct mmp_shape shape_board_history[] = {
	HELD_BOARD_ROWS,
	{ "pushes", MMP_SHAPE_LIST, push, "the newest first" },
	{ 0 }
};

static const struct mmp_shape line[] = {
	{ "line",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "device",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "board",   MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "that is kept with it" },
	{ "allowed", MMP_SHAPE_FLAG, NULL, "whether the settings allow it" },
	{ "busy",    MMP_SHAPE_FLAG, NULL, NULL },
	{ 0 }
};

const struct mmp_shape shape_board_scan[] = {
	{ "lines", MMP_SHAPE_LIST, line, NULL },
	{ 0 }
};

#define HELLO_ROWS \
	{ "board",          MMP_SHAPE_TEXT, NULL, "as it calls itself" }, \
	{ "protocol",       MMP_SHAPE_NUMBER, NULL, NULL }, \
	{ "frame",          MMP_SHAPE_NUMBER, NULL, "bytes of its largest frame" }, \
	{ "staging",        MMP_SHAPE_NUMBER, NULL, "bytes of its staging area" }, \
	{ "build",          MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "that is live on it" }, \
	{ "windows",        MMP_SHAPE_LIST, mmp_range_shape, "memory that it may write" }, \
	{ "takes_unsigned", MMP_SHAPE_FLAG, NULL, NULL }, \
	{ "trusts",         MMP_SHAPE_TEXTS, NULL, "ids of keys" }, \
	{ "has_key",        MMP_SHAPE_FLAG, NULL, "of its own" }, \
	{ "counter",        MMP_SHAPE_NUMBER | MMP_SHAPE_NULL, NULL, "below which it refuses builds" }, \
	{ "aarch32",        MMP_SHAPE_FLAG, NULL, "whether it takes 32-bit tables" }

static const struct mmp_shape hello[] = { HELLO_ROWS, { 0 } };

const struct mmp_shape shape_board_probe[] = {
	{ "name", MMP_SHAPE_TEXT, NULL, NULL },
	HELLO_ROWS,
	{ 0 }
};

const struct mmp_shape shape_name[] = {
	{ "name", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

const struct mmp_shape shape_key[] = {
	{ "name",   MMP_SHAPE_TEXT, NULL, NULL },
	{ "id",     MMP_SHAPE_TEXT, NULL, NULL },
	{ "public", MMP_SHAPE_TEXT, NULL, "X and Y of P-256, in hex" },
	{ "kind",   MMP_SHAPE_TEXT, NULL, "file or command" },
	{ 0 }
};

const struct mmp_shape shape_key_list[] = {
	{ "keys", MMP_SHAPE_LIST, shape_key, NULL },
	{ 0 }
};

const struct mmp_shape shape_kept[] = {
	{ "name",  MMP_SHAPE_TEXT, NULL, "of the board" },
	{ "board", MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "as it calls itself; null: not known yet" },
	{ 0 }
};

/* --- jobs ------------------------------------------------------------------------------ */

static const struct mmp_shape trust[] = {
	{ "signed_by",       MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "name of the key" },
	{ "key",             MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "its id" },
	{ "authentic",       MMP_SHAPE_FLAG, NULL, "whether the board's answers were" },
	{ "signature_bytes", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "words",           MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape frames[] = {
	{ "sent",     MMP_SHAPE_NUMBER, NULL, NULL },
	{ "received", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "resent",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "broken",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ "foreign",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape unproved[] = {
	{ "va",       MMP_SHAPE_HEX, NULL, NULL },
	{ "access",   MMP_SHAPE_TEXT, NULL, "read, write, user read or user write" },
	{ "expected", MMP_SHAPE_TEXT, NULL, NULL },
	{ "got",      MMP_SHAPE_TEXT, NULL, NULL },
	{ "par",      MMP_SHAPE_HEX, NULL, "PAR_EL1 of the board" },
	{ 0 }
};

static const struct mmp_shape proof[] = {
	{ "addresses",        MMP_SHAPE_NUMBER, NULL, "answered" },
	{ "asked",            MMP_SHAPE_NUMBER, NULL, NULL },
	{ "difference_count", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "differences",      MMP_SHAPE_LIST, unproved, NULL },
	{ "bytes_sent",       MMP_SHAPE_NUMBER, NULL, NULL },
	{ "bytes_received",   MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape pages[] = {
	{ "all",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ "kept", MMP_SHAPE_NUMBER, NULL, "that the board had already" },
	{ 0 }
};

static const struct mmp_shape right[] = {
	{ "who",          MMP_SHAPE_TEXT, NULL, "EL1 or EL0" },
	{ "right",        MMP_SHAPE_TEXT, NULL, "read, write, execute ..." },
	{ "allowed",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "denied",       MMP_SHAPE_NUMBER, NULL, NULL },
	{ "differ",       MMP_SHAPE_NUMBER, NULL, NULL },
	{ "not_provable", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "proof",        MMP_SHAPE_TEXT, NULL, "proved, proved in part, not provable here, differs" },
	{ "why",          MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, "what is not provable here" },
	{ 0 }
};

static const struct mmp_shape pool_proof[] = {
	{ "proof", MMP_SHAPE_TEXT, NULL, "proved, differs, not read back" },
	{ "about", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape region_rights[] = {
	{ "type",        MMP_SHAPE_TEXT, NULL, NULL },
	{ "va",          MMP_SHAPE_HEX, NULL, NULL },
	{ "size",        MMP_SHAPE_HEX, NULL, NULL },
	{ "el1",         MMP_SHAPE_TEXT, NULL, "r-x" },
	{ "el0",         MMP_SHAPE_TEXT, NULL, "---" },
	{ "execute_el1", MMP_SHAPE_TEXT, NULL, "proved, differs, or why it is not provable" },
	{ "execute_el0", MMP_SHAPE_TEXT, NULL, NULL },
	{ 0 }
};

static const struct mmp_shape run[] = {
	{ "va",       MMP_SHAPE_HEX, NULL, NULL },
	{ "level",    MMP_SHAPE_NUMBER, NULL, "exception level" },
	{ "expected", MMP_SHAPE_TEXT, NULL, NULL },
	{ "got",      MMP_SHAPE_TEXT, NULL, NULL },
	{ "esr",      MMP_SHAPE_HEX, NULL, "ESR_EL1 of the board" },
	{ 0 }
};

static const struct mmp_shape rights[] = {
	{ "table",       MMP_SHAPE_LIST, right, NULL },
	{ "memory",      MMP_SHAPE_OBJECT, pool_proof, NULL },
	{ "regions",     MMP_SHAPE_LIST, region_rights, NULL },
	{ "differences", MMP_SHAPE_LIST, run, NULL },
	{ 0 }
};

static const struct mmp_shape push_report[] = {
	{ "activated",      MMP_SHAPE_FLAG, NULL, NULL },
	{ "skipped",        MMP_SHAPE_FLAG, NULL, "it was live already" },
	{ "trust",          MMP_SHAPE_OBJECT, trust, NULL },
	{ "bytes_sent",     MMP_SHAPE_NUMBER, NULL, NULL },
	{ "bytes_received", MMP_SHAPE_NUMBER, NULL, NULL },
	{ "resent",         MMP_SHAPE_NUMBER, NULL, NULL },
	{ "advice",         MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "frames",         MMP_SHAPE_OBJECT, frames, NULL },
	{ "round_trip_ms",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ "elapsed_ms",     MMP_SHAPE_NUMBER, NULL, NULL },
	{ "proof",          MMP_SHAPE_OBJECT, proof, NULL },
	{ "pages",          MMP_SHAPE_OBJECT, pages, "the tables, 4096 bytes each" },
	{ "rights",         MMP_SHAPE_OBJECT, rights, NULL },
	{ "board",          MMP_SHAPE_OBJECT | MMP_SHAPE_NULL, hello, "what the board says of itself" },
	{ "recording",      MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "where it was asked for: what went over the line" },
	{ 0 }
};

static const struct mmp_shape reports[] = {
	{ "push",  MMP_SHAPE_OBJECT, push_report, NULL },
	{ "sweep", MMP_SHAPE_OBJECT, mmp_sweep_shape, NULL },
	{ "board.probe", MMP_SHAPE_OBJECT, shape_board_probe, NULL },
	{ "key", MMP_SHAPE_OBJECT, shape_kept, "key.trust, key.revoke, key.enroll" },
	{ 0 }
};

static const struct mmp_shape progress[] = {
	{ "step",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "done",  MMP_SHAPE_NUMBER, NULL, NULL },
	{ "total", MMP_SHAPE_NUMBER, NULL, NULL },
	{ 0 }
};

const struct mmp_shape shape_job[] = {
	{ "job",      MMP_SHAPE_NUMBER, NULL, "its id" },
	{ "kind",     MMP_SHAPE_TEXT, NULL, "push, sweep, or the method that another host left" },
	{ "state",    MMP_SHAPE_TEXT, NULL, NULL },
	{ "build",    MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "board",    MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "started",  MMP_SHAPE_TEXT, NULL, NULL },
	{ "user",     MMP_SHAPE_TEXT | MMP_SHAPE_NULL, NULL, NULL },
	{ "uid",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "pid",      MMP_SHAPE_NUMBER, NULL, NULL },
	{ "host",     MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, "the mmpd that runs it" },
	{ "idempotency_key", MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "progress", MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, progress, "while it runs" },
	{ "ended",    MMP_SHAPE_TEXT | MMP_SHAPE_MAYBE, NULL, NULL },
	{ "error",    MMP_SHAPE_OBJECT | MMP_SHAPE_MAYBE, error, "why it failed" },
	{ "report",   MMP_SHAPE_EITHER | MMP_SHAPE_MAYBE, reports, NULL },
	{ 0 }
};

const struct mmp_shape shape_job_list[] = {
	{ "jobs", MMP_SHAPE_LIST, shape_job, "the newest first, without their reports" },
	{ 0 }
};

/* clang-format on */
