/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_RULES_H
#define MMP_DOC_RULES_H

/* The rule sets as JSON. */

#include <jansson.h>

#include "model/rules.h"

/*
 * Every rule set of every firmware, newest first: name, firmware, about, and what it has
 * that the one before it in time did not have (`adds`), and the other way round (`drops`):
 * memory types and configuration keys, by name. The reference is the caller's.
 */
json_t *mmp_rules_write(void);

#endif
