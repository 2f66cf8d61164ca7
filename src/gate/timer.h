
/*
 * What happens by the clock: every worker asks the database for its epoch once a second, and one of
 * them keeps house.
 */

#ifndef INLAY_GATE_TIMER_H
#define INLAY_GATE_TIMER_H

#include "gate/conf.h"


ngx_int_t inlay_timers_start(ngx_cycle_t *cycle, inlay_main_conf_t *conf); /* in each worker */

#endif
