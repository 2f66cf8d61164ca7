/*
 * Clearing what browsers keep of an app: its caches, storage and service workers, never cookies,
 * which browsers clear for the whole site.
 *
 * An admin asks for it. Each origin of the app or the user, also one that is made later, then does
 * it once: with the answer that leads to the app, for the browser that opens it next. An origin
 * that has done it is kept, so that it isn't cleared again when its links are long gone.
 */
#ifndef INLAY_ENTRY_CLEARING_H
#define INLAY_ENTRY_CLEARING_H

#include "entry/link.h"

/* Asks for it: for all origins of the app, of the user, or of the user in the app. One of the two
 * may be UUID_NONE. Writes an event. ERR_NOT_FOUND unless both are of the workspace that the caller
 * acts in. */
MUST_CHECK enum err clearing_ask(struct work *work, const struct uuid *user_id,
                                 const struct uuid *app_id);

/* A browser enters the link's origin: is it to clear what it keeps? Then that is done. */
MUST_CHECK enum err clearing_take(struct work *work, const struct link *link, bool *out_is_due);

#endif
