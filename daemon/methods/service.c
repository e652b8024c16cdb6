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
#include "json/text.h"

/* --- rpc.discover --- */

static int print_discovered(struct service *service, struct mmp_error *err)
{
	json_t *document = mmp_discover(service->methods, "mmpd", PACKAGE_VERSION);
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	if (mmp_json_print(document, MMP_ANSWER_MAX, &text, err)) {
		mmp_buffer_done(&text);
	} else {
		service->discovered = mmp_shared_new(&text);
		if (!service->discovered)
			mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	json_decref(document);
	return service->discovered ? 0 : -1;
}

/* The document is always the same, and long: it is printed once. */
static int discover(struct mmp_call *call, const void *params, json_t **ret_result,
		    struct mmp_error *err)
{
	struct service *service = call->service;

	(void)params, (void)ret_result;
	if (!service->discovered && print_discovered(service, err))
		return -1;
	call->text = mmp_shared_ref(service->discovered);
	return 0;
}

/* --- service.info --- */

#define LIMIT_ROW(macro, value, name, unit, about) { name, unit, about, macro },

static const struct {
	const char *name, *unit, *about;
	json_int_t value;
} limits[] = { MMP_EACH_LIMIT(LIMIT_ROW) };

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
	  "name of the copy: a new file in the folder \"backups\" next to the database", NULL },
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

/* In the loop, because the retention times may have changed. */
static int reloaded_step(struct mmp_call *call, void *data, json_t **ret_result,
			 struct mmp_error *err)
{
	struct service *service = call->service;

	(void)data, (void)err;
	retention_begin(service->retention);
	*ret_result = json_pack("{s:s}", "path", service_settings_path(service));
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
	log_info("settings: reloaded for %s", caller_signature(call)->user);
	return call_then(call, IN_LOOP, reloaded_step);
}

/* clang-format off */
const struct mmp_method methods_service[] = {
	{ "rpc.discover", "Describe the methods, their parameters and their answers as an OpenRPC document",
	  NULL, 0, shape_discover, MMP_READ | MMP_AT_ONCE, discover },
	{ "service.info", "Show version, schema, uptime, limits and rule sets of the daemon",
	  NULL, 0, shape_service_info, MMP_READ | MMP_AT_ONCE, info },
	{ "service.backup", "Copy the database into a file while it is in use",
	  backup_params, sizeof(struct backup_params), shape_service_backup, MMP_ADMIN, backup },
	{ "service.status", "Show what the daemon is doing: clients, jobs, queues, memory, and how long calls take",
	  NULL, 0, shape_service_status, MMP_READ | MMP_AT_ONCE, status },
	{ "service.metrics", "Show the same and more as OpenMetrics text",
	  NULL, 0, shape_service_metrics, MMP_READ | MMP_AT_ONCE, metrics },
	{ "service.whoami", "Show the user that mmpd sees you as, and your roles",
	  NULL, 0, shape_service_whoami, MMP_READ | MMP_AT_ONCE, whoami },
	{ "service.reload", "Read /etc/mmp/mmpd.conf again; its roles and limits hold from the next call on",
	  NULL, 0, shape_service_reload, MMP_ADMIN, reload },
	{ 0 },
};
/* clang-format on */
