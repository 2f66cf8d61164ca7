#include "entry/link.h"
#include "scene.h"

#include "crypto/random.h"

static void a_link_is_found_by_its_secret(void **state)
{
    struct scene *scene = *state;
    scene->work->actor.name = STR("portal");
    struct scene_link link = scene_embed(scene);
    struct link found = scene_link(scene, &link);
    assert_true(uuid_equal(&found.id, &link.link.id));
    assert_false(found.is_reusable);
    assert_str_equal(found.label, link.link.label.ptr);
    assert_str_equal(found.claims, link.link.claims.ptr);
    assert_true(uuid_equal(&found.app_id, &scene->app.id));
    assert_true(uuid_equal(&found.user_id, &scene->user.id));
    assert_true(uuid_equal(&found.workspace_id, &scene->world.instance.workspace_id));
    assert_int_equal(found.session_ms, SCENE_SESSION_MS);
    assert_int_equal(found.created_at_ms, WORLD_START_MS);
    assert_int_equal(found.expires_at_ms, WORLD_START_MS + SCENE_LINK_MS);
    assert_str_equal(found.created_by, "portal");
    assert_int_equal(found.used_at_ms, 0);
    assert_int_equal(found.replaced_at_ms, 0);
    assert_int_equal(found.revoked_at_ms, 0);
}

static void unknown_links_are_not_found(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    struct link found;
    struct str almost = arena_str(&scene->world.arena, link.secret);
    char *last = (char *)(uintptr_t)&almost.ptr[almost.len - 1];
    *last = *last == '0' ? '1' : '0';
    assert_int_equal(scene_find_link(scene, almost, &found), ERR_NOT_FOUND);
    assert_int_equal(scene_find_link(scene, STR_NONE, &found), ERR_NOT_FOUND);
    assert_fault(&scene->world, "");
}

static void the_secret_has_the_form_that_the_contracts_name(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    assert_true(secret_has_form(SECRET_PAT, pat.secret));
    assert_true(secret_has_form(SECRET_LINK, embed.secret));
    assert_false(secret_has_form(SECRET_LINK, pat.secret));
    assert_false(secret_has_form(SECRET_PAT, embed.secret));
}

static void the_secret_is_stored_nowhere(void **state)
{
    struct scene *scene = *state;
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed(scene);
    assert_true(scene_stores(scene, pat.link.label)); /* the search does find things */
    assert_false(scene_stores(scene, pat.secret));
    assert_false(scene_stores(scene, str_skip(pat.secret, 4)));
    assert_false(scene_stores(scene, embed.secret));
}

static void a_mint_leaves_an_event_without_the_secret(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_pat(scene);
    assert_int_equal(world_events(&scene->world, "mint"), 1);
    assert_int_equal(scene_number(scene,
                                  "SELECT link_id = %s AND user_id = %s AND app_id = %s"
                                  " FROM events WHERE type = 'mint'",
                                  scene_id(scene, &link.link.id), scene_id(scene, &scene->user.id),
                                  scene_id(scene, &scene->app.id)),
                     1);
}

/* ---- replacing ---- */

static void a_new_pat_replaces_the_one_before_it(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_pat(scene);
    world_wait(&scene->world, 1);
    struct scene_link second = scene_pat(scene);
    assert_int_equal(scene_link(scene, &first).replaced_at_ms, WORLD_START_MS + 1);
    assert_int_equal(scene_link(scene, &second).replaced_at_ms, 0);
    world_wait(&scene->world, 1);
    scene_pat(scene);
    assert_int_equal(scene_link(scene, &first).replaced_at_ms, WORLD_START_MS + 1);
    assert_int_equal(scene_link(scene, &second).replaced_at_ms, WORLD_START_MS + 2);
}

static void pats_of_other_users_and_apps_stay(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_pat(scene);
    struct user ann = scene->user;
    scene->user = world_user(&scene->world, "bob@example.com");
    scene_pat(scene);
    scene->user = ann;
    scene->app = world_app(&scene->world, "stock");
    scene_pat(scene);
    assert_int_equal(scene_link(scene, &first).replaced_at_ms, 0);
}

static void single_use_links_neither_replace_nor_are_replaced(void **state)
{
    struct scene *scene = *state;
    const struct claims claims = {.environment = STR("production")};
    struct scene_link pat = scene_pat(scene);
    struct scene_link embed = scene_embed_with(scene, &claims);
    assert_str_equal(embed.link.label, pat.link.label.ptr);
    assert_int_equal(scene_link(scene, &pat).replaced_at_ms, 0);
    scene_embed_with(scene, &claims);
    scene_pat(scene);
    assert_int_equal(scene_link(scene, &embed).replaced_at_ms, 0);
}

