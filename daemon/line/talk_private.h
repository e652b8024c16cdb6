/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TALK_PRIVATE_H
#define TALK_PRIVATE_H

#include "clock.h"
#include "line/driver.h"
#include "line/keys.h"
#include "line/lease.h"
#include "line/talk.h"

/*
 * One talk, from the call that asks for it to its answer:
 *
 *	talk.c       the session, and what is recorded of it
 *	talk_away.c  a talk that is left to another host, or that another host has left
 */
/*
 * What is known of an enrolment. A board carries it out only once, and it cannot be
 * undone.
 */
enum enrolled {
	ENROLLED_NOT,   /* not asked for, refused, or recorded */
	ENROLLED_MAYBE, /* the board was asked; its answer is missing */
	ENROLLED_FOR_GOOD,
};

struct talk {
	struct mmp_call *call;
	struct service *service;
	enum talk_kind kind;
	bool accept_id;
	bool has_given;
	uint8_t given[WIRE_POINT_SIZE]; /* the public key of the order */
	struct wire_keep keep;          /* not for a probe */
	enum enrolled enrolled;
	uint8_t own_point[WIRE_POINT_SIZE]; /* that the board has if it was enrolled */
	char *board, *line;
	char *identity; /* the board's known identity; NULL: any board */
	bool has_point;
	uint8_t point[WIRE_POINT_SIZE]; /* the board's own key */
	uint64_t patience_ms;
	struct lease *lease;
	struct driver *driver;
	struct signer *signer;
	struct mmp_session_report report;
	bool is_for_good; /* the board was asked to keep something */
	char *host;       /* the host that its line reaches; NULL: this one */
	bool is_away;     /* whether that host is away */
	uint64_t job;     /* between hosts: its job; 0: none */
	char created[CLOCK_TEXT_SIZE]; /* when that job was */
	bool is_left;          /* that job was left to another host, and has not ended */
	LIST_ENTRY(talk) link; /* with a lease: in the list of the service */
};

/* The method that has such talks, which is also the kind of their jobs. */
extern const char *const talk_names[TALK_KINDS];

/* In talk.c. The texts of `order` are copied. */
struct talk *talk_new(struct service *service, const struct talk_order *order);
void talk_free(void *talk);

/*
 * In the store thread: look the board up, which sets talk->host if another host has its
 * line; if not, begin the session. The second returns like a handler.
 */
int talk_look_up(struct talk *talk, struct mmp_error *err);
int talk_here(struct mmp_call *call, struct talk *talk, json_t **ret_result,
	      struct mmp_error *err);

/* In talk_away.c: leave it to talk->host, and answer with what becomes of it there. */
int talk_leave(struct mmp_call *call, struct talk *talk, struct mmp_error *err);

/* For talk_free: nobody waits any more for the job that was left. */
void talk_left_free(struct talk *talk);

#endif
