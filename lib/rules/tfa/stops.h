/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_STOPS_H
#define MMP_RULES_TFA_STOPS_H

#include "model/stop.h"

/* Where the firmware does not go on. Each is a row of mmp_tfa_stops[]. */
enum mmp_tfa_stop {
	MMP_TFA_STOP_ADD_AFTER_INIT,
	MMP_TFA_STOP_REFUSED, /* a static region failed a check */
	MMP_TFA_STOP_ALLOC_SIZE,
	MMP_TFA_STOP_ALLOC_WRAPS,
	MMP_TFA_STOP_INIT_TWICE,
	MMP_TFA_STOP_VA_SMALL,
	MMP_TFA_STOP_VA_LARGE,
	MMP_TFA_STOP_VA_POWER,
	MMP_TFA_STOP_NO_TABLE,
	MMP_TFA_STOP_SPACE,
	MMP_TFA_STOP_RME_REGIME,
	MMP_TFA_STOP_NO_SEL2,
	MMP_TFA_STOP_TYPE,
	MMP_TFA_STOP_CPU_PA,
	MMP_TFA_STOP_CHANGE_EARLY,
	MMP_TFA_STOP_GET_EARLY,
	MMP_TFA_STOP_PA_48,
	MMP_TFA_STOP_NOT_MAPPED, /* panic: a dynamic image has too few tables at init */
	MMP_TFA_STOP_NO_RMM,
	MMP_TFA_STOP_PAST_ARRAY, /* undefined: release build, static image */
	MMP_TFA_STOP_COUNT,
	MMP_TFA_NO_STOP = MMP_TFA_STOP_COUNT
};

extern const struct mmp_stop_info mmp_tfa_stops[MMP_TFA_STOP_COUNT];

#endif
