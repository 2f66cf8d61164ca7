#include "config/lanes.h"

const struct lane_info lane_table[LANE_COUNT] = {
#define LANE(NAME, name, threads, batch, kind, seconds, queue)                                     \
    {"inlay_" #name, threads, batch, LANE_##kind, seconds, queue},
#include "config/lanes.def"
#undef LANE
};
