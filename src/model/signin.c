#include "model/signin.h"

#include "model/event.h"
#include "crypto/password.h"
#include "crypto/random.h"

enum {
    FREE_TRIES_OF_ACCOUNT = 5,
    FREE_TRIES_OF_ADDRESS = 30,
    WAIT_MAX_MS = HOUR_MS,
};

/* ---- slowing down ---- */

struct tries {
    struct digest account;
    struct digest address;
};

static struct tries tries_of(struct access *access, struct str email)
{
    const struct str account[] = {STR("sign-in"), STR("account"), access_lower(access, email)};
    const struct str address[] = {STR("sign-in"), STR("address"), access->address};
    return (struct tries){
        .account = digest_hmac(access->instance->key, account, COUNT_OF(account)),
        .address = digest_hmac(access->instance->key, address, COUNT_OF(address)),
    };
}

static enum err wait_of(struct access *access, const struct digest *key, int64_t free_tries,
                        int64_t *io_wait_ms)
{
    struct rows rows = store_query(access->store, SQL_SIGN_IN_FAILURES, SQL_ARGS(sql_digest(key)));
    if (rows_next(&rows)) {
        int64_t over = rows_int(&rows, 0) - free_tries;
        int64_t pause_ms = over < 0 ? 0 : over > 12 ? WAIT_MAX_MS : INT64_C(1000) << over;
        pause_ms = pause_ms > WAIT_MAX_MS ? WAIT_MAX_MS : pause_ms;
        int64_t wait_ms = rows_int(&rows, 1) + pause_ms - access->now_ms;
        *io_wait_ms = wait_ms > *io_wait_ms ? wait_ms : *io_wait_ms;
    }
    return rows_end(&rows);
}

/* A try counts as failed until it has succeeded, so that many at once do not get around it. */
static enum err tries_begin(struct access *access, const struct tries *tries)
{
    int64_t wait_ms = 0;
    enum err err = wait_of(access, &tries->account, FREE_TRIES_OF_ACCOUNT, &wait_ms);
    if (!err) {
        err = wait_of(access, &tries->address, FREE_TRIES_OF_ADDRESS, &wait_ms);
    }
    if (!err && wait_ms > 0) {
        int64_t wait_s = (wait_ms + 999) / 1000;
        err = fault_set(access->fault, ERR_LIMITED, "sign_in_slowed",
                        "There were too many failed tries to sign in. Try again in %lld s.",
                        (long long)wait_s);
        access->fault->retry_after_s = wait_s;
        return err;
    }
    if (!err) {
        err = store_run(access->store, SQL_SIGN_IN_COUNT,
                        SQL_ARGS(sql_digest(&tries->account), sql_int(access->now_ms)), NULL);
    }
    if (!err) {
        err = store_run(access->store, SQL_SIGN_IN_COUNT,
                        SQL_ARGS(sql_digest(&tries->address), sql_int(access->now_ms)), NULL);
    }
    return err;
}

static enum err tries_end(struct access *access, const struct tries *tries)
{
    enum err err =
        store_run(access->store, SQL_SIGN_IN_FORGET, SQL_ARGS(sql_digest(&tries->account)), NULL);
    return err ? err
               : store_run(access->store, SQL_SIGN_IN_UNCOUNT,
                           SQL_ARGS(sql_digest(&tries->address)), NULL);
}

/* A transaction of one step; what the step returns decides. */
static enum err finish(struct access *access, enum err err)
{
    if (err) {
        store_rollback(access->store);
        return access_store_fault(access, err);
    }
    return access_store_fault(access, store_commit(access->store));
}

static enum err count_try(struct access *access, const struct tries *tries)
{
    enum err err = store_begin(access->store);
    return err ? access_store_fault(access, err) : finish(access, tries_begin(access, tries));
}

/* ---- sessions ---- */

static struct actor actor_of(struct access *access, const struct uuid *id, struct str email)
{
    return (struct actor){.kind = ACTOR_ADMIN, .id = access_uuid_text(access, id), .name = email};
}

