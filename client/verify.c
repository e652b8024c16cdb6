/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/exit.h"
#include "import/verify.h"
#include "runs.h"
#include "side.h"

/* layout verify: compares the log of a board with what its platform computes. */

static json_t *verify_log(struct mmp_import *import, const char *log,
			  const json_t *document, struct mmp_error *err)
{
	const struct mmp_import_wish wish = { .rules = json_string_value(json_object_get(
						      document, "rules")) };

	if (mmp_import_add_document(import, "platform", document, err) ||
	    mmp_import_add_path(import, log, err) || mmp_import_read(import, &wish, err))
		return NULL;
	return mmp_import_verify(import, err);
}

struct outcome verify_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local)
{
	const char *platform = json_string_value(json_object_get(local, "platform"));
	const char *log = json_string_value(json_object_get(local, "log"));
	struct mmp_import *import = mmp_import_new();
	struct outcome outcome = { 0 };
	struct mmp_error err;
	json_t *document;

	(void)command, (void)params;
	if (!import)
		abort();
	document = side_document(session, platform, &outcome);
	if (document) {
		outcome.value = verify_log(import, log, document, &err);
		if (!outcome.value)
			outcome = outcome_failed(&err);
		else if (!json_is_true(json_object_get(outcome.value, "same")))
			outcome.status = MMP_EXIT_NO;
	}
	json_decref(document);
	mmp_import_free(import);
	return outcome;
}
