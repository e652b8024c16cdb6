#ifndef MMP_DOC_FINDINGS_H
#define MMP_DOC_FINDINGS_H

#include <jansson.h>

#include "policy/policy.h"

/* An array: id, severity, stops, message, fix (or null), regions. */
json_t *mmp_findings_write(const struct mmp_findings *findings);

/* Run every check on a platform and what was computed of it (or NULL), as JSON. */
json_t *mmp_policy_write(const struct mmp_platform *platform,
			 const struct mmp_layout *layout);

#endif
