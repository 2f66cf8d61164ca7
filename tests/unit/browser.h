/*
 * A browser that opens links: the steps of entry/redeem.h as it asks for them, and what it has got
 * from the last one.
 */
#ifndef INLAY_UNIT_BROWSER_H
#define INLAY_UNIT_BROWSER_H

#include "scene.h"

#include "entry/redeem.h"

extern struct browser {
    bool renews;                 /* the next link is opened with renew=1 */
    struct str poster;           /* the next link is posted by a page of this origin */
    struct redeem_result result; /* of the last step */
    struct session_view view;    /* of the last check */
} browser;

/* Stands for the pending cookie in what a browser has, which otherwise is a session's cookie. */
extern const struct str browser_pending_cookie;

/* GET of a link, on this origin or on its own. */
enum err browser_open_at(struct scene *scene, const struct scene_link *link, struct str label,
                         struct str cookie);
enum err browser_open_link(struct scene *scene, const struct scene_link *link, struct str cookie);

/* GET of /_inlay/enter, with this proof on this origin or with the link's. */
enum err browser_enter_at(struct scene *scene, struct str proof, struct str label,
                          struct str cookie);
enum err browser_enter(struct scene *scene, const struct scene_link *link, struct str cookie);
struct str browser_proof_of(struct scene *scene, const struct scene_link *link);

/* The cookie that the last step has set. */
struct str browser_set_cookie(struct scene *scene);

/* The first of the two steps, which has to succeed: the pending cookie. The second, from there to
 * the session's cookie; and both. */
struct str browser_open_pending(struct scene *scene, const struct scene_link *link);
struct str browser_enter_opened(struct scene *scene, const struct scene_link *link,
                                struct str pending);
struct str browser_redeem(struct scene *scene, const struct scene_link *link);

/* session_check() on the link's origin, into browser.view. */
enum err browser_check(struct scene *scene, const struct scene_link *link, struct str cookie);

int64_t browser_sessions(struct scene *scene); /* how many are stored */
void browser_revoke(struct scene *scene, const struct scene_link *link);

/* The error, and nothing that a browser could use. */
void assert_link_error(struct scene *scene, enum err err, enum err expected, const char *code);

#endif
