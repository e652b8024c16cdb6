/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_POLICY_H
#define MMP_POLICY_H

/*
 * Findings: everything that is wrong with a platform, or worth knowing, at once. A check
 * reads the platform and what was computed from it, and reports; it changes nothing and
 * cannot fail. Ids are stable, as scripts and profiles use them.
 *
 * Firmware stops at the first fatal problem. Here each such stop is also a check, which
 * finds every place where the platform would stop for that reason, under the id of the
 * stop. What needs a later stage than the one that stops is computed from a copy of the
 * platform without the registrations that stop it, and the finding begins with that:
 * "without "uart0": ...".
 *
 * Severities: error, the firmware stops or its tables are corrupt; warning, it boots, but
 * behaves in a way that the author may not expect; info, worth knowing.
 */

#include "tables/layout.h"

enum mmp_severity { MMP_INFO, MMP_WARNING, MMP_ERROR, MMP_SEVERITY_COUNT };

/* The verdict on a platform in every answer. Only mmp_verdict_of() decides it. */
enum mmp_verdict {
	MMP_BOOTS,
	MMP_DOUBTFUL, /* it has findings of severity error that do not stop the boot */
	MMP_STOPS,
	MMP_VERDICT_COUNT
};

extern const char *const mmp_verdict_names[MMP_VERDICT_COUNT];

extern const char *const mmp_severity_names[MMP_SEVERITY_COUNT];

#define MMP_FINDING_REGIONS 6

/* A range that a finding is about; a registration if there is one. */
struct mmp_finding_region {
	int64_t ordinal; /* in the platform's registrations, or -1 */
	int type;        /* index in the rule set, or -1 */
	uint64_t base, size;
	const char *key; /* the configuration key it comes from; NULL: not known */
};

/* One change to a platform, as part of a fix. */
enum mmp_edit_kind {
	MMP_EDIT_KEY,    /* a key of the configuration gets a value */
	MMP_EDIT_ADDR,   /* a registration gets another address */
	MMP_EDIT_SIZE,   /* another size */
	MMP_EDIT_TYPE,   /* another type */
	MMP_EDIT_REMOVE, /* a registration is removed */
	MMP_EDIT_KIND_COUNT
};

struct mmp_edit {
	enum mmp_edit_kind kind;
	const struct mmp_config_key *key; /* MMP_EDIT_KEY */
	size_t ordinal;                   /* the others */
	uint64_t value;
};

#define MMP_EDITS_MAX 4

/* A fix with its values. It is offered only if it works: see mmp_policy_run(). */
struct mmp_proposal {
	char text[224];
	unsigned edit_count;
	struct mmp_edit edits[MMP_EDITS_MAX];
};

struct mmp_finding {
	const char *id;
	enum mmp_severity severity;
	bool stops;    /* this one stops the boot: the first of the findings that would */
	unsigned step; /* of a stop after the map: when it happens; 0: it is not one */
	const struct mmp_stop_info *stop; /* for a stop: its place and texts */
	char text[512];
	char fix[224];          /* what to do; empty if there is no single answer */
	bool fix_is_general;    /* it is the text of the check's row */
	bool is_assumed;        /* found in a copy with another value of a key */
	const char *because_of; /* id of the finding that causes this one; NULL: none */
	const char *leads_to;   /* ids of findings that this one causes, or NULL */
	size_t first_proposal, proposal_count; /* of findings->proposals */
	int64_t proven;        /* the proposal offered in `fix`; -1: it has no edits */
	unsigned region_count; /* of those in regions[] */
	unsigned region_more;  /* registrations for which there is no room in regions[] */
	struct mmp_finding_region regions[MMP_FINDING_REGIONS];
	/* The firmware's own ranges that it is about. They identify a stop. */
	unsigned subject_count;
	struct mmp_subject subjects[MMP_STOP_SUBJECTS];
};

struct mmp_finding_index; /* registrations by type and address; finding.c */

struct mmp_findings {
	const struct mmp_platform *platform; /* borrowed */
	size_t count, capacity, omitted;     /* omitted: over MMP_FINDINGS_MAX */
	size_t errors_from; /* items from here on are errors, if the list is full */
	struct mmp_finding *items;
	/*
	 * Set before a run that is only for the errors: then other findings are looked
	 * for only where they explain errors.
	 */
	bool errors_only;

	size_t proposal_count, proposal_capacity;
	struct mmp_proposal *proposals;

	/* --- used while checks run --- */
	/* In a trial: the finding to remove, and all earlier findings; else NULL. */
	const struct mmp_finding *trial_of;
	const struct mmp_findings *trial_before;
	const struct mmp_platform *current; /* or a copy with fewer registrations */
	const size_t *ordinals; /* of current's registrations in platform's; NULL: same */
	const char *without;    /* what the copy does not have; "" if it is not a copy */
	struct mmp_finding open; /* stands in for a finding that is only counted */
	struct mmp_finding *last;
	bool leaves_out; /* copies are made without the first subject of a finding */
	uint8_t *left_out;
	struct mmp_finding_index *index;
};

