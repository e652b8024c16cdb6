/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rules/tfa/attr.h"
#include "rules/tfa/tfa.h"

/* What the firmware prints, and what mmp reports about a stop. */

#define CHANGE "WARNING: xlat_change_mem_attributes_ctx: "

/* Log what the mapping for a call lacks. */
static void log_entry(const struct tfa_result *r, char text[MMP_LOG_SIZE])
{
	if (r->rule == TFA_BEYOND_BASE)
		snprintf(text, MMP_LOG_SIZE,
			 "WARNING: Missing xlat table entry at address 0x%" PRIx64
			 ".\nWARNING: Address 0x%" PRIx64 " is not mapped.\n",
			 r->va, r->va);
	else if (r->rule == TFA_NOT_MAPPED)
		snprintf(text, MMP_LOG_SIZE,
			 "WARNING: Address 0x%" PRIx64 " is not mapped.\n", r->va);
	else if (r->rule == TFA_CHANGE_BLOCK)
		snprintf(text, MMP_LOG_SIZE,
			 "WARNING: Address 0x%" PRIx64
			 " is not mapped at the right granularity.\n"
			 "WARNING: Granularity is 0x%x, should be 0x1000.\n",
			 r->va, 1u << tfa_shift(r->level));
	else if (r->rule == TFA_CHANGE_DEVICE_EXECUTE)
		snprintf(text, MMP_LOG_SIZE,
			 "WARNING: Setting device memory as executable at address "
			 "0x%" PRIx64 ".\n",
			 r->va);
}

/* Log what is wrong with the arguments of a call that changes attributes. */
static void log_arguments(const struct tfa_op *op, int rule, char text[MMP_LOG_SIZE])
{
	if (rule == TFA_CHANGE_VA_UNALIGNED)
		snprintf(text, MMP_LOG_SIZE,
			 CHANGE "Address 0x%" PRIx64
				" is not aligned on a page boundary.\n",
			 op->va);
	else if (rule == TFA_CHANGE_SIZE_ZERO)
		snprintf(text, MMP_LOG_SIZE, CHANGE "Size is 0.\n");
	else if (rule == TFA_CHANGE_SIZE_UNALIGNED)
		snprintf(text, MMP_LOG_SIZE,
			 CHANGE "Size 0x%" PRIx64 " is not a multiple of a page size.\n",
			 op->size);
	else if (rule == TFA_CHANGE_WRITE_EXECUTE)
		snprintf(text, MMP_LOG_SIZE,
			 CHANGE "Mapping memory as read-write and executable not "
				"allowed.\n");
}

const char *tfa_log(const struct mmp_plan *plan, size_t n, char text[MMP_LOG_SIZE])
{
	const struct tfa_run *run = tfa_run_of(plan);
	const struct tfa_result *r = &run->context.results[n];
	const struct tfa_op *op = &run->ops[n];
	int code = tfa_rules[r->rule].code;

	text[0] = '\0';
	if (code && (op->call == TFA_ADD || op->call == TFA_ADD_ALLOC_VA)) {
		snprintf(text, MMP_LOG_SIZE,
			 "ERROR:   mmap_add_region_check() failed. error %d\n", code);
	} else if (code) {
		log_entry(r, text);
		log_arguments(op, (int)r->rule, text);
	}
	return text;
}

/* Print the region with its name, or with the call that adds it, and its ranges. */
static int print_region(char *text, size_t size, const struct tfa_run *run,
			const struct tfa_region *r)
{
	char label[TFA_LABEL_SIZE];

	return snprintf(text, size,
			"%s (PA 0x%" PRIx64 ", VA 0x%" PRIx64 ", size 0x%" PRIx64 ")",
			tfa_label(run->platform, r->op, label), r->pa, r->va, r->size);
}

const char *tfa_label(const struct mmp_platform *platform, uint32_t n,
		      char label[TFA_LABEL_SIZE])
{
	const char *name = platform->registrations[n].name;

	if (*name)
		mmp_text_print(label, TFA_LABEL_SIZE, "\"%.48s\"", name);
	else
		snprintf(label, TFA_LABEL_SIZE, "the region of call %u", n);
	return label;
}

