#include "model/signin.h"

#include "model/row.h"
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

static struct tries tries_of(struct work *work, struct str email)
{
    const struct str account[] = {STR("sign-in"), STR("account"), work_lower(work, email)};
    const struct str address[] = {STR("sign-in"), STR("address"), work->address};
    return (struct tries){
        .account = digest_hmac(work->instance->key, account, COUNT_OF(account)),
        .address = digest_hmac(work->instance->key, address, COUNT_OF(address)),
    };
}

static enum err wait_of(struct work *work, const struct digest *key, int64_t free_tries,
                        int64_t *out_count, int64_t *io_wait_ms)
{
    struct rows rows = store_query(work->store, SQL_SIGN_IN_FAILURES, SQL_ARGS(sql_digest(key)));
    *out_count = 0;
    if (rows_next(&rows)) {
        *out_count = rows_int(&rows, 0);
        int64_t over = *out_count - free_tries;
        int64_t pause_ms = over < 0 ? 0 : over > 12 ? WAIT_MAX_MS : INT64_C(1000) << over;
        pause_ms = pause_ms > WAIT_MAX_MS ? WAIT_MAX_MS : pause_ms;
        int64_t wait_ms = rows_int(&rows, 1) + pause_ms - work->now_ms;
        *io_wait_ms = wait_ms > *io_wait_ms ? wait_ms : *io_wait_ms;
    }
    return rows_end(&rows);
}

static enum err say_slowed(struct work *work, int64_t wait_ms)
{
    int64_t wait_s = (wait_ms + 999) / 1000;
    fault_set(work->fault, ERR_LIMITED, "sign_in_slowed",
              "There were too many failed tries to sign in. Try again in %lld s.",
              (long long)wait_s);
    work->fault->retry_after_s = wait_s;
    return ERR_LIMITED;
}

/* Counts one more than were seen. Who was slower than another try has not been let through by what
 * was seen. */
static enum err count_one(struct work *work, const struct digest *key, int64_t seen)
{
    enum err err = store_run_one(work->store, SQL_SIGN_IN_COUNT,
                                 SQL_ARGS(sql_digest(key), sql_int(work->now_ms), sql_int(seen)));
    return err == ERR_NOT_FOUND ? say_slowed(work, 1) : err;
}

/* A try counts as failed until it has succeeded, so that many at once do not get around it. */
static enum err tries_begin(struct work *work, const struct tries *tries)
{
    int64_t of_account = 0;
    int64_t of_address = 0;
    int64_t wait_ms = 0;
    enum err err = wait_of(work, &tries->account, FREE_TRIES_OF_ACCOUNT, &of_account, &wait_ms);
    if (!err) {
        err = wait_of(work, &tries->address, FREE_TRIES_OF_ADDRESS, &of_address, &wait_ms);
    }
    if (!err && wait_ms > 0) {
        return say_slowed(work, wait_ms);
    }
    if (!err) {
        err = count_one(work, &tries->account, of_account);
    }
    return err ? err : count_one(work, &tries->address, of_address);
}

static enum err tries_end(struct work *work, const struct tries *tries)
{
    enum err err =
        store_run(work->store, SQL_SIGN_IN_FORGET, SQL_ARGS(sql_digest(&tries->account)), NULL);
    return err ? err
               : store_run(work->store, SQL_SIGN_IN_UNCOUNT, SQL_ARGS(sql_digest(&tries->address)),
                           NULL);
}

static enum err count_try(struct work *work, const struct tries *tries)
{
    struct work_transaction transaction;
    enum err err = work_begin(work, &transaction);
    return err ? err : work_end(work, &transaction, tries_begin(work, tries));
}

/* ---- sessions ---- */

static struct actor actor_of(struct work *work, const struct uuid *id, struct str email)
{
    return (struct actor){.kind = ACTOR_ADMIN, .id = work_uuid_text(work, id), .name = email};
}

