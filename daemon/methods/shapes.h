/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef METHODS_SHAPES_H
#define METHODS_SHAPES_H

#include "doc/shapes.h"

/*
 * The shape of the answers of the daemon's own methods, one table each (see
 * json/shape.h); those of methods that only compute are in doc/shapes.h.
 */
extern const struct mmp_shape shape_discover[];
extern const struct mmp_shape shape_service_info[];
extern const struct mmp_shape shape_service_backup[];
extern const struct mmp_shape shape_service_status[];
extern const struct mmp_shape shape_service_metrics[];
extern const struct mmp_shape shape_service_whoami[];
extern const struct mmp_shape shape_service_reload[];

extern const struct mmp_shape shape_platform_put[]; /* and platform.revert */
extern const struct mmp_shape shape_platform_get[];
extern const struct mmp_shape shape_platform_list[];
extern const struct mmp_shape shape_platform_history[];
extern const struct mmp_shape shape_revision[]; /* platform.remove */
extern const struct mmp_shape shape_region[];   /* region.register, region.remove */
extern const struct mmp_shape shape_region_list[];

extern const struct mmp_shape shape_build_create[];
extern const struct mmp_shape shape_build_get[];
extern const struct mmp_shape shape_build_list[];
extern const struct mmp_shape shape_build_export[];
extern const struct mmp_shape shape_build_compare[];
extern const struct mmp_shape shape_id[]; /* build.remove */

extern const struct mmp_shape shape_board[]; /* board.put */
extern const struct mmp_shape shape_board_get[];
extern const struct mmp_shape shape_board_list[];
extern const struct mmp_shape shape_board_history[];
extern const struct mmp_shape shape_board_scan[];
extern const struct mmp_shape shape_board_probe[];
extern const struct mmp_shape shape_name[]; /* board.remove */

extern const struct mmp_shape shape_key[];
extern const struct mmp_shape shape_key_list[];
extern const struct mmp_shape shape_kept[]; /* key.trust, key.revoke, key.enroll */

extern const struct mmp_shape shape_job[]; /* and push.start, layout.sweep */
extern const struct mmp_shape shape_job_list[];

#endif
