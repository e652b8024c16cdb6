/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "base/limits.h"
#include "caller.h"
#include "clock.h"
#include "log.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "metrics.h"
#include "rpc/discover.h"
#include "settings.h"
#include "work/backup.h"
#include "work/errand.h"
#include "work/retention.h"

/* --- rpc.discover --- */

static int discover(struct mmp_call *call, const void *params, json_t **ret_result,
		    struct mmp_error *err)
{
	struct service *service = call->service;

	(void)params, (void)err;
	*ret_result = mmp_discover(service->methods, "mmpd", PACKAGE_VERSION);
	return 0;
}

/* --- service.info --- */

#define LIMIT(macro, name, unit, about)                                                  \
	{                                                                                \
		name, unit, about, macro                                                 \
	}

/* clang-format off */
/* lib/base/limits.h for those outside. */
static const struct {
	const char *name, *unit, *about;
	json_int_t value;
} limits[] = {
	LIMIT(MMP_LINE_MAX,          "line",            "bytes",         "of a request line"),
	LIMIT(MMP_LINE_AT_ONCE,      "line_at_once",    "bytes",         "of a line up to which it is parsed without a thread"),
	LIMIT(MMP_ANSWER_MAX,        "answer",          "bytes",         "of an answer; more: ask with detail map"),
	LIMIT(MMP_DEPTH_MAX,         "depth",           "levels",        "of nesting in a request"),
	LIMIT(MMP_VALUES_MAX,        "values",          "JSON values",   "in a request"),
	LIMIT(MMP_BATCH_MAX,         "batch",           "requests",      "in a batch"),
	LIMIT(MMP_BATCH_WAITING_MAX, "batch_waiting",   "requests",      "of a batch that wait for their answer at once"),
	LIMIT(MMP_PENDING_MAX,       "pending",         "calls",         "of a client that wait for their answer"),
	LIMIT(MMP_PENDING_BYTES_MAX, "pending_bytes",   "bytes",         "of such calls, beyond which no more is begun"),
	LIMIT(MMP_JSON_FACTOR,       "json_factor",     "bytes",         "of memory that a byte of a line is counted as"),
	LIMIT(MMP_CLIENTS_MAX,       "clients",         "connections",   "at once"),
	LIMIT(MMP_USER_CLIENTS,      "user_clients",    "connections",   "of one user at once, unless mmpd.conf says otherwise; admins have no such limit"),
	LIMIT(MMP_USER_JOBS,         "user_jobs",       "jobs",          "of one user that run at once, likewise"),
	LIMIT(MMP_IDLE_SECONDS,      "idle",            "seconds",       "without a request after which a connection may be closed if another needs its place, likewise"),
	LIMIT(MMP_QUEUE_MAX,         "queue",           "bytes",         "of answers that a client has not fetched"),
	LIMIT(MMP_HOST_MAX,          "host",            "bytes",         "of the name of a mmpd among several"),
	LIMIT(MMP_HOST_DEAD_SECONDS, "host_dead",       "seconds",       "without a heartbeat after which a mmpd counts as dead"),
	LIMIT(MMP_NAME_MAX,          "name",            "bytes",         "of the name of a platform or board"),
	LIMIT(MMP_REGION_NAME_MAX,   "region_name",     "bytes",         "of the name of a registration, and of its origin"),
	LIMIT(MMP_REGISTRATIONS_MAX, "registrations",   "registrations", "of a platform"),
	LIMIT(MMP_TABLES_MAX,        "tables",          "tables",        "of a build"),
	LIMIT(MMP_DESCRIPTORS_MAX,   "descriptors",     "descriptors",   "of an answer with detail full"),
	LIMIT(MMP_POOL_MAX,          "pool",            "bytes",         "of a build's pool"),
	LIMIT(MMP_CONFIG_BYTES_MAX,  "config_bytes",    "bytes",         "of a rule set's configuration in memory"),
	LIMIT(MMP_FRAME_BODY,        "frame_body",      "bytes",         "of the body of a frame on the line to a board"),
	LIMIT(MMP_LINES_MAX,         "lines",           "patterns",      "of lines that mmpd may use"),
	LIMIT(MMP_PICTURE_RUNS_MAX,      "picture_runs",    "runs",          "of pages that a picture of a map is drawn from"),
	LIMIT(MMP_JOBS_MAX,          "jobs",            "jobs",          "under way at once"),
	LIMIT(MMP_JOBS_WAITING_MAX,  "jobs_waiting",    "jobs",          "that wait for their board, on all hosts of a database"),
	LIMIT(MMP_JOBS_KEPT,         "jobs_kept",       "jobs",          "that have ended and can still be asked for"),
	LIMIT(MMP_ANSWERS_KEPT,      "answers_kept",    "layouts",       "of kept platforms that are remembered"),
	LIMIT(MMP_ANSWERS_KEPT_BYTES, "answers_kept_bytes", "bytes",     "of one of them"),
	LIMIT(MMP_PLATFORMS_KEPT,    "platforms_kept",  "platforms",     "that are kept parsed between registrations"),
	LIMIT(MMP_COMPUTE_AT_ONCE,   "compute_at_once", "registrations", "up to which a layout is computed without a thread"),
	LIMIT(MMP_COMPUTE_BYTES_AT_ONCE, "compute_bytes_at_once", "bytes", "of its ranges, as above"),
	LIMIT(MMP_BUILD_BYTES_AT_ONCE, "build_bytes_at_once", "bytes",   "of a build up to which a push begins without a thread"),
	LIMIT(MMP_SWEEP_MAX,         "sweep",           "seeds",         "of one sweep"),
	LIMIT(MMP_MISTAKES_MAX,      "mistakes",        "mistakes",      "of a document that are told at once; the rest is counted"),
	LIMIT(MMP_CONTEXTS_MAX,      "contexts",        "platforms",     "that a document names besides its own"),
	LIMIT(MMP_INTERVALS_MAX,     "intervals",       "intervals",     "of seeds in the report of a sweep"),
	LIMIT(MMP_FINDINGS_MAX,      "findings",        "findings",      "of one answer; the rest is counted"),
	LIMIT(MMP_BUDGET_WORK,       "budget_work",     "entries, tables", "computed again for one budget"),
	LIMIT(MMP_SUGGESTIONS_MAX,   "suggestions",     "suggestions",   "of one budget"),
	LIMIT(MMP_DRAM_MAX,          "dram",            "ranges",        "that a document declares"),
	LIMIT(MMP_PROPOSALS_MAX,     "proposals",       "fixes",         "of one answer that are tried"),
	LIMIT(MMP_FIX_WORK,          "fix_work",        "entries",       "of maps and tables computed to try them"),
	LIMIT(MMP_PROBES_MAX,        "probes",          "addresses",     "of one proof"),
	LIMIT(MMP_TRIALS_MAX,        "trials",          "instructions",  "of one proof that are run"),
	LIMIT(MMP_DIFFERENCES_MAX,   "differences",     "addresses",     "of one proof that are listed as different"),
	LIMIT(MMP_CONNECT_SECONDS,   "connect",         "seconds",       "that the line to a board may take to connect"),
	LIMIT(MMP_PATIENCE_MS,       "patience",        "milliseconds",  "that a board may leave a request unanswered"),
	LIMIT(MMP_TRIES_MAX,         "tries",           "times",         "that one frame is sent to a board"),
	LIMIT(MMP_FOREIGN_MAX,       "foreign",         "frames",        "of nonsense from a board before it is given up"),
	LIMIT(MMP_EXPORT_MAX,        "export",          "bytes",         "of a build in a form for other tools"),
	LIMIT(MMP_DIFF_MAX,          "diff",            "changes",       "of one kind between two platforms; the rest is counted"),
	LIMIT(MMP_RECORDING_MAX,     "recording",       "bytes",         "of the recording of a push"),
	LIMIT(MMP_RECORDING_POOL_MAX, "recording_pool", "bytes",         "of a pool that is read from a recording"),
	LIMIT(MMP_SIGN_SECONDS,      "sign",            "seconds",       "that a command may take to sign"),
	LIMIT(MMP_IMPORT_BYTES_MAX,  "import_bytes",    "bytes",         "of a foreign file"),
	LIMIT(MMP_IMPORT_FILES_MAX,  "import_files",    "files",         "of one import"),
	LIMIT(MMP_IMPORT_ENTRIES_MAX, "import_entries", "files",         "of a build folder that are looked at"),
	LIMIT(MMP_IMPORT_VALUES_MAX, "import_values",   "values",        "that the files of one import state"),
	LIMIT(MMP_REMARKS_MAX,       "remarks",         "remarks",       "of one import; the rest is dropped"),
	LIMIT(MMP_SETTING_LINES_MAX, "setting_lines",   "lines",         "of the configuration of a build"),
	LIMIT(MMP_SYMBOLS_MAX,       "symbols",         "symbols",       "of an image"),
	LIMIT(MMP_MACROS_MAX,        "macros",          "macros",        "of the debug information of an image"),
	LIMIT(MMP_LOG_LINES_MAX,     "log_lines",       "lines",         "of a boot log"),
	LIMIT(MMP_LOG_LINE_MAX,      "log_line",        "bytes",         "of a line of a log; the rest of it is passed over"),
	LIMIT(MMP_TREE_NODES_MAX,    "tree_nodes",      "nodes",         "of a device tree"),
};
/* clang-format on */