/*
 * The later steps of the boot, which use the map. A stop there is not a failure of the
 * layout: the map and the tables are made.
 */
enum mmp_later_step {
	MMP_STEP_BOOT_MEMORY = 1, /* for the tables, if its room was not given */
	MMP_STEP_PAGER,
	MMP_STEP_MEMORY, /* the pools of secure memory */
	MMP_STEP_DDR,    /* discovery of the normal world's DDR */
	MMP_STEP_THREADS,
	MMP_STEP_SERVICES, /* shared memory with the normal world */
};

/* The stage of the computation that a check needs. */
enum mmp_check_reads {
	MMP_READS_PLATFORM,
	MMP_READS_MAP,    /* the entries of plan.regions, not placed */
	MMP_READS_PLAN,   /* the same, placed, with shape and registers */
	MMP_READS_LAYOUT, /* everything */
};

struct mmp_check_views; /* checks_views.c */

struct mmp_check_input {
	const struct mmp_platform *platform;
	const struct mmp_layout *layout; /* as far as `has` says */
	/* The plan as it was made, if `layout` has what is mapped of it in the end. */
	const struct mmp_plan *plan;
	enum mmp_check_reads has;
	uint64_t pa_mask;              /* what the firmware's paddr_t holds */
	struct mmp_check_views *views; /* shared by checks, made when first used */
};

struct mmp_check {
	const char *id;
	enum mmp_severity severity;
	const char *about; /* one line, for the manual and `policy list` */
	const char *fix;   /* or NULL */
	enum mmp_check_reads reads;
	void (*run)(const struct mmp_check *check, const struct mmp_check_input *input,
		    struct mmp_findings *findings);
	/* For a stop, whose row has id, about and fix; or one of rules->table_stops. */
	const struct mmp_stop_info *stop;
	bool is_own_stop; /* `own_stop` is its number in rules->stops */
	unsigned own_stop;
	bool is_table_stop;
	enum mmp_table_stop table_stop;
	bool leaves_out; /* copies are made without the registrations in its findings */
	bool has_more;   /* it finds more about a stop than the stop itself */
	enum mmp_later_step step; /* of a stop after the map */
	/*
	 * Ids of findings that this one causes if both are about the same range, or NULL.
	 */
	const char *leads_to;
};

/* A row of a check that is not a stop. */
#define MMP_CHECK(id_, severity_, about_, fix_, reads_, run_)                            \
	{                                                                                \
		.id = id_, .severity = severity_, .about = about_, .fix = fix_,          \
		.reads = reads_, .run = run_                                             \
	}

/*
 * What is left of a platform when its stops are removed, one after another. A way past a
 * stop changes the copy, or the limits on its tables, and describes that in `words`.
 */
struct mmp_rest {
	struct mmp_platform platform; /* a copy; its registrations may be fewer */
	bool no_asserts, any_tables, any_boot_memory;
	char words[64];  /* "with va_bits 36" */
	char fix[160];   /* the fix that this way suggests; empty: that of the row */
	const char *key; /* the key to set for the fix; NULL: the fix is only text */
	uint64_t value;
};

struct mmp_way {
	unsigned own_stop; /* its number in rules->stops */
	void (*take)(struct mmp_rest *rest, const struct mmp_layout *stopped);
};

#define MMP_CHECK_TABLES_MAX 12

/* A text that the firmware prints before a stop, or instead of one. */
struct mmp_word {
	const char *text, *id;
};

/* What a rule set provides in rules->policy: its checks, and the ways past its stops. */
struct mmp_policy {
	/*
	 * Tables of checks in the order in which they run, including mmp_checks: at most
	 * MMP_CHECK_TABLES_MAX, then NULL. Each ends with a row without a function.
	 */
	const struct mmp_check *const *tables;
	const struct mmp_way *ways; /* ends with a row without a function */
	/* Propose fixes for the stop that was just added; or NULL. */
	void (*propose)(struct mmp_findings *findings, const struct mmp_stop *stop);
	/*
	 * The configuration key of one of the firmware's own ranges, or NULL. The hook
	 * may be NULL.
	 */
	const char *(*key_of)(const struct mmp_platform *platform, unsigned type,
			      uint64_t base, uint64_t size);
	const struct mmp_word *words; /* ends with a row without a text; or NULL */
	/* Whether the firmware itself registers this on every platform; or NULL. */
	bool (*is_own)(const struct mmp_platform *platform,
		       const struct mmp_registration *registration);
};

extern const struct mmp_check mmp_checks[]; /* the checks for every rule set */

/* One kind of finding, for lists and the manual. */
struct mmp_finding_kind {
	const char *id, *about, *fix; /* fix or NULL */
	enum mmp_severity severity;
	bool is_stop; /* the firmware has a stop of this id */
	const struct mmp_stop_info
		*stop;        /* texts of the first stop with this id; or NULL */
	const char *leads_to; /* ids of findings that it causes, or NULL */
};

