
/*
 * Lanes: where jobs wait for a thread. What each is for, and its numbers, are in config/lanes.def.
 *
 * A lane has a queue in the event loop and one slot per thread; a slot has a connection to the
 * database of its own, which its thread alone uses, and runs one batch of jobs at a time. Only
 * gate/job.c posts jobs; it is told when one was run.
 */

#ifndef INLAY_GATE_LANES_H
#define INLAY_GATE_LANES_H

#include "gate/gate.h"
#include "config/lanes.h"


struct inlay_job_s;


ngx_int_t inlay_lanes_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf);
void inlay_lanes_stop(void);

/* How many jobs wait, and whether no more may. */
ngx_uint_t inlay_lane_waiting(enum lane lane);
ngx_uint_t inlay_lane_is_full(enum lane lane);

/* How long a job of this lane may take. */
ngx_msec_t inlay_lane_deadline(enum lane lane);

void inlay_lane_push(struct inlay_job_s *job);   /* to the end of its lane */
void inlay_lane_remove(struct inlay_job_s *job); /* a job that waits */

#endif
