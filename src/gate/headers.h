
/*
 * The headers that every response carries, ours and those of apps: who may frame it, what a browser
 * may keep. The console's files have theirs in nginx.conf.
 */

#ifndef INLAY_GATE_HEADERS_H
#define INLAY_GATE_HEADERS_H

#include "gate/request.h"


void inlay_headers_init(void); /* a header filter */

#endif
