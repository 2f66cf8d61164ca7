#include "cli/commands.h"

const struct family *const families[] = {
    &serve_family,       &init_family,  &check_family, &backup_family,
    &app_family,         &user_family,  &group_family, &workspace_family,
    &environment_family, &token_family, &admin_family, &embed_family,
    &session_family,     &event_family, &key_family,   &version_family,
    &reference_family,   NULL,
};
