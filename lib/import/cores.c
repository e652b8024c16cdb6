/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/cores.h"

#include <strings.h>

#include "base/text.h"

/* clang-format off */
/* Columns: name, PARange, BTI, MTE. */
const struct mmp_core mmp_cores[] = {
	{ "cortex-a34",   2, false, false },
	{ "cortex-a35",   2, false, false },
	{ "cortex-a53",   2, false, false },
	{ "cortex-a55",   2, false, false },
	{ "cortex-a57",   4, false, false },
	{ "cortex-a65",   4, false, false },
	{ "cortex-a72",   4, false, false },
	{ "cortex-a73",   2, false, false },
	{ "cortex-a75",   4, false, false },
	{ "cortex-a76",   2, false, false },
	{ "cortex-a77",   2, false, false },
	{ "cortex-a78",   2, false, false },
	{ "cortex-a510",  2, true,  true  },
	{ "cortex-a520",  2, true,  true  },
	{ "cortex-a710",  2, true,  true  },
	{ "cortex-a715",  2, true,  true  },
	{ "cortex-a720",  2, true,  true  },
	{ "cortex-x1",    2, false, false },
	{ "cortex-x2",    2, true,  true  },
	{ "cortex-x3",    2, true,  true  },
	{ "cortex-x4",    2, true,  true  },
	{ "neoverse-n1",  5, false, false },
	{ "neoverse-v1",  5, false, false },
	{ "neoverse-n2",  5, true,  true  },
	{ "neoverse-v2",  5, true,  true  },
	{ NULL, 0, false, false }
};
/* clang-format on */
enum { CORES_MAX = 64 };

int mmp_core_find(const char *name, const struct mmp_core **ret_core,
		  struct mmp_error *err)
{
	const char *names[CORES_MAX], *near;
	size_t count = 0;

	for (const struct mmp_core *core = mmp_cores; core->name; core++) {
		if (strcasecmp(core->name, name) == 0) {
			*ret_core = core;
			return 0;
		}
		names[count++] = core->name;
	}
	near = mmp_nearest(name, names, count);
	return mmp_fail(err, MMP_INVALID, "no core \"%.40s\" in the table of cores; %s%s",
			name, near ? "the nearest is " : "such as ",
			near ? near : "cortex-a53 or neoverse-n1");
}
