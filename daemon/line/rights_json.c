/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/rights_json.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "study/rights.h"
#include "json/number.h"
#include "json/writer.h"

enum { WHY_SIZE = 1024 };

/* One row of the table: a right of EL1 or EL0, and how much of it was proved. */
struct right_count {
	size_t allowed, denied, differ;
	size_t reasons[MMP_TRIAL_STATE_COUNT]; /* not provable: how often for which */
};

static size_t not_provable(const struct right_count *count)
{
	size_t sum = count->reasons[MMP_TRIAL_WAITING];

	for (size_t i = MMP_TRIAL_DEVICE; i < MMP_TRIAL_STATE_COUNT; i++)
		sum += count->reasons[i];
	return sum;
}

static const char *word_of(const struct right_count *count)
{
	bool some = count->allowed + count->denied > 0;

	if (count->differ)
		return "differs";
	if (!not_provable(count))
		return "proved";
	return some ? "proved in part" : "not provable here";
}

/* "12: device memory is never executed; 3: ..."; NULL if everything was proved. */
static const char *why_of(const struct right_count *count, char text[WHY_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < MMP_TRIAL_STATE_COUNT && used < WHY_SIZE; i++)
		if (count->reasons[i])
			used += (size_t)snprintf(text + used, WHY_SIZE - used,
						 "%s%zu: %s", used ? "; " : "",
						 count->reasons[i],
						 mmp_trial_text((enum mmp_trial_state)i));
	return used ? text : NULL;
}

static void write_row(struct mmp_writer *w, const char *who, const char *right,
		      const struct right_count *count)
{
	size_t missing = not_provable(count);
	char why[WHY_SIZE];

	if (count->allowed + count->denied + missing == 0)
		return;
	mmp_writer_begin(w, '{');
	mmp_member_text(w, "who", who);
	mmp_member_text(w, "right", right);
	mmp_member_number(w, "allowed", (int64_t)count->allowed);
	mmp_member_number(w, "denied", (int64_t)count->denied);
	mmp_member_number(w, "differ", (int64_t)count->differ);
	mmp_member_number(w, "not_provable", (int64_t)missing);
	mmp_member_text(w, "proof", word_of(count));
	mmp_member_text(w, "why", why_of(count, why));
	mmp_writer_end(w, '}');
}

static struct right_count of_access(const struct mmp_session_report *report,
				    enum mmp_probe_access access)
{
	const struct mmp_access_count *c = &report->accesses[access];

	return (struct right_count){ c->allowed, c->denied, c->differ, { 0 } };
}

static struct right_count of_trials(const struct mmp_session_report *report,
				    const struct mmp_image *image, unsigned level,
				    enum mmp_trial_kind kind)
{
	struct right_count count = { 0 };

	for (size_t i = 0; report->trials && i < image->trial_count; i++) {
		const struct mmp_trial *trial = &image->trials[i];
		enum mmp_trial_state state = report->trials[i].state;
		bool tried = state == MMP_TRIAL_PROVED || state == MMP_TRIAL_DIFFERS;
		bool ran = report->trials[i].ran == WIRE_RAN;

		if (trial->level != level || trial->kind != kind)
			continue;
		count.allowed += tried && ran;
		count.denied += tried && !ran;
		count.differ += state == MMP_TRIAL_DIFFERS;
		count.reasons[tried ? MMP_TRIAL_PROVED : state] += !tried;
	}
	return count;
}

static json_t *rows_json(const struct mmp_session_report *report,
			 const struct mmp_image *image)
{
	static const char *const rights[MMP_TRIAL_KIND_COUNT] = {
		[MMP_TRIAL_PLAIN] = "execute",
		[MMP_TRIAL_BRANCHED] = "execute where a branch leads (BTI)",
		[MMP_TRIAL_WXN] = "execute what is writable, with WXN",
	};
	struct mmp_writer rows = MMP_BUILDER;

	mmp_writer_begin(&rows, '[');
	for (unsigned level = 2; level-- > 0;) {
		const char *who = level ? "EL1" : "EL0";
		struct right_count read =
			of_access(report, level ? MMP_PROBE_READ : MMP_PROBE_USER_READ);
		struct right_count write =
			of_access(report, level ? MMP_PROBE_WRITE : MMP_PROBE_USER_WRITE);

		write_row(&rows, who, "read", &read);
		write_row(&rows, who, "write", &write);
		for (enum mmp_trial_kind kind = 0; kind < MMP_TRIAL_KIND_COUNT; kind++) {
			struct right_count run = of_trials(report, image, level, kind);

			write_row(&rows, who, rights[kind], &run);
		}
	}
	mmp_writer_end(&rows, ']');
	return mmp_writer_done(&rows);
}