static enum err admin_session_open(struct access *access, const struct admin *admin,
                                   struct secret *out_cookie)
{
    struct secret cookie = secret_make(SECRET_LINK);
    struct digest digest = secret_digest(secret_str(&cookie));
    struct uuid id = random_uuid();
    int64_t length_ms = access->instance->settings->admin_session_hours * HOUR_MS;
    enum err err = store_run(access->store, SQL_ADMIN_SESSION_INSERT,
                             SQL_ARGS(sql_uuid(&id), sql_uuid(&admin->id), sql_digest(&digest),
                                      sql_text(access->address), sql_text(access->user_agent),
                                      sql_int(access->now_ms), sql_int(access->now_ms + length_ms)),
                             NULL);
    if (!err) {
        access->actor = actor_of(access, &admin->id, admin->email);
        err = event_add(access, &(struct event){.type = "admin.signin"});
    }
    if (err) {
        secret_done(&cookie);
        return err;
    }
    *out_cookie = cookie;
    return ERR_OK;
}

static int64_t idle_since(const struct access *access)
{
    return access->now_ms - access->instance->settings->admin_idle_minutes * MINUTE_MS;
}

static void admin_session_from_row(struct access *access, const struct rows *rows,
                                   struct admin_session *out_session)
{
    *out_session = (struct admin_session){
        .id = rows_uuid(rows, 0),
        .address = access_column(access, rows, 1),
        .user_agent = access_column(access, rows, 2),
        .created_at_ms = rows_int(rows, 3),
        .used_at_ms = rows_int(rows, 4),
        .expires_at_ms = rows_int(rows, 5),
        .admin_id = rows_uuid(rows, 6),
        .email = access_column(access, rows, 7),
    };
}

enum err admin_session_authenticate(struct access *access, struct str cookie,
                                    struct admin_session *out_session)
{
    struct digest digest = secret_digest(cookie);
    bool is_archived = false;
    enum err err = ERR_NOT_FOUND;
    if (secret_has_form(SECRET_LINK, cookie)) {
        struct rows rows =
            store_query(access->store, SQL_ADMIN_SESSION_BY_DIGEST, SQL_ARGS(sql_digest(&digest)));
        err = access_one_row(&rows);
        if (!err) {
            admin_session_from_row(access, &rows, out_session);
            out_session->role = access_column(access, &rows, 8);
            out_session->workspace_id = rows_uuid(&rows, 9);
            is_archived = str_equal(rows_text(&rows, 10), STR("archived"));
        }
        enum err end = rows_end(&rows);
        err = access_store_fault(access, end ? end : err);
    }
    if (!err && (out_session->expires_at_ms <= access->now_ms ||
                 out_session->used_at_ms <= idle_since(access))) {
        err = ERR_NOT_FOUND;
    }
    if (!err && is_archived) {
        return fault_set(access->fault, ERR_DENIED, "workspace_archived",
                         "The workspace of this admin is archived.");
    }
    return err == ERR_NOT_FOUND ? fault_set(access->fault, ERR_UNAUTHENTICATED, "sign_in_missing",
                                            "You are not signed in, or not any more.")
                                : err;
}

bool admin_session_use_is_news(const struct access *access, const struct admin_session *session)
{
    return !uuid_is_none(&session->id) && access->now_ms - session->used_at_ms >= MINUTE_MS;
}

enum err admin_session_touch(struct access *access, const struct admin_session *session)
{
    return access_store_fault(
        access, store_run(access->store, SQL_ADMIN_SESSION_TOUCH,
                          SQL_ARGS(sql_uuid(&session->id), sql_int(access->now_ms)), NULL));
}

enum err admin_session_list(struct access *access, const struct uuid *admin_id,
                            const struct uuid *after, int64_t limit,
                            struct admin_session *out_sessions, size_t *out_count)
{
    struct rows rows =
        store_query(access->store, SQL_ADMIN_SESSION_LIST,
                    SQL_ARGS(sql_uuid(admin_id), sql_uuid(after), sql_int(access->now_ms),
                             sql_int(idle_since(access)), sql_int(limit)));
    size_t count = 0;
    while (rows_next(&rows)) {
        admin_session_from_row(access, &rows, &out_sessions[count++]);
    }
    *out_count = count;
    return access_store_fault(access, rows_end(&rows));
}

