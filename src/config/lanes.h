/*
 * The lanes of lanes.def as data: the module runs them, nginx.conf gives them threads.
 */
#ifndef INLAY_CONFIG_LANES_H
#define INLAY_CONFIG_LANES_H

#include <stddef.h>

enum lane {
#define LANE(NAME, name, threads, batch, kind, seconds, queue) LANE_##NAME,
#include "config/lanes.def"
#undef LANE
    LANE_COUNT
};

enum lane_kind { LANE_SNAPSHOT, LANE_SHARED, LANE_OWN };

struct lane_info {
    const char *pool; /* nginx's name of its threads */
    int threads;
    int batch;
    enum lane_kind kind;
    int seconds; /* 0: the setting deadline_seconds */
    int queue;
};

extern const struct lane_info lane_table[LANE_COUNT];

#endif