static json_t *limits_json(void)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		json_array_append_new(
			all, json_pack("{s:s, s:I, s:s, s:s}", "name", limits[i].name,
				       "value", limits[i].value, "unit", limits[i].unit,
				       "about", limits[i].about));
	return all;
}

static json_t *rules_json(void)
{
	json_t *all = json_array();

	for (size_t n = 0; mmp_rules_at(n); n++)
		json_array_append_new(all, json_string(mmp_rules_at(n)->name));
	return all;
}

static int info(struct mmp_call *call, const void *params, json_t **ret_result,
		struct mmp_error *err)
{
	struct service *service = call->service;
	uint64_t up_ms = clock_ms() - service->started_ms;

	(void)params, (void)err;
	*ret_result = json_pack("{s:s, s:i, s:I, s:o, s:o}", "version", PACKAGE_VERSION,
				"schema", mmp_store_version(), "uptime",
				(json_int_t)(up_ms / 1000), "rules", rules_json(),
				"limits", limits_json());
	return 0;
}

/* --- service.backup --- */

struct backup_params {
	const char *name;
};

/* clang-format off */
static const struct mmp_param backup_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct backup_params, name), true,
	  "of the copy, a file that is not there yet, in the folder \"backups\" beside the database", NULL },
	{ 0 },
};
/* clang-format on */