enum err admin_session_end(struct access *access, const struct uuid *id,
                           const struct uuid *admin_id)
{
    int64_t changes = 0;
    struct str text = access_uuid_text(access, id);
    enum err err = store_run(access->store, SQL_ADMIN_SESSION_DELETE,
                             SQL_ARGS(sql_uuid(id), sql_uuid(admin_id)), &changes);
    if (!err && changes == 0) {
        return ERR_NOT_FOUND;
    }
    if (!err) {
        struct event event = {.type = "admin.signout"};
        err = event_add_detail(access, &event,
                               json_pack("{s:s%}", "adminSessionId", text.ptr, text.len));
    }
    return access_store_fault(access, err);
}

/* ---- signing in ---- */

/* The second factor. *out_step and *out_recovery are what is left of it afterwards. */
static enum err check_code(struct access *access, const struct admin *admin, struct str code,
                           int64_t *out_step, struct str *out_recovery)
{
    *out_step = admin->totp_step;
    *out_recovery = admin->recovery;
    if (admin->totp_secret.ptr == NULL) {
        return ERR_OK;
    }
    if (code.len == 0) {
        return fault_member(access->fault, ERR_UNAUTHENTICATED, "totp_required", "code",
                            "Enter the code of your authenticator app.");
    }
    REQUIRE(admin->totp_secret.len == TOTP_SECRET_BYTES);
    if (totp_matches((const unsigned char *)admin->totp_secret.ptr, code, access->now_ms,
                     admin->totp_step, out_step)) {
        return ERR_OK;
    }
    struct str left = admin_recovery_without(access, admin, code);
    if (left.ptr != NULL) {
        *out_recovery = left;
        return ERR_OK;
    }
    return fault_member(access->fault, ERR_UNAUTHENTICATED, "totp_wrong", "code",
                        "The code is not right, or was used before.");
}

/* In a transaction of its own: who tried and why not, without what was typed. */
static enum err refuse(struct access *access, const struct admin *admin, enum err reason)
{
    struct str id = access_uuid_text(access, &admin->id);
    json_t *detail = json_pack("{s:s}", "reason", access->fault->code);
    struct fault fault = *access->fault;
    REQUIRE(detail != NULL);
    if (!uuid_is_none(&admin->id)) {
        REQUIRE(json_object_set_new(detail, "adminId", json_stringn(id.ptr, id.len)) == 0);
    }
    enum err err = store_begin(access->store);
    if (err) {
        json_decref(detail);
        return access_store_fault(access, err);
    }
    err = finish(access, event_add_detail(access, &(struct event){.type = "admin.refuse"}, detail));
    *access->fault = err ? *access->fault : fault;
    return err ? err : reason;
}

static enum err open_in_transaction(struct access *access, const struct tries *tries,
                                    const struct admin *admin, int64_t step, struct str recovery,
                                    struct secret *out_cookie)
{
    int64_t changes = 0;
    bool by_recovery = !str_equal(recovery, admin->recovery);
    enum err err = tries_end(access, tries);
    if (!err) {
        err = store_run(access->store, SQL_ADMIN_SIGNED_IN,
                        SQL_ARGS(sql_uuid(&admin->id), sql_int(access->now_ms), sql_int(step),
                                 sql_int(by_recovery)),
                        &changes);
    }
    if (!err && changes == 1 && by_recovery) {
        err =
            store_run(access->store, SQL_ADMIN_SET_RECOVERY,
                      SQL_ARGS(sql_uuid(&admin->id), sql_text(admin->recovery), sql_text(recovery)),
                      &changes);
    }
    if (!err && changes == 0) {
        return fault_member(access->fault, ERR_UNAUTHENTICATED, "totp_wrong", "code",
                            "The code is not right, or was used before.");
    }
    return err ? err : admin_session_open(access, admin, out_cookie);
}

/* Takes back one try, and no more: whoever has the password must not get rid of the wrong codes. */
static enum err uncount(struct access *access, const struct tries *tries)
{
    enum err err = store_begin(access->store);
    if (err) {
        return access_store_fault(access, err);
    }
    err =
        store_run(access->store, SQL_SIGN_IN_UNCOUNT, SQL_ARGS(sql_digest(&tries->account)), NULL);
    if (!err) {
        err = store_run(access->store, SQL_SIGN_IN_UNCOUNT, SQL_ARGS(sql_digest(&tries->address)),
                        NULL);
    }
    return finish(access, err);
}

