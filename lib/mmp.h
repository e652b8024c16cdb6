/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_MMP_H
#define MMP_MMP_H

/*
 * The public face of libmmp: from a platform document to the tables that its firmware
 * will make, and the push of such tables as a state machine without I/O. Each header
 * is the manual of its module; lib/README.md has them on one screen.
 *
 *	struct mmp_platform *platform;
 *	struct mmp_layout layout;
 *	struct mmp_error err;
 *
 *	if (mmp_platform_read(json, &platform, &err)) ...  err.text says what is wrong
 *	mmp_layout_init(&layout);
 *	if (mmp_layout_make(&layout, platform, NULL, &err)) ...
 *	answer = mmp_layout_write(&layout, MMP_DETAIL_FULL);
 *	mmp_layout_done(&layout);
 *	mmp_platform_free(platform);
 *
 * Compile and link with what `pkg-config --cflags --libs mmp` says.
 */

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "doc/descriptor.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "import/import.h"
#include "import/verify.h"
#include "link/session.h"
#include "model/config.h"
#include "model/platform.h"
#include "model/rules.h"
#include "tables/layout.h"
#include "tables/tables.h"
#include "tables/walk.h"

#endif