static enum err admin_session_open(struct work *work, const struct admin *admin,
                                   struct secret *out_cookie)
{
    struct secret cookie = secret_make(SECRET_LINK);
    struct digest digest = secret_digest(secret_str(&cookie));
    struct uuid id = random_uuid();
    int64_t length_ms = work->instance->settings->admin_session_hours * HOUR_MS;
    enum err err = store_run(work->store, SQL_ADMIN_SESSION_INSERT,
                             SQL_ARGS(sql_uuid(&id), sql_uuid(&admin->id), sql_digest(&digest),
                                      sql_text(work->address), sql_text(work->user_agent),
                                      sql_int(work->now_ms), sql_int(work->now_ms + length_ms)),
                             NULL);
    if (!err) {
        work->actor = actor_of(work, &admin->id, admin->email);
        err = event_add(work, &(struct event){.type = "admin.signin"});
    }
    if (err) {
        secret_done(&cookie);
        return err;
    }
    *out_cookie = cookie;
    return ERR_OK;
}

static int64_t idle_since(const struct work *work)
{
    return work->now_ms - work->instance->settings->admin_idle_minutes * MINUTE_MS;
}

static ROW_READER(admin_session_from_row, admin_session, ADMIN_SESSION_ROW);
static ROW_ALL(admin_session_all, admin_session, admin_session_from_row);

static enum err signin_missing(const struct work *work)
{
    return fault_set(work->fault, ERR_UNAUTHENTICATED, "sign_in_missing",
                     "You are not signed in, or not any more.");
}

enum err admin_session_authenticate(struct work *work, struct str cookie,
                                    struct admin_session *out_session)
{
    struct digest digest = secret_digest(cookie);
    bool is_archived = false;
    enum err err = ERR_NOT_FOUND;
    if (secret_has_form(SECRET_LINK, cookie)) {
        struct rows rows =
            store_query(work->store, SQL_ADMIN_SESSION_BY_DIGEST, SQL_ARGS(sql_digest(&digest)));
        err = rows_one(&rows);
        if (!err) {
            admin_session_from_row(work, &rows, out_session);
            is_archived = rows_int(&rows, COLUMN_COUNT(ADMIN_SESSION_ROW)) != 0;
        }
        enum err end = rows_end(&rows);
        err = work_store_fault(work, end ? end : err);
    }
    if (!err && (out_session->expires_at_ms <= work->now_ms ||
                 out_session->used_at_ms <= idle_since(work))) {
        err = ERR_NOT_FOUND;
    }
    if (!err && is_archived) {
        return fault_set(work->fault, ERR_DENIED, "workspace_archived",
                         "The workspace of this admin is archived.");
    }
    return err == ERR_NOT_FOUND ? signin_missing(work) : err;
}

bool admin_session_use_is_news(const struct work *work, const struct admin_session *session)
{
    return !uuid_is_none(&session->id) && work->now_ms - session->used_at_ms >= MINUTE_MS;
}

enum err admin_session_touch(struct work *work, const struct admin_session *session)
{
    enum err err = store_run_one(work->store, SQL_ADMIN_SESSION_TOUCH,
                                 SQL_ARGS(sql_uuid(&session->id), sql_int(work->now_ms)));
    return err == ERR_NOT_FOUND ? signin_missing(work) : work_store_fault(work, err);
}

enum err admin_session_list(struct work *work, const struct uuid *admin_id,
                            const struct uuid *after, int64_t limit,
                            struct admin_session *out_sessions, size_t *out_count)
{
    return admin_session_all(
        work,
        store_query(work->store, SQL_ADMIN_SESSION_LIST,
                    SQL_ARGS(sql_uuid(admin_id), sql_uuid(after), sql_int(work->now_ms),
                             sql_int(idle_since(work)), sql_int(limit))),
        out_sessions, out_count);
}

