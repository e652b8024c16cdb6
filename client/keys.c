/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "model/config.h"
#include "runs.h"

/* clang-format off */
static const char *const type_names[] = {
	[MMP_KEY_OBJECT]  = "object",
	[MMP_KEY_CHOICE]  = "choice",
	[MMP_KEY_FLAG]    = "flag",
	[MMP_KEY_COUNT]   = "number",
	[MMP_KEY_SIZE]    = "bytes",
	[MMP_KEY_ADDRESS] = "address",
};
/* clang-format on */

static json_t *fallback_of(const struct mmp_config_key *key)
{
	char hex[24];

	if (key->required || key->type == MMP_KEY_OBJECT || key->nullable)
		return json_null();
	if (key->type == MMP_KEY_FLAG)
		return json_boolean(key->fallback);
	if (key->type == MMP_KEY_CHOICE)
		return json_string(mmp_arch_names[key->fallback]);
	if (key->type == MMP_KEY_COUNT)
		return json_integer((json_int_t)key->fallback);
	snprintf(hex, sizeof(hex), "0x%" PRIx64, key->fallback);
	return json_string(hex);
}

struct outcome keys_run(struct session *session, const struct command *command,
			json_t *params, json_t *local)
{
	struct outcome outcome = { .value = json_array() };

	(void)session, (void)command, (void)params, (void)local;
	for (size_t i = 0; i < mmp_config_key_count; i++) {
		const struct mmp_config_key *key = &mmp_config_keys[i];

		json_array_append_new(outcome.value,
				      json_pack("{s:s, s:s, s:b, s:o, s:s?, s:s}", "name",
						key->name, "type", type_names[key->type],
						"required", key->required, "default",
						fallback_of(key), "option", key->option,
						"about", key->about));
	}
	return outcome;
}