static enum err check_password(struct access *access, const struct admin *admin,
                               struct str password)
{
    return password_matches(password, admin->password)
               ? ERR_OK
               : fault_set(access->fault, ERR_UNAUTHENTICATED, "sign_in_refused",
                           "The email address or the password is not right.");
}

enum err sign_in(struct access *access, const struct sign_in *sign_in, struct admin *out_admin,
                 struct secret *out_cookie)
{
    struct tries tries = tries_of(access, sign_in->email);
    struct admin admin = {.id = UUID_NONE};
    struct str recovery = STR_NONE;
    int64_t step = 0;
    enum err err = count_try(access, &tries);
    if (!err) {
        err = admin_find_by_email(access, sign_in->email, &admin);
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    if (err) {
        return err;
    }
    err = check_password(access, &admin, sign_in->password);
    if (!err) {
        err = check_code(access, &admin, sign_in->code, &step, &recovery);
        if (err && strcmp(access->fault->code, "totp_required") == 0) {
            struct fault fault = *access->fault; /* half of the way is no failure */
            enum err undone = uncount(access, &tries);
            *access->fault = undone ? *access->fault : fault;
            return undone ? undone : err;
        }
    }
    if (err) {
        return refuse(access, &admin, err);
    }
    err = store_begin(access->store);
    if (err) {
        return access_store_fault(access, err);
    }
    access->now_ms = clock_now_ms();
    err = finish(access, open_in_transaction(access, &tries, &admin, step, recovery, out_cookie));
    if (!err) {
        admin.signed_in_at_ms = access->now_ms;
        admin.recovery = recovery;
        *out_admin = admin;
    }
    return err;
}

enum err sign_in_again(struct access *access, const struct admin *admin, struct str password,
                       const char *member)
{
    struct tries tries = tries_of(access, admin->email);
    enum err err = count_try(access, &tries);
    if (err) {
        return err;
    }
    if (!password_matches(password, admin->password)) {
        fault_member(access->fault, ERR_INVALID, "password_wrong", member,
                     "This is not your present password.");
        return refuse(access, admin, ERR_INVALID);
    }
    return uncount(access, &tries);
}

/* ---- the first password ---- */

static enum err setup_in_transaction(struct access *access, struct str code, struct str kept,
                                     struct admin *admin, struct secret *out_cookie)
{
    enum err err = admin_link_spend(access, code);
    if (!err && uuid_is_none(&admin->id)) {
        access->actor.name = STR("setup");
        err = admin_create(access, admin);
    }
    if (!err) {
        err = admin_totp_remove(access, admin);
    }
    if (!err) {
        err = admin_set_password(access, admin, kept, &UUID_NONE);
    }
    if (!err) {
        err = store_run(
            access->store, SQL_ADMIN_SIGNED_IN,
            SQL_ARGS(sql_uuid(&admin->id), sql_int(access->now_ms), sql_int(0), sql_int(false)),
            NULL);
    }
    return err ? err : admin_session_open(access, admin, out_cookie);
}

enum err setup_admin(struct access *access, struct str code, struct str email, struct str password,
                     struct admin *out_admin, struct secret *out_cookie)
{
    struct admin admin;
    char kept[PASSWORD_TEXT_SIZE];
    enum err err = admin_link_find(access, code, &admin);
    if (err) {
        return err;
    }
    if (uuid_is_none(&admin.id)) {
        admin.email = email;
    }
    password_keep(password, kept);
    err = store_begin(access->store);
    if (err) {
        return access_store_fault(access, err);
    }
    access->now_ms = clock_now_ms();
    err = finish(access, setup_in_transaction(access, code, str_from(kept), &admin, out_cookie));
    if (!err) {
        admin.totp_secret = STR_NONE;
        admin.recovery = STR_NONE;
        admin.signed_in_at_ms = access->now_ms;
        *out_admin = admin;
    }
    return err;
}
