#include "model/user.h"

#include "model/row.h"
#include "model/event.h"
#include "crypto/random.h"

bool user_email_is_plausible(struct str email)
{
    struct str domain = email;
    struct str local = str_cut(&domain, '@');
    bool has_space = str_find(email, ' ') < email.len;
    return local.len > 0 && domain.len > 0 && str_find(domain, '@') == domain.len && !has_space &&
           str_is_clean_utf8(email) && domain.ptr[0] != '.' && domain.ptr[domain.len - 1] != '.' &&
           (str_find(domain, '.') < domain.len || str_equal(domain, STR("localhost")));
}

static ROW_READER(user_from_row, user, USER_ROW);
static ROW_ONE(user_one, user, user_from_row);
ROW_ALL(user_all, user, user_from_row);

enum err user_find(struct work *work, const struct uuid *id, struct user *out_user)
{
    return user_one(work, store_query(work->store, SQL_USER_BY_ID, SQL_ARGS(sql_uuid(id))),
                    out_user);
}

enum err user_find_by_email(struct work *work, struct str email, struct user *out_user)
{
    struct str key = work_lower(work, email);
    return user_one(work,
                    store_query(work->store, SQL_USER_BY_EMAIL,
                                SQL_ARGS(sql_uuid(&work->workspace_id), sql_text(key))),
                    out_user);
}

enum err user_find_external(struct work *work, struct str external_identifier,
                            struct user *out_user)
{
    return user_one(
        work,
        store_query(work->store, SQL_USER_BY_EXTERNAL_IDENTIFIER,
                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_text(external_identifier))),
        out_user);
}

/* Absent and empty are two things. */
static bool is_same(struct str a, struct str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && str_equal(a, b);
}

static enum err insert(struct work *work, struct user *user, const char *kind)
{
    struct str key = work_lower(work, user->email);
    user->id = random_uuid();
    user->workspace_id = work->workspace_id;
    user->created_at_ms = work->now_ms;
    user->updated_at_ms = work->now_ms;
    enum err err = store_run(
        work->store, SQL_USER_INSERT,
        SQL_ARGS(sql_uuid(&user->id), sql_uuid(&user->workspace_id), sql_text(str_from(kind)),
                 sql_text(user->email), sql_text(key), sql_text(user->first_name),
                 sql_text(user->last_name), sql_text(user->external_identifier),
                 sql_text(user->metadata), sql_int(work->now_ms)),
        NULL);
    return err ? err : event_add(work, &(struct event){.type = "user.create", .user_id = user->id});
}

static enum err refresh_external(struct work *work, struct user *user)
{
    struct str key = work_lower(work, user->email);
    struct user stored;
    enum err err = user_find(work, &user->id, &stored);
    if (err) {
        return work_changed_fault(work, err);
    }
    user->updated_at_ms = stored.updated_at_ms;
    if (is_same(user->email, stored.email) && is_same(user->first_name, stored.first_name) &&
        is_same(user->last_name, stored.last_name) && is_same(user->metadata, stored.metadata)) {
        return ERR_OK;
    }
    user->updated_at_ms = work->now_ms;
    return work_run_one(work, SQL_USER_REFRESH_EXTERNAL,
                        SQL_ARGS(sql_uuid(&user->id), sql_text(user->email), sql_text(key),
                                 sql_text(user->first_name), sql_text(user->last_name),
                                 sql_text(user->metadata), sql_int(work->now_ms)));
}

enum err user_put_external(struct work *work, struct user *user)
{
    return uuid_is_none(&user->id) ? work_store_fault(work, insert(work, user, "external"))
                                   : refresh_external(work, user);
}

/* ---- management ---- */

static enum err user_exists(struct work *work)
{
    return fault_member(work->fault, ERR_CONFLICT, "user_exists", "email",
                        "There is an internal user with this address already.");
}

