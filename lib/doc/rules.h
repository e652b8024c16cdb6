/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_RULES_H
#define MMP_DOC_RULES_H

/* The rule sets as JSON. */

#include <jansson.h>

#include "model/rules.h"

/*
 * Every rule set of every firmware, newest first: name, firmware, about, and the memory
 * types and configuration keys, by name, that it has and its predecessor does not
 * (`adds`), or the other way round (`drops`). A new reference.
 */
json_t *mmp_rules_write(void);

#endif
