/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_POLICY_OPTEE_H
#define MMP_POLICY_OPTEE_H

/* Inside the policy of optee-3.4: its checks that compare what was registered with the map. */

#include "rules/optee/checks.h"

mmp_check_run optee_3_4_mapped_short, optee_3_4_mapped_long;
mmp_check_run optee_3_4_rounded, optee_3_4_rounded_over;

/* Registered, type END hides all registrations: nothing can be said of the others. */
bool optee_3_4_hides_all(const struct mmp_platform *platform);

#endif
