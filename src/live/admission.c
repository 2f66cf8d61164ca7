#include "live/admission.h"

enum { RETRY_AFTER_S = 1 };

bool admission_is_limited(const struct settings *settings)
{
    return settings->session_requests_per_second > 0 || settings->session_connections > 0 ||
           settings->link_requests_per_second > 0 || settings->link_connections > 0;
}

/* The last bytes of an id are random; the first of them in turn say the set. */
static struct digest pace_key(const struct uuid *id)
{
    struct digest key = {{0}};
    for (size_t i = 0; i < sizeof(uint64_t); i++) {
        key.bytes[i] = id->bytes[sizeof(id->bytes) - 1 - i];
    }
    return key;
}

static uint64_t hold_key(const struct uuid *id)
{
    struct digest digest = pace_key(id);
    uint64_t key;
    memcpy(&key, digest.bytes, sizeof(key));
    return key;
}

static bool is_in_pace(struct admission_tables *tables, const struct uuid *id, int64_t per_second,
                       int64_t now_ms)
{
    struct digest key = pace_key(id);
    int64_t retry_after_s = 0;
    return per_second == 0 ||
           ratelimit_allow(&tables->pace, &key, now_ms, per_second, &retry_after_s);
}

/* ---- holds ---- */

static struct admission_hold *set_of(struct admission_tables *tables, uint64_t key)
{
    size_t sets = tables->hold_count / ADMISSION_WAYS;
    return &tables->holds[key % sets * ADMISSION_WAYS];
}

static uint64_t count_of(const struct admission_hold *set, uint64_t key)
{
    uint64_t count = 0;
    for (size_t i = 0; i < ADMISSION_WAYS; i++) {
        count += set[i].key == key ? set[i].count : 0;
    }
    return count;
}

/* What the dead hold is free. */
static void bury(struct admission_hold *set, const struct admission_request *request)
{
    for (size_t i = 0; i < ADMISSION_WAYS; i++) {
        if (set[i].count > 0 && set[i].process != request->process &&
            !request->is_alive(set[i].process)) {
            set[i].count = 0;
        }
    }
}

/* The place of this process for the key, or a free one; NULL if there is none. */
static struct admission_hold *place_of(struct admission_hold *set, uint64_t key, int32_t process)
{
    struct admission_hold *place = NULL;
    for (size_t i = 0; i < ADMISSION_WAYS; i++) {
        if (set[i].count == 0) {
            place = place == NULL ? &set[i] : place;
        } else if (set[i].key == key && set[i].process == process) {
            return &set[i];
        }
    }
    return place;
}

/* False above max. *out_holds: it was counted. */
static bool hold(struct admission_tables *tables, const struct admission_request *request,
                 uint64_t key, int64_t max, bool *out_holds)
{
    struct admission_hold *set = set_of(tables, key);
    struct admission_hold *place = place_of(set, key, request->process);
    if (place == NULL || count_of(set, key) >= (uint64_t)max) {
        bury(set, request);
        place = place_of(set, key, request->process);
    }
    if (count_of(set, key) >= (uint64_t)max) {
        return false;
    }
    if (place != NULL) {
        uint32_t count = place->count;
        *place = (struct admission_hold){key, request->process, count + 1};
        *out_holds = true;
    }
    return true;
}

static void let_go(struct admission_tables *tables, uint64_t key, int32_t process)
{
    struct admission_hold *set = set_of(tables, key);
    for (size_t i = 0; i < ADMISSION_WAYS; i++) {
        if (set[i].count > 0 && set[i].key == key && set[i].process == process) {
            set[i].count--;
            return;
        }
    }
}

/* ---- requests ---- */

enum admission_limit admission_enter(struct admission_tables *tables,
                                     const struct admission_request *request,
                                     struct admission *out_admission)
{
    const struct settings *settings = request->settings;
    struct admission admission = {.session_key = hold_key(&request->session_id),
                                  .link_key = hold_key(&request->link_id)};
    if (!is_in_pace(tables, &request->session_id, settings->session_requests_per_second,
                    request->now_ms)) {
        return ADMISSION_SESSION_RATE;
    }
    if (!is_in_pace(tables, &request->link_id, settings->link_requests_per_second,
                    request->now_ms)) {
        return ADMISSION_LINK_RATE;
    }
    if (request->stays && settings->session_connections > 0 &&
        !hold(tables, request, admission.session_key, settings->session_connections,
              &admission.holds_session)) {
        return ADMISSION_SESSION_CONNECTIONS;
    }
    if (request->stays && settings->link_connections > 0 &&
        !hold(tables, request, admission.link_key, settings->link_connections,
              &admission.holds_link)) {
        admission_leave(tables, &admission, request->process);
        return ADMISSION_LINK_CONNECTIONS;
    }
    *out_admission = admission;
    return ADMISSION_NONE;
}

void admission_leave(struct admission_tables *tables, struct admission *admission, int32_t process)
{
    if (admission->holds_session) {
        let_go(tables, admission->session_key, process);
    }
    if (admission->holds_link) {
        let_go(tables, admission->link_key, process);
    }
    *admission = (struct admission){.holds_session = false};
}

static enum err say(struct fault *fault, int64_t limit, const char *whose, const char *what)
{
    fault_limit(fault, ERR_LIMITED, "session_limit", limit, "%s may send %lld requests %s.", whose,
                (long long)limit, what);
    fault->retry_after_s = RETRY_AFTER_S;
    return ERR_LIMITED;
}

enum err admission_say(enum admission_limit limit, const struct settings *settings,
                       struct fault *fault)
{
    static const char session[] = "This session";
    static const char link[] = "All sessions of one link together";
    switch (limit) {
    case ADMISSION_NONE:
        return ERR_OK;
    case ADMISSION_SESSION_RATE:
        return say(fault, settings->session_requests_per_second, session, "in a second");
    case ADMISSION_LINK_RATE:
        return say(fault, settings->link_requests_per_second, link, "in a second");
    case ADMISSION_SESSION_CONNECTIONS:
        return say(fault, settings->session_connections, session, "at a time");
    case ADMISSION_LINK_CONNECTIONS:
        break;
    }
    return say(fault, settings->link_connections, link, "at a time");
}
