/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_VIEWS_H
#define CLIENT_VIEWS_H

#include "view.h"

/* The view of each answer. */
extern const struct view platform_put_view, platform_view, platform_list_view;
extern const struct view history_view, region_view, region_list_view, removed_view;
extern const struct view board_removed_view, policy_explain_view;
extern const struct view layout_view, budget_view, verify_view;
extern const struct view build_created_view, build_view, build_list_view, walk_view,
	compare_view;
extern const struct view board_view, board_history_view, board_list_view, scan_view,
	probe_view, replay_view, key_view, key_list_view, kept_view;
extern const struct view job_view, job_list_view;
extern const struct view rules_view, policy_view, memtype_view, descriptor_view,
	keys_view;
extern const struct view service_view, backup_view, discover_view;
extern const struct view whoami_view, reload_view, status_view, metrics_view;

#endif