#define MMP_FINDING_KINDS_MAX 192

/*
 * List every kind of finding of a rule set, each id once, stops first. Returns how many.
 */
size_t mmp_policy_kinds(const struct mmp_rules *rules,
			struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX]);

/*
 * Run every check, and report the stop if there is one: the stop first, then errors,
 * warnings, info, each in the order they were found. Earlier findings are dropped. Fixes
 * are proposed but not tried: that is mmp_policy_prove().
 */
void mmp_policy_check(struct mmp_findings *findings, const struct mmp_platform *platform,
		      const struct mmp_layout *layout);

/*
 * Try the proposed fixes: each is applied to a copy, which is computed and checked. A fix
 * that does not remove its finding, or that adds a stop or an error, is not offered.
 * Limited by MMP_PROPOSALS_MAX and MMP_FIX_WORK.
 */
void mmp_policy_prove(struct mmp_findings *findings);

/* mmp_policy_check(), then mmp_policy_prove(). */
void mmp_policy_run(struct mmp_findings *findings, const struct mmp_platform *platform,
		    const struct mmp_layout *layout);

/*
 * The verdict of a run. If ret_stop is not NULL, *ret_stop becomes the finding that stops
 * the boot, borrowed, or NULL.
 */
enum mmp_verdict mmp_verdict_of(const struct mmp_findings *findings,
				const struct mmp_finding **ret_stop);

/* Initialise without findings; mmp_findings_done frees what a run adds. */
void mmp_findings_init(struct mmp_findings *findings);
void mmp_findings_done(struct mmp_findings *findings);

/*
 * For checks: add a finding. The functions below are about the one added last. Over the
 * limit, or if memory runs out, it is only counted.
 */
void mmp_finding_add(struct mmp_findings *findings, const struct mmp_check *check,
		     const char *text, ...) __attribute__((format(printf, 3, 4)));
/* Add a registration of the platform that the check reads. */
void mmp_finding_registration(struct mmp_findings *findings, size_t ordinal);
/*
 * Add a range as a stop would name it, for a finding that already has its registration.
 */
void mmp_finding_subject(struct mmp_findings *findings, int type, uint64_t base,
			 uint64_t size);
/*
 * Add one of the firmware's ranges: the registrations that it was made of, or the range
 * itself.
 */
void mmp_finding_about(struct mmp_findings *findings, int type, uint64_t base,
		       uint64_t size);
void mmp_finding_fix(struct mmp_findings *findings, const char *fix, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Propose a fix that can be applied to the document, then add its edits. A finding may
 * have several: the first that works replaces the finding's fix.
 */
void mmp_finding_propose(struct mmp_findings *findings, const char *text, ...)
	__attribute__((format(printf, 2, 3)));
void mmp_propose_key(struct mmp_findings *findings, const char *key, uint64_t value);
void mmp_propose_edit(struct mmp_findings *findings, enum mmp_edit_kind kind,
		      size_t ordinal, uint64_t value);
/* Add a range that is the value of a configuration key. */
void mmp_finding_of_key(struct mmp_findings *findings, const char *key, uint64_t base,
			uint64_t size);

/* Remove the finding that was added last. */
void mmp_finding_drop(struct mmp_findings *findings);

/* Whether so many are over MMP_FINDINGS_MAX that looking for more is useless. */
bool mmp_findings_full(const struct mmp_findings *findings);

/*
 * Internal to lib/policy: how a run gets past stops (rest.c), and the state of finding.c.
 */
void mmp_findings_begin(struct mmp_findings *findings,
			const struct mmp_platform *platform);
void mmp_findings_read(struct mmp_findings *findings, const struct mmp_platform *current,
		       const size_t *ordinals, const char *without);
void mmp_findings_sort(struct mmp_findings *findings);
/* If no registration is to blame, the key of the range is what must change. */
void mmp_findings_name_keys(struct mmp_findings *findings);
void mmp_policy_stop(struct mmp_findings *findings, const struct mmp_stop *stop,
		     bool stops);
void mmp_policy_checks(struct mmp_findings *findings, const struct mmp_layout *layout,
		       enum mmp_check_reads has, uint64_t *done);
void mmp_policy_rest(struct mmp_findings *findings, const struct mmp_layout *layout,
		     uint64_t *done);
/* Propose a value of a key for the stop with this id. */
void mmp_propose_for(struct mmp_findings *findings, const char *id, const char *text,
		     const char *key, uint64_t value);
void mmp_policy_fold(struct mmp_findings *findings); /* fix.c */
/* Fold findings of those ids under the stop of that id, where nothing else explains it. */
void mmp_policy_fold_stop(struct mmp_findings *findings, const char *id, const char *ids);
/* Whether findings of this check are wanted: all are, unless errors_only or a trial. */
bool mmp_findings_want(const struct mmp_findings *findings,
		       const struct mmp_check *check);

#endif
