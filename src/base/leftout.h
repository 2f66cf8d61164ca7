/*
 * What a folder or an archive holds beside an app: files of the system that made it, and hidden
 * files like .env and .git, which must never be published. The command leaves them out of what it
 * packs, the server out of what it unpacks.
 */
#ifndef INLAY_BASE_LEFTOUT_H
#define INLAY_BASE_LEFTOUT_H

#include "base/str.h"

/* Is a file or folder of this name left out? At the top of an app, node_modules is, too. */
bool leftout_name(struct str name, bool is_at_top);

/* The same for any name on a path. */
bool leftout_path(struct str path);

#endif
