#ifndef MMP_POLICY_H
#define MMP_POLICY_H

/*
 * Findings: what is wrong with a platform, or worth knowing, all at once. A check
 * reads the platform and what was computed from it, and reports; it changes nothing
 * and cannot fail. Ids are stable: scripts and profiles name them.
 */

#include "tables/layout.h"

enum mmp_severity { MMP_INFO, MMP_WARNING, MMP_ERROR, MMP_SEVERITY_COUNT };

extern const char *const mmp_severity_names[MMP_SEVERITY_COUNT];

#define MMP_FINDING_REGIONS 4

/* A range that a finding speaks of; a registration where there is one. */
struct mmp_finding_region {
	int64_t ordinal; /* in the platform's registrations, or -1 */
	int type;        /* number in the rule set, or -1 */
	uint64_t base, size;
};

struct mmp_finding {
	const char *id;
	enum mmp_severity severity;
	bool stops; /* this one stops the boot */
	char text[320];
	char fix[192]; /* what to do; empty where there is no one thing */
	unsigned region_count;
	struct mmp_finding_region regions[MMP_FINDING_REGIONS];
};

struct mmp_findings {
	const struct mmp_platform *platform; /* borrowed */
	size_t count, capacity, omitted;     /* omitted: over MMP_FINDINGS_MAX */
	struct mmp_finding *items;
};

/* What checks read. `layout` is NULL before anything was computed. */
struct mmp_check_input {
	const struct mmp_platform *platform;
	const struct mmp_layout *layout; /* complete only where it did not stop */
	bool stopped;
};

struct mmp_check {
	const char *id;
	enum mmp_severity severity;
	const char *about; /* one line, for the manual and `policy list` */
	const char *fix;   /* or NULL */
	void (*run)(const struct mmp_check *check, const struct mmp_check_input *input,
		    struct mmp_findings *findings);
};

extern const struct mmp_check mmp_checks[]; /* ends with a row without an id */

/* The stop first where there is one, then every check. Findings of before are dropped. */
void mmp_policy_run(struct mmp_findings *findings, const struct mmp_platform *platform,
		    const struct mmp_layout *layout);

void mmp_findings_init(struct mmp_findings *findings);
void mmp_findings_done(struct mmp_findings *findings);

/*
 * For checks: add one and return it, to be given regions; NULL where there are too
 * many or memory ran out, and then it is counted as omitted.
 */
struct mmp_finding *mmp_finding_add(struct mmp_findings *findings,
				    const struct mmp_check *check, const char *text, ...)
	__attribute__((format(printf, 3, 4)));
/* All three take NULL for a finding that was omitted. */
void mmp_finding_registration(struct mmp_finding *finding,
			      const struct mmp_findings *findings, size_t ordinal);
void mmp_finding_range(struct mmp_finding *finding, int type, uint64_t base,
		       uint64_t size);
void mmp_finding_fix(struct mmp_finding *finding, const char *fix, ...)
	__attribute__((format(printf, 2, 3)));

#endif
