/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef METHODS_H
#define METHODS_H

#include "connections/connection.h"
#include "rpc/dispatch.h"
#include "service.h"

/*
 * The methods, with one file and one table for each noun (region.register has its own). A
 * method is a params struct with its rows, a function, and a row in its noun's table;
 * methods.c lists the tables.
 */
extern const struct mmp_method methods_board[];
extern const struct mmp_method methods_build[];
extern const struct mmp_method methods_check[];
extern const struct mmp_method methods_descriptor[];
extern const struct mmp_method methods_diff[];
extern const struct mmp_method methods_explain[];
extern const struct mmp_method methods_job[];
extern const struct mmp_method methods_key[];
extern const struct mmp_method methods_layout[];
extern const struct mmp_method methods_memtype[];
extern const struct mmp_method methods_platform[];
extern const struct mmp_method methods_policy[];
extern const struct mmp_method methods_rule_sets[];
extern const struct mmp_method methods_push[];
extern const struct mmp_method methods_region[];
extern const struct mmp_method methods_register[];
extern const struct mmp_method methods_service[];

/* All methods, ended by an empty row; the caller frees the array. */
struct mmp_method *methods_all(void);

/* Accepted by every change: it is made only if this revision is the newest. */
#define IF_REVISION(type)                                                                \
	{                                                                                \
		"if_revision", MMP_PARAM_OPTIONAL, offsetof(type, if_revision), false,   \
			"fail with a conflict unless this is the newest revision; 0: "   \
			"unless the platform does not exist",                            \
			NULL                                                             \
	}

/*
 * The platform or build that a question is about, and its revision, stored in `platform`
 * and `revision` of the struct. For input_platform_or_build.
 */
#define METHODS_PLATFORM(type)                                                           \
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(type, platform),                \
	  true,       METHODS_PLATFORM_ABOUT,   NULL },                                  \
	{                                                                                \
		"revision", MMP_PARAM_UINT, offsetof(type, revision), false,             \
			METHODS_REVISION_ABOUT, NULL                                     \
	}
#define METHODS_PLATFORM_ABOUT                                                           \
	"a name, NAME@REVISION, a document, a recorded vector, or the id of a build"
#define METHODS_REVISION_ABOUT "an earlier revision of that name; by default the newest"

/* The params of a paged list, stored in `page` of the struct. */
#define METHODS_PAGE(type, about)                                                        \
	{ "limit",                                                                       \
	  MMP_PARAM_UINT,                                                                \
	  offsetof(type, page.limit),                                                    \
	  false,                                                                         \
	  "maximum number of items; by default all",                                     \
	  NULL },                                                                        \
	{                                                                                \
		"after", MMP_PARAM_UINT, offsetof(type, page.after), false, about, NULL  \
	}

/* The same of a list by name, in `limit` and `after` of the struct. */
#define METHODS_PAGE_BY_NAME(type)                                                       \
	{ "limit",                                                                       \
	  MMP_PARAM_UINT,                                                                \
	  offsetof(type, limit),                                                         \
	  false,                                                                         \
	  "maximum number of items; by default all",                                     \
	  NULL },                                                                        \
	{                                                                                \
		"after", MMP_PARAM_TEXT, offsetof(type, after), false,                   \
			"continue after this name, which the previous page ended with",  \
			NULL                                                             \
	}

/* The revision of `if_revision`; MMP_ANY_REVISION if it was not given. */
uint64_t methods_if_revision(const struct mmp_optional *given);

/* Who calls, and when. */
const struct mmp_signature *methods_by(const struct mmp_call *call);

/* A text of the store, or of a client, as JSON; NULL becomes null. */
json_t *methods_text(const char *text);

/* The name of the requested rule set; if NULL, the newest one of the first firmware. */
const char *methods_rules(const char *given);

#endif
