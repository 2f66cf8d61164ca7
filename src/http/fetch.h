/*
 * What the browser says about a request (Fetch Metadata, Origin), and what follows from it.
 *
 * Absent headers pass where only a browser that sends them could be tricked: old browsers and
 * programs send none. What they say is trusted to refuse, and to grant only where a page cannot
 * have written it: Sec-Fetch-* are the browser's own.
 */
#ifndef INLAY_HTTP_FETCH_H
#define INLAY_HTTP_FETCH_H

#include "base/err.h"
#include "base/origin.h"
#include "base/str.h"

struct fetch {
    struct str method;
    struct str origin; /* Origin; the texts are STR_NONE if absent */
    struct str referer;
    struct str sec_fetch_site; /* Sec-Fetch-Site … */
    struct str sec_fetch_mode;
    struct str sec_fetch_dest;
    struct str sec_purpose;     /* Sec-Purpose, or Purpose as older browsers have it */
    bool has_service_worker;    /* Service-Worker */
    bool is_navigation_preload; /* Service-Worker-Navigation-Preload: for a worker's listener */
    struct str accept;
    bool is_websocket;        /* asks for an upgrade to WebSocket */
    struct str last_event_id; /* where an event stream is to go on */
};

/* May this request spend a link? Only what fills a frame, from the browser itself: a GET, or the
 * POST of a form, whose Origin entry/redeem.h looks at. ERR_DENIED
 * with code link_prefetch, link_top_level or link_not_a_frame. */
MUST_CHECK enum err fetch_check_link(const struct fetch *fetch, struct fault *fault);

/* Does the request come from the app's own pages, or is it a navigation? Other app origins are
 * hostile: they can send requests that carry this origin's cookie. ERR_DENIED, sibling_refused. */
MUST_CHECK enum err fetch_check_sibling(const struct fetch *fetch, struct str own_origin,
                                        struct fault *fault);

/*
 * May this navigation show the app? It is no link's: those are checked by fetch_check_link().
 *
 * At top level only what the app's own pages open (a new tab, a PDF, a download), unless the app is
 * for tabs, too: app_top_level. In a frame only what a portal leads there: app_sibling. Its Referer
 * says so; where that is hidden, only the way from a link is known to be right. That it comes from
 * another site says nothing: apps on a public suffix do, and so does what another site redirects.
 */
struct fetch_way {
    struct str portals;  /* STR_NONE: whoever is no sibling */
    struct str siblings; /* the end of every app's origin: ".apps.example.net:3000" */
    bool is_led;         /* a link has led here; http/lead.h */
    bool is_for_tabs;
};
MUST_CHECK enum err fetch_check_navigation(const struct fetch *fetch, const struct fetch_way *way,
                                           struct fault *fault);

/* Does it fill a frame, as a browser says so itself? */
bool fetch_is_frame(const struct fetch *fetch);

/*
 * The web origin of the page that leads a frame to a link, as its Referer has it: that of the
 * portal, or whoever sent the link on. False if there is nothing to know: no browser, no Referer, a
 * page of this origin or of another app (siblings, as above).
 */
bool fetch_portal(const struct fetch *fetch, struct str siblings,
                  char out_origin[ORIGIN_TEXT_SIZE]);

/* Is it a page of its own, in a tab? */
bool fetch_is_top_level(const struct fetch *fetch);

/* Does the request come from the console's own pages? For requests that bring an admin's cookie, or
 * are to get one. A change needs Sec-Fetch-Site or Origin to say so: denied when both are missing.
 * ERR_DENIED, cross_origin. */
MUST_CHECK enum err fetch_check_console(const struct fetch *fetch, struct str own_origin,
                                        struct fault *fault);

/* Is the answer shown to a person? Then errors are pages, otherwise problem JSON. */
bool fetch_wants_page(const struct fetch *fetch);

/* Is it for the script that a service worker is made of, or for a module that this one imports?
 * What importScripts() asks for is not: Firefox looks for a new version of that, too, with
 * Service-Worker. */
bool fetch_wants_worker(const struct fetch *fetch);
bool fetch_wants_worker_import(const struct fetch *fetch);

/* Would a single-page app answer this path by its index.html? */
bool fetch_wants_index(const struct fetch *fetch, struct str path);

#endif