/* ---- the label ---- */

static void the_label_is_a_host_name_and_stays_the_same(void **state)
{
    struct scene *scene = *state;
    struct scene_link first = scene_embed(scene);
    struct scene_link second = scene_embed(scene);
    assert_int_equal(first.link.label.len, ORIGIN_LABEL_LEN);
    assert_str_equal(second.link.label, first.link.label.ptr);
    for (size_t i = 0; i < first.link.label.len; i++) {
        char c = first.link.label.ptr[i];
        assert_true((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'));
    }
}

static void whatever_differs_gives_another_label(void **state)
{
    struct scene *scene = *state;
    const struct uuid a = random_uuid();
    const struct uuid b = random_uuid();
    struct instance other = scene->world.instance;
    char labels[7][ORIGIN_LABEL_LEN + 1];
    other.key[DIGEST_BYTES - 1] ^= 1;
    link_label(&scene->world.instance, &a, &a, &a, STR("{}"), labels[0]);
    link_label(&scene->world.instance, &b, &a, &a, STR("{}"), labels[1]);
    link_label(&scene->world.instance, &a, &b, &a, STR("{}"), labels[2]);
    link_label(&scene->world.instance, &a, &a, &b, STR("{}"), labels[3]);
    link_label(&scene->world.instance, &a, &a, &a, STR("{} "), labels[4]);
    link_label(&scene->world.instance, &a, &a, &a, STR(""), labels[5]);
    link_label(&other, &a, &a, &a, STR("{}"), labels[6]);
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(labels[i], labels[j]);
        }
    }
}

static void other_metadata_gives_another_origin(void **state)
{
    struct scene *scene = *state;
    struct claims claims = scene_claims(scene);
    claims.metadata = STR("{\"shop\":1}");
    struct scene_link one = scene_embed_with(scene, &claims);
    claims.metadata = STR("{\"shop\":2}");
    struct scene_link other = scene_embed_with(scene, &claims);
    assert_false(str_equal(one.link.label, other.link.label));
}

/* ---- its part of the decision ---- */

static struct link_facts facts_at(const struct link *link, int64_t now_ms)
{
    return link_question(link, now_ms).link;
}

static void a_fresh_link_denies_nothing(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    struct link_facts facts = facts_at(&link.link, WORLD_START_MS);
    assert_false(facts.revoked || facts.replaced || facts.expired || facts.used);
}

static void a_link_is_over_at_its_very_millisecond(void **state)
{
    struct scene *scene = *state;
    struct scene_link link = scene_embed(scene);
    assert_false(facts_at(&link.link, link.link.expires_at_ms - 1).expired);
    assert_true(facts_at(&link.link, link.link.expires_at_ms).expired);
}

static void only_single_use_links_are_used_up(void **state)
{
    (void)state;
    struct link link = {.is_reusable = true, .used_at_ms = 1, .expires_at_ms = 10};
    assert_false(facts_at(&link, 2).used);
    link.is_reusable = false;
    assert_true(facts_at(&link, 2).used);
}

static void revoked_and_replaced_links_say_so(void **state)
{
    (void)state;
    struct link_facts revoked = facts_at(&(struct link){.revoked_at_ms = 1}, 2);
    assert_true(revoked.revoked && !revoked.replaced);
    struct link_facts replaced = facts_at(&(struct link){.replaced_at_ms = 1}, 2);
    assert_true(replaced.replaced && !replaced.revoked);
}

/* ---- how many ---- */

static void the_eleventh_link_in_a_minute_is_refused(void **state)
{
    struct scene *scene = *state;
    const int64_t limit = 10;
    scene_limit_rate(scene);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(link_limit(scene->work, STR("ann"), limit), ERR_OK);
    }
    world_wait(&scene->world, 18 * WORLD_SECOND_MS);
    assert_int_equal(link_limit(scene->work, STR("ann"), limit), ERR_LIMITED);
    assert_fault(&scene->world, "mint_limit");
    assert_int_equal(scene->world.fault.limit, 10);
    assert_int_equal(scene->world.fault.retry_after_s, 42);
    world_wait(&scene->world, 42 * WORLD_SECOND_MS);
    assert_int_equal(link_limit(scene->work, STR("ann"), limit), ERR_OK);
}

