/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * What a person can ask for, as a table. The parser, --help, the manual page and the
 * completion of bash and zsh all read it: a command that is one call is one row.
 */

enum arg_kind {
	WORD_TEXT,          /* passed on as it is */
	WORD_COUNT,         /* becomes a JSON number */
	WORD_ADDRESS,       /* checked to be a number, passed on as text */
	WORD_FLAG,          /* takes no value; true if given */
	WORD_FLAG_OR_NAMES, /* NAME,NAME: an array; without a value: true */
	WORD_CONFIG,        /* KEY=VALUE of a platform's config; may be given again */
	WORD_RANGE,         /* BASE+SIZE becomes {"base", "size"} */
	WORD_PLACEMENT, /* firmware, or base=ADDRESS,xlat=ADDRESS: an object of addresses */
	WORD_DUMP_ADDRESS, /* begins an item of an array: {"address"} ... */
	WORD_DUMP_FILE,    /* ... whose "bytes" a file holds; both may be given again */
	WORD_DOCUMENT,     /* a platform document: a file, or - for stdin */
	WORD_PLATFORM,     /* the name of a platform, or a document as above */
	WORD_SIDE,         /* the same, or the log of a boot: {"log", "bytes"} */
	WORD_PATH,         /* a path, made absolute: the daemon lives elsewhere */
	WORD_LOCAL,        /* a text for the client itself; not sent */
	WORD_SWITCH,       /* a flag for the client itself; not sent */
	WORD_EACH,    /* a platform or a file, for the client; one or more, an array */
	WORD_REPORT,  /* KIND=FILE, for the client; may be given again, an array */
	WORD_NAMES,   /* NAME,NAME: an array; may be given again */
	WORD_AMOUNTS, /* NAME=NUMBER,NAME=NUMBER: an object */
	WORD_WAIVERS, /* a file of waivers: an array; may be given again */
	WORD_KIND_COUNT
};

/* One argument or option of a command. */
struct arg {
	const char *name; /* "--revision" is an option, "NAME" an argument */
	const char *key;  /* of the parameter that it becomes */
	enum arg_kind kind;
	bool required;
	const char *value;    /* of an option: what follows it, in help */
	const char *about;    /* NULL: what the method says of the parameter */
	const char *fallback; /* sent where it is not given; NULL: nothing is */
};

/* What became of a command: a value, or the error object of a JSON-RPC answer. */
struct outcome {
	json_t *value;   /* owned */
	json_t *failure; /* owned */
	int status;      /* of a value that says no: the exit status */
};

struct session; /* where mmpd is: call.h */
struct view;    /* how people see the value: view.h */

struct command {
	const char *noun;        /* "platform" */
	const char *verb;        /* "list"; NULL if the noun is the whole command */
	const char *method;      /* of the daemon; NULL: it needs none */
	const char *about;       /* one line, no final stop; NULL: the method's */
	const struct arg *words; /* ends with a row without a name; may be NULL */
	const struct view *view;
	/* NULL: send `params` to `method` once. Else do it. */
	struct outcome (*run)(struct session *session, const struct command *command,
			      json_t *params, json_t *local);
	/* Text for people where a view cannot say it; NULL: the view. */
	int (*show)(const json_t *value, const json_t *local, struct mmp_error *err);
};

/* Options that every command takes, anywhere on the line. */
extern const struct arg globals[]; /* ends with a row without a name */

/* What each noun is, for the overview: ends with a row without a noun. */
extern const struct topic {
	const char *noun, *about;
} topics[];

extern const struct command commands[]; /* ends with a row without a noun */
extern const size_t command_count;

/*
 * The command that the words name; *ret_used says how many of them it took. NULL
 * with MMP_BAD_REQUEST names the nearest command.
 */
const struct command *command_find(int count, char **words, int *ret_used,
				   struct mmp_error *err);

/* The words of a command as "platform list". Returns `text`. */
#define COMMAND_TEXT_SIZE 64
const char *command_text(const struct command *command, char text[COMMAND_TEXT_SIZE]);

void outcome_done(struct outcome *outcome);

/* The error as the error object of a JSON-RPC answer. */
struct outcome outcome_failed(const struct mmp_error *err);

/* Whether an answer says that a platform will not boot as it is, and nobody accepted it. */
bool outcome_is_bad(const json_t *value);

/*
 * The exit status of mmpctl: that of the error's kind; 4 for an answer whose verdict is
 * not "boots"; else that of the outcome.
 */
int outcome_exit(const struct outcome *outcome);

#endif
