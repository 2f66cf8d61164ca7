/*
 * What an app's page can ask on its own origin: who am I?
 */
#ifndef INLAY_API_WHOAMI_H
#define INLAY_API_WHOAMI_H

#include "entry/session.h"

/* The JSON of GET /_inlay/session, into the arena. The session was checked before. */
MUST_CHECK enum err whoami_json(struct work *work, const struct uuid *session_id,
                                struct str *out_json);

#endif