static void each_user_token_and_workspace_has_a_limit_of_its_own(void **state)
{
    struct scene *scene = *state;
    scene_limit_rate(scene);
    const int64_t limit = 1;
    assert_int_equal(link_limit(scene->work, STR("ann"), limit), ERR_OK);
    assert_int_equal(link_limit(scene->work, STR("ann"), limit), ERR_LIMITED);
    assert_int_equal(link_limit(scene->work, STR("bob"), limit), ERR_OK);
    scene->work->actor.id = STR("another token");
    assert_int_equal(link_limit(scene->work, STR("ann"), limit), ERR_OK);
    scene->work->workspace_id = random_uuid();
    assert_int_equal(link_limit(scene->work, STR("ann"), limit), ERR_OK);
}

static void a_limit_of_zero_is_none(void **state)
{
    struct scene *scene = *state;
    scene_limit_rate(scene);
    const int64_t limit = 0;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(link_limit(scene->work, STR("ann"), limit), ERR_OK);
    }
}

/* ---- going ---- */

static void links_go_with_their_user_and_their_app(void **state)
{
    struct scene *scene = *state;
    struct link found;
    struct scene_link link = scene_pat(scene);
    assert_int_equal(app_delete(scene->work, &scene->app), ERR_OK);
    assert_int_equal(scene_find_link(scene, link.secret, &found), ERR_NOT_FOUND);
    scene->app = world_app(&scene->world, "stock");
    link = scene_pat(scene);
    assert_int_equal(user_delete(scene->work, &scene->user), ERR_OK);
    assert_int_equal(scene_find_link(scene, link.secret, &found), ERR_NOT_FOUND);
}

static void a_failed_mint_leaves_nothing_behind(void **state)
{
    struct scene *scene = *state;
    struct link link;
    struct secret secret;
    scene_disk_is_full(scene);
    struct link_new new_link = {
        .is_reusable = true,
        .app_id = scene->app.id,
        .user_id = scene->user.id,
        .claims = {.environment = STR("production")},
        .session_ms = 1,
        .expires_at_ms = WORLD_START_MS + 1,
    };
    assert_int_equal(store_begin(scene->world.store), ERR_OK);
    assert_int_equal(link_create(scene->work, &new_link, &link, &secret), ERR_OK);
    assert_int_equal(store_commit(scene->world.store), ERR_STORAGE);
    scene_disk_has_room();
    assert_int_equal(scene_find_link(scene, secret_str(&secret), &link), ERR_NOT_FOUND);
    secret_done(&secret);
    assert_int_equal(world_events(&scene->world, "mint"), 0);
}

static void a_mint_that_the_audit_log_cannot_tell_fails(void **state)
{
    struct scene *scene = *state;
    struct link link;
    struct secret secret;
    struct link_new new_link = {
        .app_id = scene->app.id,
        .user_id = scene->user.id,
        .claims = {.environment = STR("production")},
        .expires_at_ms = WORLD_START_MS + 1,
    };
    scene_sql(scene, "DROP TABLE events");
    assert_int_equal(link_create(scene->work, &new_link, &link, &secret), ERR_INTERNAL);
    assert_fault(&scene->world, "internal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(a_link_is_found_by_its_secret),
        scene_test(unknown_links_are_not_found),
        scene_test(the_secret_has_the_form_that_the_contracts_name),
        scene_test(the_secret_is_stored_nowhere),
        scene_test(a_mint_leaves_an_event_without_the_secret),
        scene_test(a_new_pat_replaces_the_one_before_it),
        scene_test(pats_of_other_users_and_apps_stay),
        scene_test(single_use_links_neither_replace_nor_are_replaced),
        scene_test(the_label_is_a_host_name_and_stays_the_same),
        scene_test(whatever_differs_gives_another_label),
        scene_test(other_metadata_gives_another_origin),
        scene_test(a_fresh_link_denies_nothing),
        scene_test(a_link_is_over_at_its_very_millisecond),
        scene_test(only_single_use_links_are_used_up),
        scene_test(revoked_and_replaced_links_say_so),
        scene_test(the_eleventh_link_in_a_minute_is_refused),
        scene_test(each_user_token_and_workspace_has_a_limit_of_its_own),
        scene_test(a_limit_of_zero_is_none),
        scene_test(links_go_with_their_user_and_their_app),
        scene_test(a_failed_mint_leaves_nothing_behind),
        scene_test(a_mint_that_the_audit_log_cannot_tell_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