static const char *letters(bool reads, bool writes, bool runs, char text[4])
{
	snprintf(text, 4, "%c%c%c", reads ? 'r' : '-', writes ? 'w' : '-',
		 runs ? 'x' : '-');
	return text;
}

/* A region as seen from both levels, and whether execution was proved. */
static json_t *region_json(const struct mmp_layout *layout, const struct mmp_trial *one,
			   const struct mmp_trial *zero,
			   const struct mmp_trial_result *got_one,
			   const struct mmp_trial_result *got_zero)
{
	const struct mmp_region *r = &layout->plan.regions[one->region];
	unsigned rights = mmp_rights_of_region(layout, one->region);
	char text1[4], text0[4];

	letters(rights & MMP_RIGHT_READ, rights & MMP_RIGHT_WRITE, one->runs, text1);
	letters(rights & MMP_RIGHT_USER_READ, rights & MMP_RIGHT_USER_WRITE, zero->runs,
		text0);
	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:s}", "type",
			 layout->platform->rules->types[r->type].name, "va",
			 mmp_json_hex(r->va, 1), "size", mmp_json_hex(r->size, 1), "el1",
			 text1, "el0", text0, "execute_el1",
			 mmp_trial_text(got_one->state), "execute_el0",
			 mmp_trial_text(got_zero->state));
}

static const struct mmp_trial *find(const struct mmp_image *image, uint32_t region,
				    unsigned level, size_t *ret_index)
{
	for (size_t i = *ret_index; i < image->trial_count; i++)
		if (image->trials[i].region == region &&
		    image->trials[i].level == level &&
		    image->trials[i].kind == MMP_TRIAL_PLAIN) {
			*ret_index = i;
			return &image->trials[i];
		}
	return NULL;
}

/* Trials are ordered by region, EL0 first. */
static json_t *regions_json(const struct mmp_session_report *report,
			    const struct mmp_image *image,
			    const struct mmp_layout *layout)
{
	json_t *list = json_array();
	size_t i = 0;

	while (report->trials && i < image->trial_count &&
	       json_array_size(list) < MMP_DIFFERENCES_MAX) {
		uint32_t region = image->trials[i].region;
		size_t one = i;

		if (find(image, region, 1, &one))
			json_array_append_new(
				list, region_json(layout, &image->trials[one],
						  &image->trials[i], &report->trials[one],
						  &report->trials[i]));
		while (i < image->trial_count && image->trials[i].region == region)
			i++;
	}
	return list;
}

/*
 * What the address translations cannot show: memory was read back and compared as a
 * whole.
 */
static json_t *memory_json(const struct mmp_session_report *report)
{
	static const char *const words[] = {
		[MMP_READ_BACK_NONE] = "not read back",
		[MMP_READ_BACK_SAME] = "proved",
		[MMP_READ_BACK_DIFFERS] = "differs",
	};

	return json_pack("{s:s, s:s}", "proof", words[report->read_back], "about",
			 "nG, the contiguous hint, the access flag and the reserved bits "
			 "of every descriptor: the SHA-256 of the live pool, read from "
			 "the board's memory at the end");
}

static json_t *differences_json(const struct mmp_session_report *report,
				const struct mmp_image *image)
{
	json_t *list = json_array();

	for (size_t i = 0; report->trials && i < image->trial_count; i++) {
		const struct mmp_trial_result *got = &report->trials[i];
		const struct mmp_trial *trial = &image->trials[i];

		if (got->state == MMP_TRIAL_DIFFERS &&
		    json_array_size(list) < MMP_DIFFERENCES_MAX)
			json_array_append_new(
				list,
				json_pack("{s:o, s:i, s:s, s:s, s:o}", "va",
					  mmp_json_hex(trial->pages[got->page].va, 1),
					  "level", trial->level, "expected",
					  trial->runs ? "runs" : "does not run", "got",
					  got->ran == WIRE_RAN       ? "ran"
					  : got->ran == WIRE_RAN_NOT ? "did not run"
								     : "did not return",
					  "esr", mmp_json_hex(got->esr, 8)));
	}
	return list;
}

json_t *rights_json(const struct mmp_session_report *report,
		    const struct mmp_image *image, const struct mmp_layout *layout)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "table", rows_json(report, image),
			 "memory", memory_json(report), "regions",
			 regions_json(report, image, layout), "differences",
			 differences_json(report, image));
}