enum err admin_session_end(struct work *work, const struct uuid *id, const struct uuid *admin_id)
{
    struct str text = work_uuid_text(work, id);
    enum err err = store_run_one(work->store, SQL_ADMIN_SESSION_DELETE,
                                 SQL_ARGS(sql_uuid(id), sql_uuid(admin_id)));
    if (!err) {
        struct event event = {.type = "admin.signout"};
        err = event_add_detail(work, &event,
                               json_pack("{s:s%}", "adminSessionId", text.ptr, text.len));
    }
    return work_store_fault(work, err);
}

/* ---- signing in ---- */

/* The second factor. *out_step and *out_recovery are what is left of it afterwards. */
static enum err check_code(struct work *work, const struct admin *admin, struct str code,
                           int64_t *out_step, struct str *out_recovery)
{
    *out_step = admin->totp_step;
    *out_recovery = admin->recovery;
    if (admin->totp_secret.ptr == NULL) {
        return ERR_OK;
    }
    if (code.len == 0) {
        return fault_member(work->fault, ERR_UNAUTHENTICATED, "totp_required", "code",
                            "Enter the code of your authenticator app.");
    }
    REQUIRE(admin->totp_secret.len == TOTP_SECRET_BYTES);
    if (totp_matches((const unsigned char *)admin->totp_secret.ptr, code, work->now_ms,
                     admin->totp_step, out_step)) {
        return ERR_OK;
    }
    struct str left = admin_recovery_without(work, admin, code);
    if (left.ptr != NULL) {
        *out_recovery = left;
        return ERR_OK;
    }
    return fault_member(work->fault, ERR_UNAUTHENTICATED, "totp_wrong", "code",
                        "The code is not right, or was used before.");
}

/* In a transaction of its own: who tried and why not, without what was typed. */
static enum err refuse(struct work *work, const struct admin *admin, enum err reason)
{
    struct work_transaction transaction;
    struct str id = work_uuid_text(work, &admin->id);
    json_t *detail = json_pack("{s:s}", "reason", work->fault->code);
    struct fault fault = *work->fault;
    REQUIRE(detail != NULL);
    if (!uuid_is_none(&admin->id)) {
        REQUIRE(json_object_set_new(detail, "adminId", json_stringn(id.ptr, id.len)) == 0);
    }
    enum err err = work_begin(work, &transaction);
    if (err) {
        json_decref(detail);
        return err;
    }
    err = work_end(work, &transaction,
                   event_add_detail(work, &(struct event){.type = "admin.refuse"}, detail));
    *work->fault = err ? *work->fault : fault;
    return err ? err : reason;
}

static enum err open_in_transaction(struct work *work, const struct tries *tries,
                                    const struct admin *admin, int64_t step, struct str recovery,
                                    struct secret *out_cookie)
{
    bool by_recovery = !str_equal(recovery, admin->recovery);
    enum err err = tries_end(work, tries);
    if (!err) {
        err = store_run_one(work->store, SQL_ADMIN_SIGNED_IN,
                            SQL_ARGS(sql_uuid(&admin->id), sql_int(work->now_ms), sql_int(step),
                                     sql_int(by_recovery)));
    }
    if (!err && by_recovery) {
        err = store_run_one(
            work->store, SQL_ADMIN_SET_RECOVERY,
            SQL_ARGS(sql_uuid(&admin->id), sql_text(admin->recovery), sql_text(recovery)));
    }
    if (err == ERR_NOT_FOUND) {
        return fault_member(work->fault, ERR_UNAUTHENTICATED, "totp_wrong", "code",
                            "The code is not right, or was used before.");
    }
    return err ? err : admin_session_open(work, admin, out_cookie);
}

/* Takes back one try, and no more: whoever has the password must not get rid of the wrong codes. */
static enum err uncount(struct work *work, const struct tries *tries)
{
    struct work_transaction transaction;
    enum err err = work_begin(work, &transaction);
    if (err) {
        return err;
    }
    err = store_run(work->store, SQL_SIGN_IN_UNCOUNT, SQL_ARGS(sql_digest(&tries->account)), NULL);
    if (!err) {
        err = store_run(work->store, SQL_SIGN_IN_UNCOUNT, SQL_ARGS(sql_digest(&tries->address)),
                        NULL);
    }
    return work_end(work, &transaction, err);
}

