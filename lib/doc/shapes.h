/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_SHAPES_H
#define MMP_DOC_SHAPES_H

#include "json/shape.h"

/*
 * The shape of the answers of this folder: a table for each object, with a row for each
 * member (json/shape.h). Add a row here for every member that is added to an answer;
 * the test suite refuses members without one.
 */

/* Parts that several answers share. */
extern const struct mmp_shape mmp_verdict_shape[]; /* verdict, stops_at, findings ... */
extern const struct mmp_shape mmp_finding_shape[];
extern const struct mmp_shape mmp_region_shape[];
extern const struct mmp_shape mmp_field_shape[]; /* of a descriptor */
extern const struct mmp_shape mmp_step_shape[];  /* of a walk through tables */
extern const struct mmp_shape mmp_range_shape[];
extern const struct mmp_shape mmp_registration_shape[]; /* with its ordinal */
extern const struct mmp_shape mmp_platform_shape[]; /* name, rules, revision of a side */
extern const struct mmp_shape mmp_stop_shape[];
extern const struct mmp_shape mmp_manifest_shape[];

/* Whole answers, named after the method that returns them. */
extern const struct mmp_shape mmp_layout_shape[];     /* layout.compute */
extern const struct mmp_shape mmp_budget_shape[];     /* layout.budget */
extern const struct mmp_shape mmp_sweep_shape[];      /* the report of layout.sweep */
extern const struct mmp_shape mmp_explain_shape[];    /* layout.explain */
extern const struct mmp_shape mmp_diff_shape[];       /* layout.diff */
extern const struct mmp_shape mmp_gate_shape[];       /* layout.check */
extern const struct mmp_shape mmp_picture_shape[];    /* layout.map */
extern const struct mmp_shape mmp_walk_shape[];       /* build.walk */
extern const struct mmp_shape mmp_compare_shape[];    /* build.compare */
extern const struct mmp_shape mmp_descriptor_shape[]; /* descriptor.encode, .decode */
extern const struct mmp_shape mmp_memtypes_shape[];   /* memtype.list */
extern const struct mmp_shape mmp_rules_shape[];      /* rules.list */
extern const struct mmp_shape mmp_kinds_shape[];      /* policy.list */
extern const struct mmp_shape mmp_words_shape[];      /* policy.explain */

#endif
