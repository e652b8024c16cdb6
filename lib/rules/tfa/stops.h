/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RULES_TFA_STOPS_H
#define MMP_RULES_TFA_STOPS_H

#include "model/stop.h"

/* Stops of the firmware. Each is a row of tfa_stops[]. */
enum tfa_stop {
	/* while regions are registered */
	TFA_STOP_ADD_AFTER_INIT,
	TFA_STOP_REFUSED, /* a static region failed a check */
	TFA_STOP_ALLOC_SIZE,
	TFA_STOP_ALLOC_WRAPS,
	/* in the tables */
	TFA_STOP_INIT_TWICE,
	TFA_STOP_VA_SMALL,
	TFA_STOP_VA_LARGE,
	TFA_STOP_VA_POWER,
	TFA_STOP_NO_TABLE,
	TFA_STOP_SPACE,
	TFA_STOP_RME_REGIME,
	TFA_STOP_NO_SEL2,
	TFA_STOP_TYPE,
	TFA_STOP_CPU_PA,
	TFA_STOP_CHANGE_EARLY,
	TFA_STOP_GET_EARLY,
	TFA_STOP_PA_48,
	TFA_STOP_NOT_MAPPED, /* panic: a dynamic image has too few tables at init */
	TFA_STOP_NO_RMM,
	TFA_STOP_PAST_ARRAY, /* undefined: release build, static image */
	TFA_STOP_COUNT,
	TFA_NO_STOP = TFA_STOP_COUNT
};

extern const struct mmp_stop_info tfa_stops[TFA_STOP_COUNT];

#endif