static enum err check_password(struct work *work, const struct admin *admin, struct str password)
{
    return password_matches(password, admin->password)
               ? ERR_OK
               : fault_set(work->fault, ERR_UNAUTHENTICATED, "sign_in_refused",
                           "The email address or the password is not right.");
}

enum err signin(struct work *work, const struct signin *signin, struct admin *out_admin,
                struct secret *out_cookie)
{
    struct work_transaction transaction;
    struct tries tries = tries_of(work, signin->email);
    struct admin admin = {.id = UUID_NONE};
    struct str recovery = STR_NONE;
    int64_t step = 0;
    enum err err = count_try(work, &tries);
    if (!err) {
        err = admin_find_by_email(work, signin->email, &admin);
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    if (err) {
        return err;
    }
    err = check_password(work, &admin, signin->password);
    if (!err) {
        err = check_code(work, &admin, signin->code, &step, &recovery);
        if (err && strcmp(work->fault->code, "totp_required") == 0) {
            struct fault fault = *work->fault; /* half of the way is no failure */
            enum err undone = uncount(work, &tries);
            *work->fault = undone ? *work->fault : fault;
            return undone ? undone : err;
        }
    }
    if (err) {
        return refuse(work, &admin, err);
    }
    err = work_begin(work, &transaction);
    if (err) {
        return err;
    }
    work->now_ms = clock_now_ms();
    err = work_end(work, &transaction,
                   open_in_transaction(work, &tries, &admin, step, recovery, out_cookie));
    if (!err) {
        admin.signed_in_at_ms = work->now_ms;
        admin.recovery = recovery;
        *out_admin = admin;
    }
    return err;
}

enum err signin_again(struct work *work, const struct admin *admin, struct str password,
                      const char *member)
{
    struct tries tries = tries_of(work, admin->email);
    enum err err = count_try(work, &tries);
    if (err) {
        return err;
    }
    if (!password_matches(password, admin->password)) {
        fault_member(work->fault, ERR_INVALID, "password_wrong", member,
                     "This is not your present password.");
        return refuse(work, admin, ERR_INVALID);
    }
    return uncount(work, &tries);
}

/* ---- the first password ---- */

static enum err setup_in_transaction(struct work *work, struct str code, struct str kept,
                                     struct admin *admin, struct secret *out_cookie)
{
    enum err err = admin_link_spend(work, code);
    if (!err && uuid_is_none(&admin->id)) {
        work->actor.name = STR("setup");
        err = admin_create(work, admin);
    }
    if (!err) {
        err = admin_totp_remove(work, admin);
    }
    if (!err) {
        err = admin_set_password(work, admin, kept, &UUID_NONE);
    }
    if (!err) {
        err = work_run_one(
            work, SQL_ADMIN_SIGNED_IN,
            SQL_ARGS(sql_uuid(&admin->id), sql_int(work->now_ms), sql_int(0), sql_int(false)));
    }
    return err ? err : admin_session_open(work, admin, out_cookie);
}

enum err signin_set_up_admin(struct work *work, struct str code, struct str email,
                             struct str password, struct admin *out_admin,
                             struct secret *out_cookie)
{
    struct work_transaction transaction;
    struct admin admin;
    char kept[PASSWORD_TEXT_SIZE];
    enum err err = admin_link_find(work, code, &admin);
    if (err) {
        return err;
    }
    if (uuid_is_none(&admin.id)) {
        admin.email = email;
    }
    password_keep(password, kept);
    err = work_begin(work, &transaction);
    if (err) {
        return err;
    }
    work->now_ms = clock_now_ms();
    err = work_end(work, &transaction,
                   setup_in_transaction(work, code, str_from(kept), &admin, out_cookie));
    if (!err) {
        admin.totp_secret = STR_NONE;
        admin.recovery = STR_NONE;
        admin.signed_in_at_ms = work->now_ms;
        *out_admin = admin;
    }
    return err;
}
