/*
 * Asks the server of an app for its first page, when an admin tries an address. It connects where
 * upstreams may be (upstream_may_reach()), follows no redirect, uses no proxy, reads no body, and
 * ends within PROBE_SECONDS. Names are resolved by the system.
 */
#ifndef INLAY_APPS_UPSTREAM_PROBE_H
#define INLAY_APPS_UPSTREAM_PROBE_H

#include "model/work.h"

enum { PROBE_CONNECT_SECONDS = 5, PROBE_SECONDS = 10 };

struct probe {
    long status;       /* of its answer; 0 without one */
    struct str detail; /* in words, for an admin; in the arena */
};

/* Which Host is sent: a host, or STR_NONE for that of url. url was checked by
 * upstream_address_parse(); ca is PEM, or STR_NONE for the system's. Blocks. */
void probe_run(struct work *work, struct str url, bool verify, struct str ca, struct str host,
               struct probe *out_probe);

#endif
