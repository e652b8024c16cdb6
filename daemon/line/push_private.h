/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PUSH_PRIVATE_H
#define PUSH_PRIVATE_H

#include "line/driver.h"
#include "line/keys.h"
#include "line/lease.h"
#include "line/push.h"
#include "work/build_work.h"
#include "work/jobs.h"

/*
 * One push, from the call that asks for it to the end of its job:
 *
 *	push.c          what is asked for: the board, the build, the job
 *	push_image.c    what the session sends: the build's bytes and registers
 *	push_session.c  what the session reports: signed, recorded, and ended
 *	push_queue.c    a push that waits for its host, or for its board
 */
struct push {
	struct job_start start;
	struct build_work work; /* the build that was read back, and its proof */
	struct service *service;
	struct job *job; /* NULL: not started */
	struct lease *lease;
	struct driver *driver;
	struct event *deadline;
	struct mmp_build *build;
	struct mmp_probe *probes;
	struct mmp_trial *trials;
	struct mmp_image image;
	char id[MMP_DIGEST_TEXT_SIZE];
	char *wanted; /* the build as the caller named it */
	char *board, *line, *key;
	char *signing_key;    /* the requested key; NULL: any that the board trusts */
	struct key signed_by; /* after it has signed */
	struct signer *signer;
	bool has_point;
	uint8_t point[WIRE_POINT_SIZE]; /* the board's own key */
	bool signs;                     /* the board waits for a signature */
	char *identity;                 /* the board's known identity; NULL: any board */
	char *host;    /* the host that its line reaches; NULL: this one */
	bool is_away;  /* whether that host is away */
	bool is_taken; /* we hold the lease, so the board no longer counts as busy */
	uint64_t patience_ms, deadline_ms;
	bool force, accept_id, records;
	struct mmp_recorder recorder;
	struct mmp_key_pair pair; /* of this session, if it is recorded */
	bool greeted;             /* the store knows what the board reported as live */
	bool staged;              /* the store knows that the build may become live */
	char live[MMP_DIGEST_TEXT_SIZE]; /* what the board reported; "" for none */
	char said[sizeof(((struct wire_board *)0)->id)]; /* the id that it reported */
	struct mmp_error why; /* why it was asked to end; MMP_OK: a person asked */
};

/* In push.c. The texts of `order` are copied. */
struct push *push_new(struct service *service, const struct push_order *order);
void push_free(void *push);

/* For call_keep, with &push->start: frees a push that has no job; a job owns its push. */
void push_free_start(void *start);

/*
 * For mmp_store_board_get: the board's line, identity and key. Sets push->host, and
 * nothing else, if another host has the line.
 */
int push_take_board(void *push, const struct mmp_board_row *row, struct mmp_error *err);

/*
 * For mmp_store_job_by_key: the job that was started with the same idempotency key.
 * MMP_CONFLICT: it was for another build or board.
 */
int push_take_earlier(void *push, const struct mmp_job_row *row, struct mmp_error *err);

/* The step after build_work_load: make the proof, and begin the job. */
int push_prove(struct mmp_call *call, void *start, json_t **ret_result,
	       struct mmp_error *err);

/*
 * In push_image.c. The image borrows from the build; its probes and trials are left
 * alone. MMP_INVALID: boards do not take tables of this regime.
 */
int push_image(struct mmp_image *image, const struct mmp_build *build,
	       struct mmp_error *err);

/* In push_session.c: the events of its driver, and a request to end it. */
struct driver_owner push_driver_owner(struct push *push);
void push_cancel(void *push, const struct mmp_error *why);

/*
 * In push_queue.c: whether the board is in use and the push should wait for it, and
 * leaving the push to the host that the board's line reaches. Answers with the new job.
 */
bool push_has_to_wait(const struct push *push);
int push_leave(struct mmp_call *call, struct push *push, json_t **ret_result,
	       struct mmp_error *err);

#endif
