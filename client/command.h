/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * The commands of mmpctl, as a table. The parser, --help, the manual page and the
 * completion of bash and zsh all read it. A command that makes one call is just a row.
 */

enum arg_kind {
	WORD_TEXT,          /* passed on unchanged */
	WORD_COUNT,         /* becomes a JSON number */
	WORD_ADDRESS,       /* checked to be a number, passed on as text */
	WORD_SUBJECT,       /* a number or any name, passed on as text */
	WORD_FLAG,          /* takes no value; true if given */
	WORD_FLAG_OR_NAMES, /* NAME,NAME: an array; without a value: true */
	WORD_CONFIG,        /* KEY=VALUE of a platform's config; repeatable */
	WORD_RANGE,         /* BASE+SIZE becomes {"base", "size"} */
	WORD_PLACEMENT, /* firmware, or base=ADDRESS,xlat=ADDRESS: an object of addresses */
	WORD_DUMP_ADDRESS, /* starts an item of an array: {"address"} ... */
	WORD_DUMP_FILE,    /* ... and the file with its "bytes"; both are repeatable */
	WORD_DOCUMENT,     /* a platform document: a file, or - for stdin */
	WORD_PLATFORM,     /* the name of a platform, or a document as above */
	WORD_SIDE,         /* the same, or a boot log: {"log", "bytes"} */
	WORD_PATH,         /* a path, made absolute, as the daemon runs elsewhere */
	WORD_LOCAL,        /* a text for the client itself; not sent */
	WORD_SWITCH,       /* a flag for the client itself; not sent */
	WORD_EACH,    /* a platform or a file, for the client; one or more, an array */
	WORD_REPORT,  /* KIND=FILE, for the client; repeatable, an array */
	WORD_NAMES,   /* NAME,NAME: an array; repeatable */
	WORD_AMOUNTS, /* NAME=NUMBER,NAME=NUMBER: an object */
	WORD_WAIVERS, /* a file of waivers: an array; repeatable */
	WORD_KIND_COUNT
};

/* One argument or option of a command. */
struct arg {
	const char *name; /* "--revision" is an option, "NAME" an argument */
	const char *key;  /* the parameter that it becomes */
	enum arg_kind kind;
	bool required;
	const char *value;    /* name of the option's value in help */
	const char *about;    /* NULL: the method's text for the parameter */
	const char *fallback; /* sent if it is not given; NULL: nothing */
	/* What the shells complete its value with; ends with NULL. NULL: the parameter's. */
	const char *const *choices;
};

/* The result of a command: a value, or the error object of a JSON-RPC answer. */
struct outcome {
	json_t *value;   /* owned */
	json_t *failure; /* owned */
	int status;      /* exit status to use if the value means "no" */
};

struct session; /* connection to mmpd: call.h */
struct view;    /* how people see the value: view.h */

struct command {
	const char *noun;        /* "platform" */
	const char *verb;        /* "list"; NULL if the noun is the whole command */
	const char *method;      /* of the daemon; NULL: no method is called */
	const char *about;       /* one line without a full stop; NULL: the method's */
	const struct arg *words; /* ends with a row without a name; may be NULL */
	const struct view *view; /* NULL: people see JSON */
	/* Runs the command. NULL: `params` are sent to `method` once. */
	struct outcome (*run)(struct session *session, const struct command *command,
			      json_t *params, json_t *local);
	/* Print text for people, if a view is not enough; NULL: use the view. */
	int (*show)(const json_t *value, const json_t *local, struct mmp_error *err);
};

/* Options that every command takes, anywhere on the line. */
extern const struct arg globals[]; /* ends with a row without a name */

/* The description of each noun, for the overview; ends with a row without a noun. */
extern const struct topic {
	const char *noun, *about;
} topics[];

extern const struct command commands[]; /* ends with a row without a noun */
extern const size_t command_count;

/*
 * Find the command that the words name; *ret_used is the number of words used. NULL
 * with MMP_BAD_REQUEST suggests the nearest command.
 */
const struct command *command_find(int count, char **words, int *ret_used,
				   struct mmp_error *err);

/* The words of a command, such as "platform list". Returns `text`. */
#define COMMAND_TEXT_SIZE 64
const char *command_text(const struct command *command, char text[COMMAND_TEXT_SIZE]);

/* Free what the outcome owns. */
void outcome_done(struct outcome *outcome);

/* The error as an outcome with the error object of a JSON-RPC answer. */
struct outcome outcome_failed(const struct mmp_error *err);

/* Whether an answer says that a platform will not boot, and this was not accepted. */
bool outcome_is_bad(const json_t *value);

/*
 * The exit status of mmpctl: that of the error's kind; MMP_EXIT_NO if the verdict of the
 * answer is not "boots"; otherwise that of the outcome.
 */
int outcome_exit(const struct outcome *outcome);

#endif