enum err user_create(struct work *work, struct user *user)
{
    user->is_external = false;
    user->is_active = true;
    user->external_identifier = STR_NONE;
    user->metadata = STR_NONE;
    enum err err = insert(work, user, "internal");
    return err == ERR_CONFLICT ? user_exists(work) : work_store_fault(work, err);
}

/* Which members differ, by name only: the audit log must not remember who was forgotten. */
static json_t *user_changes(const struct user *before, const struct user *after)
{
    json_t *names = json_array();
    if (!str_equal(before->email, after->email)) {
        REQUIRE(json_array_append_new(names, json_string("email")) == 0);
    }
    if (!str_equal(before->first_name, after->first_name)) {
        REQUIRE(json_array_append_new(names, json_string("firstName")) == 0);
    }
    if (!str_equal(before->last_name, after->last_name)) {
        REQUIRE(json_array_append_new(names, json_string("lastName")) == 0);
    }
    return names;
}

static enum err user_write(struct work *work, const struct user *user)
{
    struct str key = work_lower(work, user->email);
    enum err err =
        store_run_one(work->store, SQL_USER_UPDATE,
                      SQL_ARGS(sql_uuid(&user->id), sql_text(user->email), sql_text(key),
                               sql_text(user->first_name), sql_text(user->last_name),
                               sql_text(user->is_active ? STR("active") : STR("archived")),
                               sql_int(user->updated_at_ms)));
    return err == ERR_CONFLICT ? user_exists(work) : work_changed_fault(work, err);
}

enum err user_update(struct work *work, const struct user *before, struct user *after)
{
    json_t *changes = user_changes(before, after);
    bool has_changes = json_array_size(changes) > 0;
    json_t *detail = json_pack("{s:o}", "changed", changes);
    struct event event = {.workspace_id = after->workspace_id, .user_id = after->id};
    enum err err = ERR_OK;
    if (has_changes || before->is_active != after->is_active) {
        after->updated_at_ms = work->now_ms;
        err = user_write(work, after);
    }
    if (!err && has_changes) {
        work->raise_epoch = true; /* apps' servers are told of the user as they are now */
        event.type = "user.update";
        err = event_add_detail(work, &event, json_incref(detail));
    }
    if (!err && before->is_active != after->is_active) {
        event.type = after->is_active ? "user.restore" : "user.archive";
        work->raise_epoch |= !after->is_active;
        err = event_add(work, &event);
    }
    json_decref(detail);
    return work_store_fault(work, err);
}

enum err user_delete(struct work *work, const struct user *user)
{
    enum err err = work_run_one(work, SQL_USER_DELETE, SQL_ARGS(sql_uuid(&user->id)));
    if (!err) {
        work->raise_epoch = true;
        err = event_add(work, &(struct event){.type = "user.delete",
                                              .workspace_id = user->workspace_id,
                                              .user_id = user->id});
    }
    return work_store_fault(work, err);
}

enum err user_list(struct work *work, const struct user_filter *filter, struct user *out_users,
                   size_t *out_count)
{
    enum sql sql = filter->external_identifier.ptr != NULL ? SQL_USER_LIST_BY_EXTERNAL_IDENTIFIER
                   : filter->email.ptr != NULL             ? SQL_USER_LIST_BY_EMAIL
                                                           : SQL_USER_LIST;
    struct str key = work_lower(work, filter->email);
    return user_all(
        work,
        store_query(work->store, sql,
                    SQL_ARGS(sql_uuid(&work->workspace_id), sql_uuid(&filter->after), sql_text(key),
                             sql_text(filter->external_identifier), sql_text(filter->kind),
                             sql_text(filter->status), sql_int(filter->limit),
                             sql_text(filter->search.text), sql_uuid(&filter->search.id))),
        out_users, out_count);
}

struct str user_full_name(const struct work *work, const struct user *user)
{
    if (user->first_name.len > 0 && user->last_name.len > 0) {
        return arena_printf(work->arena, STR_FMT " " STR_FMT, STR_ARG(user->first_name),
                            STR_ARG(user->last_name));
    }
    return user->first_name.len > 0 ? user->first_name : user->last_name;
}
