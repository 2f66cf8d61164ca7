#include "api/v1/noun.h"

static const char *const kind_words[] = {"internal", "external", NULL};

/* NULL: the fault says why. */
static json_t *groups_json(struct api_call *call, const struct user *user)
{
    json_t *groups = json_array();
    struct rows rows =
        store_query(call->work.store, SQL_GROUPS_OF_USER, SQL_ARGS(sql_uuid(&user->id)));
    while (rows_next(&rows)) {
        json_t *group = json_object();
        api_json_set(group, "id", json_integer(rows_int(&rows, 0)));
        api_json_set(group, "name", api_json_str(rows_text(&rows, 1)));
        noun_append_item(groups, group);
    }
    enum err err = work_store_fault(&call->work, rows_end(&rows));
    if (err) {
        json_decref(groups);
        return NULL;
    }
    return groups;
}

json_t *users_json(struct api_call *call, const void *row)
{
    const struct user *user = row;
    json_t *groups = groups_json(call, user);
    if (groups == NULL) {
        return NULL;
    }
    json_t *json = json_object();
    api_json_set(json, "id", api_json_uuid(&user->id));
    api_json_set(json, "kind", json_string(user->is_external ? "external" : "internal"));
    api_json_set(json, "email", api_json_str(user->email));
    api_json_set(json, "firstName", api_json_str(user->first_name));
    api_json_set(json, "lastName", api_json_str(user->last_name));
    api_json_set(json, "externalIdentifier", api_json_str(user->external_identifier));
    api_json_set(json, "metadata",
                 user->metadata.ptr == NULL ? json_object() : api_json_parsed(user->metadata));
    api_json_set(json, "status", json_string(user->is_active ? "active" : "archived"));
    api_json_set(json, "groups", groups);
    api_json_set(json, "createdAt", api_json_time(user->created_at_ms));
    api_json_set(json, "updatedAt", api_json_time(user->updated_at_ms));
    return json;
}

static enum err users_find(struct api_call *call, int index, void *out_row)
{
    struct uuid id;
    return uuid_parse(call->params[index], &id) ? user_find(&call->work, &id, out_row)
                                                : ERR_NOT_FOUND;
}

static enum err users_list(struct api_query *query, const struct api_page *page, void *out_rows,
                           size_t *out_count)
{
    struct user_filter filter = {
        .email = api_query_str(query, "email"),
        .external_identifier = api_query_str(query, "externalIdentifier"),
        .kind = api_query_word(query, "kind", kind_words),
        .status = api_query_word(query, "status", noun_status_words),
        .search = api_query_search(query),
        .after = page->after_id,
        .limit = noun_page_rows(page),
    };
    enum err err = api_query_end(query);
    return err ? err : user_list(&query->call->work, &filter, out_rows, out_count);
}

/* Internal users always have an address; external ones may be without. */
static struct str read_email(struct fields *in, const struct user *present)
{
    bool has = fields_has(in, "email");
    bool is_required = !present->is_external && (has || present->email.ptr == NULL);
    struct str email =
        fields_str(in, "email", is_required ? FIELD_REQUIRED : FIELD_OPTIONAL, LIMIT_EMAIL_BYTES);
    if (!has) {
        return present->email;
    }
    if (email.ptr != NULL && !user_email_is_plausible(email)) {
        fields_refuse(in, "email", "must be an email address.");
    }
    return email;
}

static void read_person(struct fields *in, struct user *user)
{
    user->email = read_email(in, user);
    user->first_name = noun_read_text(in, "firstName", LIMIT_PERSON_NAME_BYTES, user->first_name);
    user->last_name = noun_read_text(in, "lastName", LIMIT_PERSON_NAME_BYTES, user->last_name);
}

static enum err users_create(struct api_call *call, struct fields *in, void *row)
{
    read_person(in, row);
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : user_create(&call->work, row);
}

static enum err users_patch(struct api_call *call, struct fields *in, const void *before,
                            void *after)
{
    struct user *user = after;
    struct str present = user->is_active ? STR("active") : STR("archived");
    read_person(in, user);
    user->is_active =
        str_equal(noun_read_word(in, "status", noun_status_words, present), STR("active"));
    enum err err = fields_end(in, FIELDS_REFUSE_UNKNOWN);
    return err ? err : user_update(&call->work, before, user);
}

static enum err users_delete(struct api_call *call, const void *row)
{
    return user_delete(&call->work, row);
}

const struct noun users_noun = {
    .name = "user",
    .size = sizeof(struct user),
    .workspace_at = offsetof(struct user, workspace_id),
    .list = users_list,
    .page = api_page_by_id,
    .find = users_find,
    .json = users_json,
    .create = users_create,
    .patch = users_patch,
    .remove = users_delete,
};
