/* SPDX-License-Identifier: BSD-2-Clause */
#include "generate.h"
#include "methods.h"

#include <string.h>

/* clang-format off */
static const struct {
	const char *what;
	void (*print)(FILE *to);
} outputs[] = {
	{ "mmpctl.1",     generate_mmpctl_1 },
	{ "mmp-config.5", generate_config_5 },
	{ "bash",         generate_bash },
	{ "zsh",          generate_zsh },
};
/* clang-format on */

int generate(FILE *to, const char *what, struct mmp_error *err)
{
	if (methods_check(err))
		return -1;
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++)
		if (strcmp(outputs[i].what, what) == 0) {
			outputs[i].print(to);
			return 0;
		}
	return mmp_fail(err, MMP_BAD_REQUEST,
			"\"%.64s\" cannot be generated; what can be: mmpctl.1, "
			"mmp-config.5, bash or zsh",
			what);
}
