/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_LIMITS_H
#define MMP_LIMITS_H

#include <stdint.h>

/*
 * Every limit of the system. A row is the limit's name in C, its value, then its name, unit
 * and text as service.info prints them, and why the value is what it is. A new limit is a
 * row here and a test at its edge.
 */

/* clang-format off */
#define MMP_EACH_LIMIT(LIMIT) \
	LIMIT(MMP_LINE_MAX, 32u << 20, "line", "bytes", "of a request line") /* a platform of 10,000 regions is 2 MiB */ \
	LIMIT(MMP_LINE_AT_ONCE, 64u << 10, "line_at_once", "bytes", "of a line up to which it is parsed without a thread") /* a third of a millisecond */ \
	LIMIT(MMP_ANSWER_MAX, 64u << 20, "answer", "bytes", "of an answer; more: ask with detail map") \
	LIMIT(MMP_DEPTH_MAX, 64, "depth", "levels", "of nesting in a request") /* a document has 4 */ \
	LIMIT(MMP_VALUES_MAX, 1u << 20, "values", "JSON values", "in a request") /* a platform at its limit has 7 a registration */ \
	LIMIT(MMP_MEMBERS_MAX, 4096, "members", "members", "of one object in a request") /* a configuration has 80; with 100,000 each takes three times as long to read */ \
	LIMIT(MMP_BATCH_MAX, 1000, "batch", "requests", "in a batch") /* so that one line cannot hold the loop */ \
	LIMIT(MMP_BATCH_WAITING_MAX, 256, "batch_waiting", "requests", "of a batch that wait for their answer at once") /* one commit of the database */ \
	LIMIT(MMP_PENDING_MAX, 32, "pending", "calls", "of a client that wait for their answer") /* then the client is not read from */ \
	LIMIT(MMP_PENDING_BYTES_MAX, 1u << 20, "pending_bytes", "bytes", "of such calls, beyond which no more is begun") /* each call is kept as JSON */ \
	LIMIT(MMP_TURN_REQUESTS, 32, "turn_requests", "steps", "of requests of one client in one turn of the loop") /* or fewer, if they take a quarter of a millisecond */ \
	LIMIT(MMP_TURN_ACCEPTS, 16, "turn_accepts", "connections", "that are accepted in one turn of the loop") /* half a millisecond */ \
	LIMIT(MMP_TURN_READ, 64u << 10, "turn_read", "bytes", "that are read from one client in one turn of the loop") /* copied in ten microseconds */ \
	LIMIT(MMP_TURN_SENT, 256u << 10, "turn_sent", "bytes", "that are sent to one client in one turn of the loop") /* about what a socket takes at once */ \
	LIMIT(MMP_TURN_WATCHES, 64, "turn_watches", "watchers", "of a job that are told in one turn of the loop") /* a fifth of a millisecond */ \
	LIMIT(MMP_TURN_TASKS, 64, "turn_tasks", "tasks", "that threads have finished and the loop takes back in one turn") /* or fewer, if they take a millisecond */ \
	LIMIT(MMP_TURN_FREED, 1000, "turn_freed", "values, pages", "of JSON, or of the memory of a parsed line, that are freed at once in the loop; more are freed by a thread") /* a twentieth of a millisecond */ \
	LIMIT(MMP_TURNS_US, 1000, "turns_us", "microseconds", "after which clients wait for the next turn of the loop") /* new requests are looked for in between */ \
	LIMIT(MMP_LOOKS_AFTER_STOP, 2, "looks_after_stop", "looks", "at the stop flag of a computation after it was set") /* the one that sees it, and one on the way out */ \
	LIMIT(MMP_SPARE_CHUNKS, 8, "spare_chunks", "pieces", "of memory for parsed texts, of each of three sizes, that are kept for the next texts") /* 9 MiB in all */ \
	LIMIT(MMP_JSON_FACTOR, 16, "json_factor", "bytes", "of memory that a byte of a line is counted as, or more if parsing it took more") /* what documents take */ \
	LIMIT(MMP_CLIENTS_MAX, 256, "clients", "connections", "at once") /* each costs a descriptor and buffers */ \
	LIMIT(MMP_BACKLOG, 256, "backlog", "connections", "that wait to be accepted; then connecting waits, in order") /* whoever connects and leaves again delays others by no more */ \
	LIMIT(MMP_USER_CLIENTS, 192, "user_clients", "connections", "of one user at once, unless mmpd.conf says otherwise; admins have no such limit") /* a quarter is left for others */ \
	LIMIT(MMP_USER_JOBS, 48, "user_jobs", "jobs", "of one user that run at once, unless mmpd.conf says otherwise") /* a quarter is left for others */ \
	LIMIT(MMP_IDLE_SECONDS, 60, "idle", "seconds", "without a request after which a connection may be closed if another needs its place, unless mmpd.conf says otherwise") \
	LIMIT(MMP_QUEUE_MAX, 80u << 20, "queue", "bytes", "of answers that a client has not fetched") /* then the client is not read from */ \
	LIMIT(MMP_QUEUE_OVER, 64u << 10, "queue_over", "bytes", "of such answers with which the same is done as long as its user, or all together, take up too much memory") \
	LIMIT(MMP_HOST_MAX, 63, "host", "bytes", "of the name of an mmpd among several") /* as of a DNS label */ \
	LIMIT(MMP_HOST_DEAD_SECONDS, 10, "host_dead", "seconds", "without a heartbeat after which an mmpd counts as dead") /* five heartbeats */ \
	LIMIT(MMP_LETTER_SECONDS, 600, "letter", "seconds", "that a job of board.probe or key.* is kept when whoever asked has ended without a word, and that one waits for a host that is not known any more") /* a person who lost the database may still look */ \
	LIMIT(MMP_NAME_MAX, 255, "name", "bytes", "of the name of a platform or board") /* fits a file name */ \
	LIMIT(MMP_REGION_NAME_MAX, 4095, "region_name", "bytes", "of the name of a registration, and of its origin") \
	LIMIT(MMP_REGISTRATIONS_MAX, 131072, "registrations", "registrations", "of a platform") /* the bench goes to 100,000 */ \
	LIMIT(MMP_TABLES_MAX, 65536, "tables", "tables", "of a build") /* 256 MiB */ \
	LIMIT(MMP_DESCRIPTORS_MAX, 2u << 20, "descriptors", "descriptors", "of an answer with detail full") /* 56 MiB of JSON */ \
	LIMIT(MMP_POOL_MAX, 256u << 20, "pool", "bytes", "of a build's pool") /* the size of MMP_TABLES_MAX tables */ \
	LIMIT(MMP_CONFIG_BYTES_MAX, 1024, "config_bytes", "bytes", "of a rule set's configuration in memory") /* the largest struct has some 600 */ \
	LIMIT(MMP_FRAME_BODY, 4096u, "frame_body", "bytes", "of the body of a frame on the line to a board") /* where the line takes such frames: what is around it is below a hundredth */ \
	LIMIT(MMP_LINES_MAX, 64, "lines", "patterns", "of lines that mmpd may use") \
	LIMIT(MMP_PICTURE_RUNS_MAX, 256u << 10, "picture_runs", "runs", "of pages that a picture of a map is drawn from") /* 20 MiB of JSON, and a page that still opens */ \
	LIMIT(MMP_JOBS_MAX, 64, "jobs", "jobs", "under way at once") \
	LIMIT(MMP_JOBS_WAITING_MAX, 1000, "jobs_waiting", "jobs", "that wait for their board, on all hosts of a database") /* a night's work */ \
	LIMIT(MMP_JOBS_KEPT, 1000, "jobs_kept", "jobs", "that have ended and can still be asked for") \
	LIMIT(MMP_ANSWERS_KEPT, 64, "answers_kept", "layouts", "of kept platforms that are remembered") \
	LIMIT(MMP_ANSWERS_KEPT_BYTES, 1u << 20, "answers_kept_bytes", "bytes", "of one of them") \
	LIMIT(MMP_PLATFORMS_KEPT, 32, "platforms_kept", "platforms", "that are kept parsed between registrations") /* more than are written to at once */ \
	LIMIT(MMP_ROWS_AT_ONCE, 1000, "rows_at_once", "rows", "that the database thread reads before it lets other tasks pass") /* a millisecond or two */ \
	LIMIT(MMP_STORE_AT_ONCE, 500, "store_at_once", "registrations", "of a platform up to which it is stored at once, in the order of the calls") /* two milliseconds */ \
	LIMIT(MMP_STORE_BYTES_AT_ONCE, 128u << 10, "store_bytes_at_once", "bytes", "of its document, and of the texts of the revision before, up to which the same is done") /* twice what 500 registrations take; another two milliseconds */ \
	LIMIT(MMP_COMPUTE_SHORT, 5000, "compute_short", "registrations", "up to which a platform is computed before longer ones") /* ten milliseconds */ \
	LIMIT(MMP_COMPUTE_BYTES_SHORT, 1u << 30, "compute_bytes_short", "bytes", "of its ranges, as above") /* 512 tables of pages */ \
	LIMIT(MMP_BUILD_BYTES_AT_ONCE, 256u << 10, "build_bytes_at_once", "bytes", "of a build up to which a push begins without a thread") /* 64 tables, which the push reads back in the loop */ \
	LIMIT(MMP_SWEEP_MAX, 1u << 26, "sweep", "seeds", "of one sweep") /* minutes of one core */ \
	LIMIT(MMP_MISTAKES_MAX, 100u, "mistakes", "mistakes", "of a document that are told at once; the rest is counted") /* nobody reads more before mending some */ \
	LIMIT(MMP_MISTAKES_COUNTED, 10000u, "mistakes_counted", "mistakes", "of that rest after which no registration is looked at any more") /* ten milliseconds */ \
	LIMIT(MMP_CONTEXTS_MAX, 7, "contexts", "platforms", "that a document names besides its own") /* firmwares that share its board; boards have two or three */ \
	LIMIT(MMP_INTERVALS_MAX, 4096, "intervals", "intervals", "of seeds in the report of a sweep") \
	LIMIT(MMP_FINDINGS_MAX, 1000, "findings", "findings", "of one answer; the rest is counted") \
	LIMIT(MMP_BUDGET_WORK, 1u << 21, "budget_work", "entries, tables", "computed again for one budget") /* a second or two */ \
	LIMIT(MMP_SUGGESTIONS_MAX, 64, "suggestions", "suggestions", "of one budget") /* what was not tried for a budget is counted */ \
	LIMIT(MMP_DRAM_MAX, 256, "dram", "ranges", "that a document declares") /* a board has a few banks and carve-outs */ \
	LIMIT(MMP_PROPOSALS_MAX, 64, "proposals", "fixes", "of one answer that are tried") \
	LIMIT(MMP_FIX_WORK, 1u << 17, "fix_work", "entries", "of maps and tables computed to try them") /* some 50 milliseconds; a platform of 32,768 registrations and more has none tried */ \
	LIMIT(MMP_PROBES_MAX, 262144, "probes", "addresses", "of one proof") /* 10,000 regions ask 140,000 */ \
	LIMIT(MMP_TRIALS_MAX, 4096, "trials", "instructions", "of one proof that are run") /* 700 regions have that many */ \
	LIMIT(MMP_DIFFERENCES_MAX, 1000, "differences", "addresses", "of one proof that are listed as different") /* all are counted */ \
	LIMIT(MMP_CONNECT_SECONDS, 10, "connect", "seconds", "that the line to a board may take to connect") \
	LIMIT(MMP_PATIENCE_MS, 15000, "patience", "milliseconds", "that a board may leave a request unanswered") \
	LIMIT(MMP_TRIES_MAX, 16, "tries", "times", "that one frame is sent to a board") /* then its answer is waited for until the patience ends */ \
	LIMIT(MMP_FOREIGN_MAX, 256, "foreign", "frames", "from a board that answer no request, before it is given up") \
	LIMIT(MMP_EXPORT_MAX, 40u << 20, "export", "bytes", "of a build in a form for other tools") /* with base64 it fits an answer */ \
	LIMIT(MMP_DIFF_MAX, 1000, "diff", "changes", "of one kind between two platforms; the rest is counted") \
	LIMIT(MMP_RECORDING_MAX, 4u << 20, "recording", "bytes", "of the recording of a push") /* one of 200 tables with its proof has 1 MiB */ \
	LIMIT(MMP_RECORDING_POOL_MAX, 16u << 20, "recording_pool", "bytes", "of a pool that is read from a recording") \
	LIMIT(MMP_SIGN_SECONDS, 30, "sign", "seconds", "that a command may take to sign") /* a person may have to touch a token */ \
	LIMIT(MMP_IMPORT_BYTES_MAX, 256u << 20, "import_bytes", "bytes", "of a foreign file") /* an image with all its debug information has 10 MiB */ \
	LIMIT(MMP_IMPORT_FILES_MAX, 64, "import_files", "files", "of one import") /* a build folder has four that matter */ \
	LIMIT(MMP_IMPORT_ENTRIES_MAX, 20000, "import_entries", "files", "of a build folder that are looked at") /* a build leaves 3,000 */ \
	LIMIT(MMP_IMPORT_VALUES_MAX, 4096, "import_values", "values", "that the files of one import state") /* a build states 60 */ \
	LIMIT(MMP_REMARKS_MAX, 100, "remarks", "remarks", "of one import; the rest is dropped") \
	LIMIT(MMP_SETTING_LINES_MAX, 65536, "setting_lines", "lines", "of the configuration of a build") /* one has 300 */ \
	LIMIT(MMP_SYMBOLS_MAX, 1u << 20, "symbols", "symbols", "of an image") /* one has 9,000 */ \
	LIMIT(MMP_MACROS_MAX, 1u << 20, "macros", "macros", "of the debug information of an image") /* one has 200,000 with those of every unit */ \
	LIMIT(MMP_LOG_LINES_MAX, 1u << 20, "log_lines", "lines", "of a boot log") /* a boot prints 1,000 */ \
	LIMIT(MMP_LOG_LINE_MAX, 4096, "log_line", "bytes", "of a line of a log; the rest of it is passed over") \
	LIMIT(MMP_TREE_NODES_MAX, 65536, "tree_nodes", "nodes", "of a device tree") /* the largest of Debian's has 4,000 */

#define MMP_LIMIT_VALUE(macro, value, name, unit, about) macro = (value),
enum { MMP_EACH_LIMIT(MMP_LIMIT_VALUE) };
#undef MMP_LIMIT_VALUE

/* Defaults of mmpd.conf that service.info does not print, and that an int could not hold. */
#define MMP_MEMORY (UINT64_C(2) << 30) /* bytes that the lines, JSON, results and output of all clients take up; MemoryMax of the unit is twice that */
#define MMP_USER_MEMORY (UINT64_C(768) << 20) /* bytes of one user: a third, so that two leave room for others */

/* When memory that was freed goes back to the system; not settings, and not in service.info. */
#define MMP_TRIM_FROM (UINT64_C(64) << 20) /* bytes of all clients: less of it is not worth its while */
#define MMP_TRIM_BELOW (UINT64_C(1) << 20) /* bytes that are left of them: about nothing */
/* clang-format on */

#endif