static int backup(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	const struct backup_params *p = params;

	(void)ret_result;
	return backup_start(call, p->name, err);
}

/* --- service.whoami --- */

static int whoami(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	const struct caller *caller = call->client;
	json_t *roles = json_array(), *groups = json_array();

	(void)params, (void)err;
	for (int access = 0; access < MMP_ACCESS_COUNT; access++)
		if (caller->roles & (1u << access))
			json_array_append_new(roles, json_string(mmp_access_name(
							     (enum mmp_access)access)));
	for (size_t i = 0; i < caller->group_count; i++)
		json_array_append_new(groups, json_integer(caller->groups[i]));
	*ret_result =
		json_pack("{s:o, s:I, s:I, s:o, s:o}", "user", methods_text(caller->user),
			  "uid", (json_int_t)caller->uid, "pid", (json_int_t)caller->pid,
			  "groups", groups, "roles", roles);
	return 0;
}

/* --- service.status, service.metrics --- */

static int status(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	(void)params, (void)err;
	*ret_result = metrics_status(call->service);
	return 0;
}

static int metrics(struct mmp_call *call, const void *params, json_t **ret_result,
		   struct mmp_error *err)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	(void)params;
	metrics_print(call->service, &text);
	if (text.failed)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	*ret_result = json_pack("{s:s, s:s}", "type", METRICS_TYPE, "text", text.bytes);
	mmp_buffer_done(&text);
	return 0;
}

/* --- service.reload --- */

/* In the loop, as what is kept for how long may be another now. */
static int reloaded_step(struct mmp_call *call, void *data, json_t **ret_result,
			 struct mmp_error *err)
{
	struct service *service = call->service;

	(void)data, (void)err;
	retention_begin(service->retention);
	*ret_result = json_pack("{s:s}", "path",
				service->settings_path ? service->settings_path
						       : SETTINGS_PATH);
	return 0;
}

static int reload(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	struct service *service = call->service;

	(void)params, (void)ret_result;
	if (call_place(call) != IN_WORKER)
		return call_again(call, IN_WORKER);
	if (service_settings(service, err))
		return -1;
	log_info("settings: read anew, for %s", caller_signature(call)->user);
	return call_then(call, IN_LOOP, reloaded_step);
}

/* clang-format off */
const struct mmp_method methods_service[] = {
	{ "rpc.discover", "The methods, their parameters and their answers, as an OpenRPC document",
	  NULL, 0, shape_discover, MMP_READ | MMP_AT_ONCE, discover },
	{ "service.info", "Version, schema, uptime, limits and rule sets of the daemon",
	  NULL, 0, shape_service_info, MMP_READ | MMP_AT_ONCE, info },
	{ "service.backup", "Copy the database into a file while it is in use",
	  backup_params, sizeof(struct backup_params), shape_service_backup, MMP_ADMIN, backup },
	{ "service.status", "What the daemon is doing: clients, jobs, queues, memory, and how long calls take",
	  NULL, 0, shape_service_status, MMP_READ | MMP_AT_ONCE, status },
	{ "service.metrics", "The same and more as OpenMetrics text",
	  NULL, 0, shape_service_metrics, MMP_READ | MMP_AT_ONCE, metrics },
	{ "service.whoami", "Who you are to mmpd, and which roles you have",
	  NULL, 0, shape_service_whoami, MMP_READ | MMP_AT_ONCE, whoami },
	{ "service.reload", "Read /etc/mmp/mmpd.conf again; connections from now on have its roles",
	  NULL, 0, shape_service_reload, MMP_ADMIN, reload },
	{ 0 },
};
/* clang-format on */
