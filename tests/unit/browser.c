#include "browser.h"

struct browser browser;

enum err browser_open_at(struct scene *scene, const struct scene_link *link, struct str label,
                         struct str cookie)
{
    const struct redeem_request request = {
        .kind = link->link.is_reusable ? SECRET_PAT : SECRET_LINK,
        .secret = link->secret,
        .app = link->link.is_reusable ? work_uuid_text(scene->work, &link->link.app_id) : STR_NONE,
        .label = label,
        .cookie = cookie,
        .renews = browser.renews,
        .poster = browser.poster,
    };
    scene->world.fault = (struct fault){.err = ERR_OK};
    return redeem_link(scene->work, &request, &browser.result);
}

enum err browser_open_link(struct scene *scene, const struct scene_link *link, struct str cookie)
{
    return browser_open_at(scene, link, link->link.label, cookie);
}

const struct str browser_pending_cookie = {"pending", sizeof("pending") - 1};

struct str browser_proof_of(struct scene *scene, const struct scene_link *link)
{
    struct secret proof = link_proof(link->secret);
    return arena_str(&scene->world.arena, secret_str(&proof));
}

enum err browser_enter_at(struct scene *scene, struct str proof, struct str label,
                          struct str cookie)
{
    bool has_pending = str_equal(cookie, browser_pending_cookie);
    const struct enter_request request = {
        .proof = proof,
        .label = label,
        .cookie = has_pending ? STR_NONE : cookie,
        .has_pending = has_pending,
        .renews = browser.renews,
        .poster = browser.poster,
    };
    scene->world.fault = (struct fault){.err = ERR_OK};
    return redeem_enter(scene->work, &request, &browser.result);
}

enum err browser_enter(struct scene *scene, const struct scene_link *link, struct str cookie)
{
    return browser_enter_at(scene, browser_proof_of(scene, link), link->link.label, cookie);
}

struct str browser_set_cookie(struct scene *scene)
{
    struct str cookie = arena_str(&scene->world.arena, secret_str(&browser.result.cookie));
    secret_done(&browser.result.cookie);
    return cookie;
}

struct str browser_open_pending(struct scene *scene, const struct scene_link *link)
{
    assert_int_equal(browser_open_link(scene, link, STR_NONE), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_PENDING);
    assert_str_equal(secret_str(&browser.result.proof), browser_proof_of(scene, link).ptr);
    return browser_pending_cookie;
}

struct str browser_enter_opened(struct scene *scene, const struct scene_link *link,
                                struct str pending)
{
    assert_int_equal(browser_enter(scene, link, pending), ERR_OK);
    assert_int_equal(browser.result.step, REDEEM_OPENED);
    return browser_set_cookie(scene);
}

struct str browser_redeem(struct scene *scene, const struct scene_link *link)
{
    return browser_enter_opened(scene, link, browser_open_pending(scene, link));
}

enum err browser_check(struct scene *scene, const struct scene_link *link, struct str cookie)
{
    return session_check(scene->work, link->link.label, cookie, &browser.view);
}

int64_t browser_sessions(struct scene *scene)
{
    return scene_number(scene, "SELECT count(*) FROM sessions");
}

void assert_link_error(struct scene *scene, enum err err, enum err expected, const char *code)
{
    assert_string_equal(scene->world.fault.code, code);
    assert_int_equal(err, expected);
    assert_int_equal(browser.result.cookie.len, 0);
}

void browser_revoke(struct scene *scene, const struct scene_link *link)
{
    scene_sql(scene, "UPDATE links SET revoked_at = 1 WHERE id = %s",
              scene_id(scene, &link->link.id));
}
