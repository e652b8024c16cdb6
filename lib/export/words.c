/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "export/exporters.h"
#include "study/rights.h"

/* --- device tree ----------------------------------------------------------------------- */

static void put_node(struct mmp_buffer *out, const char *name, uint64_t base,
		     uint64_t size)
{
	mmp_buffer_printf(out,
			  "\t\t%s@%" PRIx64 " {\n\t\t\treg = <0x%" PRIx64 " 0x%" PRIx64
			  " 0x%" PRIx64 " 0x%" PRIx64 ">;\n\t\t\tno-map;\n\t\t};\n",
			  name, base, base >> 32, base & UINT32_MAX, size >> 32,
			  size & UINT32_MAX);
}

/* Memory, not devices, that the firmware maps non-secure: it is shared by both worlds. */
static bool is_shared(const struct mmp_layout *layout, size_t n)
{
	unsigned rights = mmp_rights_of_region(layout, n);

	return (rights & MMP_RIGHT_NONSECURE) && !(rights & MMP_RIGHT_DEVICE);
}

/* Devicetree Specification 0.4, 3.5: /reserved-memory. */
int mmp_export_dts(const struct mmp_export *export, struct mmp_buffer *out,
		   struct mmp_error *err)
{
	const struct mmp_plan *plan = &export->layout->plan;

	(void)err;
	mmp_buffer_printf(out,
			  "/dts-v1/;\n\n/* What the normal world must not use: platform "
			  "%s, build %.12s */\n/ {\n\t#address-cells = <2>;\n"
			  "\t#size-cells = <2>;\n\n\treserved-memory {\n"
			  "\t\t#address-cells = <2>;\n\t\t#size-cells = <2>;\n"
			  "\t\tranges;\n\n",
			  export->layout->platform->name, export->id);
	for (unsigned i = 0; i < plan->secure_count; i++)
		if (plan->secure[i].size)
			put_node(out, "secure", plan->secure[i].base,
				 plan->secure[i].size);
	for (size_t n = 0; n < plan->count; n++)
		if (is_shared(export->layout, n))
			put_node(out, "shared", plan->regions[n].pa,
				 plan->regions[n].size);
	mmp_buffer_text(out, "\t};\n};\n");
	return 0;
}

/* --- JSON ------------------------------------------------------------------------------ */

static void put_json_table(const struct mmp_export *export, struct mmp_buffer *out,
			   uint32_t id)
{
	const struct mmp_format *format = export->layout->tables.format;
	struct mmp_table_view view = mmp_tables_view(&export->layout->tables, id);
	bool first = true;

	mmp_buffer_printf(
		out,
		"%s{\"id\":%u,\"pa\":\"0x%" PRIx64 "\",\"level\":%d,"
		"\"base_va\":\"0x%" PRIx64 "\",\"entries\":%u,\"descriptors\":[",
		id ? ",\n" : "\n", id, view.pa, view.level, view.base_va, view.entries);
	for (uint32_t n = 0; n < view.entries; n++) {
		uint64_t word = mmp_descriptor_at(format, view.bytes, n);

		if (!word)
			continue;
		mmp_buffer_printf(out, "%s[%u,\"0x%0*" PRIx64 "\"]", first ? "" : ",", n,
				  (int)format->descriptor_digits, word);
		first = false;
	}
	mmp_buffer_text(out, "]}");
}

int mmp_export_json(const struct mmp_export *export, struct mmp_buffer *out,
		    struct mmp_error *err)
{
	mmp_buffer_printf(out,
			  "{\"build\":\"%s\",\"pa\":\"0x%" PRIx64
			  "\",\"length\":%zu,\n\"manifest\":%s,\n\"tables\":[",
			  export->id, export->pa, export->length, export->manifest);
	for (uint32_t id = 0; id < mmp_tables_count(&export->layout->tables); id++) {
		put_json_table(export, out, id);
		if (mmp_export_check(out, err))
			return -1;
	}
	mmp_buffer_text(out, "\n]}\n");
	return 0;
}

/*
 * --- the firmware's own log format
 * ----------------------------------------------------
 */

int mmp_export_log(const struct mmp_export *export, struct mmp_buffer *out,
		   struct mmp_error *err)
{
	const struct mmp_rules *rules = export->layout->platform->rules;
	char line[MMP_LOG_SIZE];

	if (!rules->log_region)
		return mmp_fail(err, MMP_INVALID, "%s prints no memory map", rules->name);
	for (size_t n = 0; n < export->layout->plan.count; n++)
		mmp_buffer_text(out, rules->log_region(&export->layout->plan, n, line));
	return 0;
}
