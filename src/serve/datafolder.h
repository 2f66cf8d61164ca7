/*
 * The data folder: is it usable, and who uses it.
 *
 * One server uses a folder at a time. It holds a lock on DATA/lock, which names its process; nginx
 * inherits the lock, so that it is held until the last process of a server has ended, however that
 * came about.
 */
#ifndef INLAY_SERVE_DATAFOLDER_H
#define INLAY_SERVE_DATAFOLDER_H

#include "config/settings.h"

/* Makes the folder (0700) and those above it where they are missing, and writes to it to see that
 * this works. */
enum err datafolder_make(const struct settings *settings, struct fault *fault) MUST_CHECK;

/* Would datafolder_make() work? Changes nothing that stays. */
enum err datafolder_look(const struct settings *settings, struct fault *fault) MUST_CHECK;

/* ERR_BUSY if another server uses it; one that is about to end is waited for. *out_lock is a file
 * that is open as long as the lock shall be held. */
enum err datafolder_lock(const struct settings *settings, int *out_lock,
                         struct fault *fault) MUST_CHECK;

/* The process that uses the folder, 0 if none does. */
int64_t datafolder_user(const struct settings *settings);

/* DATA, and the TLS files, as absolute paths. The folder must exist. */
enum err datafolder_resolve(struct settings *settings, struct fault *fault) MUST_CHECK;

/* A server that root starts works in the folder as the folder's owner, as nginx's workers will:
 * what it makes there has to be theirs. Nothing happens for other users. */
struct data_owner {
    bool is_other;
};
enum err datafolder_owner_become(const struct settings *settings, struct data_owner *out_owner,
                                 struct fault *fault) MUST_CHECK;
void datafolder_owner_leave(const struct data_owner *owner);

#endif
