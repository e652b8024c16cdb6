/* SPDX-License-Identifier: BSD-2-Clause */
#include "budget_of.h"

#include "base/limits.h"
#include "check.h"
#include "rules/optee/optee.h"
#include "vector.h"

void make(struct mmp_budget *budget, const struct mmp_platform *platform)
{
	struct mmp_error err;

	mmp_budget_init(budget);
	if (mmp_budget_make(budget, platform, MMP_BUDGET_SHM, &err))
		fail_msg("%s", err.text);
}

struct mmp_platform *qemu(void)
{
	return vector_platform("../../platforms/qemu-armv8a");
}

size_t add(struct mmp_platform *p, const char *type, const char *name, uint64_t addr,
	   uint64_t size)
{
	struct mmp_registration one = {
		OPTEE_SECTION_PHYS_MEM_MAP, 0, addr, size, name, "platform", 0, 0, 0
	};
	struct mmp_error err;

	assert_int_equal(mmp_memtype_find(p->rules, type, &one.type, &err), 0);
	assert_int_equal(mmp_platform_add(p, &one, &err), 0);
	return p->count - 1;
}