static struct tfa_region region_of_op(const struct tfa_run *run, uint32_t n)
{
	const struct tfa_op *op = &run->ops[n];

	return (struct tfa_region){
		op->pa, op->va, op->size, op->granularity, op->attr, n
	};
}

/* Report which two regions conflict, and why. */
static void tell_refusal(struct mmp_stop *stop, const struct tfa_run *run)
{
	const struct tfa_context *x = &run->context;
	const struct tfa_result *r = &x->stop_reason;
	size_t length = (size_t)print_region(stop->detail, sizeof(stop->detail), run,
					     &x->stop_region);

	if (r->other != TFA_NO_REGION && length < sizeof(stop->detail)) {
		struct tfa_region other = region_of_op(run, r->other);

		length += (size_t)snprintf(stop->detail + length,
					   sizeof(stop->detail) - length, " and ");
		if (length < sizeof(stop->detail))
			length += (size_t)print_region(stop->detail + length,
						       sizeof(stop->detail) - length, run,
						       &other);
	}
	if (length < sizeof(stop->detail))
		snprintf(stop->detail + length, sizeof(stop->detail) - length, ": %s",
			 tfa_rules[r->rule].rule);
	snprintf(stop->trace, sizeof(stop->trace),
		 "ERROR:   mmap_add_region_check() failed. error %d",
		 tfa_rules[r->rule].code);
}

static void tell_panic(struct mmp_stop *stop, const struct tfa_region *r)
{
	snprintf(stop->message, sizeof(stop->message),
		 "%s\n VA:0x%" PRIx64 "  PA:0x%" PRIx64 "  size:0x%" PRIx64 "  attr:0x%x",
		 stop->info->message, r->va, r->pa, r->size, r->attr);
}

static void tell_about(struct mmp_stop *stop, const struct tfa_region *r)
{
	stop->ordinals[stop->subject_count] = r->op;
	mmp_stop_about(stop, (int)tfa_type(NULL, r->attr), r->pa, r->size);
}

int tfa_note_stop(struct mmp_stop *stop, const struct tfa_run *run)
{
	const struct tfa_context *x = &run->context;
	const struct tfa_region *r = &x->stop_region;

	mmp_stop_clear(stop);
	stop->has_call = true;
	stop->call = x->stop_call == TFA_NO_CALL ? -1 : (int64_t)x->stop_call;
	if (stop->call >= 0)
		stop->stage = tfa_sections[run->ops[stop->call].call].name;
	stop->tables_used = x->stop_tables;
	if (r->size)
		tell_about(stop, r);
	if (x->stop == TFA_STOP_REFUSED && x->stop_reason.other != TFA_NO_REGION) {
		struct tfa_region other = region_of_op(run, x->stop_reason.other);

		tell_about(stop, &other);
	}
	if (x->stop == TFA_STOP_REFUSED)
		tell_refusal(stop, run);
	else if (r->size)
		print_region(stop->detail, sizeof(stop->detail), run, r);
	else if (stop->call < 0)
		snprintf(stop->detail, sizeof(stop->detail), "when the MMU is turned on");
	else
		snprintf(stop->detail, sizeof(stop->detail), "call %u, %s",
			 (unsigned)stop->call, stop->stage);
	stop->info = &tfa_stops[x->stop];
	if (x->stop == TFA_STOP_NOT_MAPPED)
		tell_panic(stop, r);
	return -1;
}

const char *tfa_log_region(const struct mmp_plan *plan, size_t n, char text[MMP_LOG_SIZE])
{
	const struct mmp_region *r = &plan->regions[n];

	snprintf(text, MMP_LOG_SIZE,
		 " VA:0x%" PRIx64 "  PA:0x%" PRIx64 "  size:0x%" PRIx64
		 "  attr:0x%x  granularity:0x%" PRIx64 "\n",
		 r->va, r->pa, r->size, r->attr, UINT64_C(1) << r->granule_shift);
	return text;
}
