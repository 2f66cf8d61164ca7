
#include "gate/headers.h"
#include "gate/send.h"
#include "entry/redeem.h"
#include "http/lead.h"

#include "error_page.h"
#include "apps/bundle/hashed.h"


typedef enum {
    INLAY_HEADER_POLICY = 0,
    INLAY_HEADER_RESOURCE,
    INLAY_HEADER_EMBEDDER,
    INLAY_HEADER_CLUSTER,
    INLAY_HEADER_REFERRER,
    INLAY_HEADER_CACHE,
    INLAY_HEADER_VARY,
    INLAY_HEADER_NOSNIFF,
    INLAY_HEADER_HSTS,
    INLAY_HEADER_MAX,
    INLAY_HEADERS_OF_ROWS = INLAY_HEADER_NOSNIFF
} inlay_header_e;


static ngx_str_t  inlay_names[INLAY_HEADER_MAX] = {
    [INLAY_HEADER_POLICY] = ngx_string("Content-Security-Policy"),
    [INLAY_HEADER_RESOURCE] = ngx_string("Cross-Origin-Resource-Policy"),
    [INLAY_HEADER_EMBEDDER] = ngx_string("Cross-Origin-Embedder-Policy"),
    [INLAY_HEADER_CLUSTER] = ngx_string("Origin-Agent-Cluster"),
    [INLAY_HEADER_REFERRER] = ngx_string("Referrer-Policy"),
    [INLAY_HEADER_CACHE] = ngx_string("Cache-Control"),
    [INLAY_HEADER_VARY] = ngx_string("Vary"),
    [INLAY_HEADER_NOSNIFF] = ngx_string("X-Content-Type-Options"),
    [INLAY_HEADER_HSTS] = ngx_string("Strict-Transport-Security")
};


static const char  inlay_page_policy[] = ERROR_PAGE_CSP "; ";
static const char  inlay_page_apart_policy[] = ERROR_PAGE_CSP "; sandbox allow-scripts; ";


/* Content-Security-Policy, before frame-ancestors and the portals */
#define FRAMES     ""
#define NOTHING    "default-src 'none'; "
#define PAGE       inlay_page_policy
/* a page at an address with a secret, which no page of the same origin may read: of none */
#define APART      inlay_page_apart_policy

/* portals frame what a link leads to, also those that embed nothing without being told that they may
 * (COEP); nothing else of the public address is for other origins */
#define OURS       "same-origin"
#define THEIRS     "cross-origin"

/* a page in a frame of such a portal; it embeds nothing */
#define CORP       "require-corp"

#define OWN        "?1"
#define SAME       "same-origin"
#define NOWHERE    "no-referrer"
#define ORIGIN     "strict-origin" /* what is posted once more has to bring its Origin again */
#define BROWSERS   "strict-origin-when-cross-origin" /* what browsers do; the server's own word stands */

#define NO_STORE   "no-store"
#define BRIEF      "public, max-age=300" /* JWKS_CACHE_S */
#define KEPT       "public, max-age=31536000, immutable"
#define CHECKED    "private, no-cache"
#define FOR_GOOD   "private, max-age=31536000, immutable"
#define PRIVATE    "private" /* the server's own word on caching stands, but only in the browser */

/* nginx's gzip_vary would look for the variants even if the client takes none */
#define ENCODING   "Accept-Encoding, Service-Worker"

/* what a page has fetched is not what a service worker gets from this URL */
#define WORKER     "Service-Worker"

/* a page of ours is in the reader's language */
#define LANGUAGE   "Accept-Language"


/*
 * Which response carries which header, on which site. NULL: none. A kind without a row is not there
 * on that site. Not in the table: X-Content-Type-Options, which all have but what an app's server
 * sends without a type, and Strict-Transport-Security, which all have if the public address is https.
 */

static const char  *inlay_rows[][INLAY_RESPONSE_MAX][INLAY_HEADERS_OF_ROWS] = {

                                  /* policy   resource  embedder  cluster  referrer  cache     vary */
    [INLAY_SITE_PUBLIC] = {
        [INLAY_RESPONSE_PLAIN]     = { NOTHING, OURS,     NULL,     NULL,    NOWHERE,  NO_STORE, NULL },
        [INLAY_RESPONSE_PAGE]      = { PAGE,    OURS,     NULL,     NULL,    NOWHERE,  NO_STORE, LANGUAGE },
        [INLAY_RESPONSE_LINK]      = { NOTHING, THEIRS,   NULL,     NULL,    NOWHERE,  NO_STORE, NULL },
        [INLAY_RESPONSE_LINK_PAGE] = { APART,   THEIRS,   CORP,     NULL,    NOWHERE,  NO_STORE, LANGUAGE },
        [INLAY_RESPONSE_ANYWHERE]  = { APART,   THEIRS,   CORP,     NULL,    NOWHERE,  NO_STORE, LANGUAGE },
        [INLAY_RESPONSE_LOGO]      = { NOTHING, THEIRS,   NULL,     NULL,    NOWHERE,  KEPT,     NULL },
        [INLAY_RESPONSE_KEYS]      = { NOTHING, NULL,     NULL,     NULL,    NOWHERE,  BRIEF,    NULL }
    },

    [INLAY_SITE_APP] = {
        [INLAY_RESPONSE_PLAIN]     = { FRAMES,  NULL,     NULL,     OWN,     SAME,     NO_STORE, NULL },
        [INLAY_RESPONSE_PAGE]      = { PAGE,    THEIRS,   CORP,     OWN,     SAME,     NO_STORE, LANGUAGE },
        [INLAY_RESPONSE_LINK]      = { FRAMES,  THEIRS,   NULL,     OWN,     NOWHERE,  NO_STORE, NULL },
        [INLAY_RESPONSE_LINK_AGAIN] = { FRAMES, THEIRS,   NULL,     OWN,     ORIGIN,   NO_STORE, NULL },
        [INLAY_RESPONSE_LINK_PAGE] = { APART,   THEIRS,   CORP,     OWN,     NOWHERE,  NO_STORE, LANGUAGE },
        [INLAY_RESPONSE_ANYWHERE]  = { APART,   THEIRS,   CORP,     OWN,     NOWHERE,  NO_STORE, LANGUAGE },
        [INLAY_RESPONSE_LOGO]      = { NOTHING, THEIRS,   NULL,     OWN,     NOWHERE,  KEPT,     NULL },
        [INLAY_RESPONSE_SDK]       = { FRAMES,  NULL,     NULL,     OWN,     BROWSERS, BRIEF,    NULL },
        [INLAY_RESPONSE_FILE]      = { FRAMES,  NULL,     NULL,     OWN,     BROWSERS, CHECKED,  ENCODING },
        [INLAY_RESPONSE_HASHED]    = { FRAMES,  NULL,     NULL,     OWN,     BROWSERS, FOR_GOOD, ENCODING },
        [INLAY_RESPONSE_PROXIED]   = { FRAMES,  NULL,     NULL,     OWN,     BROWSERS, PRIVATE,  WORKER },
        [INLAY_RESPONSE_DOCUMENT]  = { FRAMES,  NULL,     NULL,     OWN,     BROWSERS, NO_STORE, NULL },
        [INLAY_RESPONSE_WORKER]    = { FRAMES,  NULL,     NULL,     OWN,     BROWSERS, CHECKED,  WORKER }
    }
};


static ngx_int_t inlay_header_filter(ngx_http_request_t *r);
static inlay_response_e inlay_response_kind(ngx_http_request_t *r, inlay_ctx_t *ctx);


static ngx_http_output_header_filter_pt  inlay_next_header_filter;


void
inlay_headers_init(void)
{
    inlay_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = inlay_header_filter;
}


static ngx_int_t
inlay_push(ngx_http_request_t *r, inlay_header_e name, const char *value, size_t len)
{
    ngx_str_t  text;

    text.data = inlay_bytes(value);
    text.len = len;

    return inlay_push_header(r, inlay_names[name], text) != NULL ? NGX_OK : NGX_ERROR;
}


/* An error came up after our headers were written (a range that is not there): write them anew. */

static void
inlay_take_back(ngx_http_request_t *r)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            for (n = 0; n < INLAY_HEADER_MAX; n++) {
                if (header[i].key.data == inlay_names[n].data) {
                    header[i].hash = 0;
                }
            }
        }
    }
}


/* Who may frame this: the app's portals, and in them its own pages; or nobody. Of a request without a
 * host nobody knows the portals. */

static ngx_int_t
inlay_push_policy(ngx_http_request_t *r, inlay_ctx_t *ctx, struct str before)
{
    size_t       size;
    u_char      *text;
    struct str   value, portals, after;

    if (ctx->response == INLAY_RESPONSE_ANYWHERE) {
        before.len -= sizeof("; ") - 1;
        return inlay_push(r, INLAY_HEADER_POLICY, before.ptr, before.len);
    }

    portals = inlay_str(ctx->app.portals);
    after = inlay_site(r) == INLAY_SITE_APP ? STR(" 'self'") : STR("");

    if (portals.len == 0) {
        portals = STR("'none'");
        after = STR("");
    }

    size = before.len + sizeof("frame-ancestors ") + portals.len + after.len;

    text = ngx_pnalloc(r->pool, size);
    if (text == NULL) {
        return NGX_ERROR;
    }

    value = str_print((char *) text, size, STR_FMT "frame-ancestors " STR_FMT STR_FMT,
                      STR_ARG(before), STR_ARG(portals), STR_ARG(after));

    return inlay_push(r, INLAY_HEADER_POLICY, value.ptr, value.len);
}


/* Has the app's own server sent such a header? It decides on its own pages, not on ours. */

static ngx_uint_t
inlay_is_said(ngx_http_request_t *r, const char *const *row, inlay_header_e name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    if (row[INLAY_HEADER_REFERRER] == NULL
        || ngx_strcmp(row[INLAY_HEADER_REFERRER], BROWSERS) != 0)
    {
        return 0;
    }

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash != 0 && h[i].key.data != inlay_names[name].data
                && str_equal_nocase(inlay_str(h[i].key), inlay_str(inlay_names[name])))
            {
                return 1;
            }
        }
    }

    return 0;
}


static ngx_int_t
inlay_push_row(ngx_http_request_t *r, inlay_ctx_t *ctx, const char *const *row)
{
    ngx_uint_t  i;

    for (i = 0; i < INLAY_HEADERS_OF_ROWS; i++) {
        if (i == INLAY_HEADER_POLICY) {
            if (inlay_push_policy(r, ctx, str_from(row[i])) != NGX_OK) {
                return NGX_ERROR;
            }

        } else if (row[i] != NULL
                   && !(i == INLAY_HEADER_REFERRER && inlay_is_said(r, row, INLAY_HEADER_REFERRER))
                   && inlay_push(r, (inlay_header_e) i, row[i], ngx_strlen(row[i])) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
inlay_push_always(ngx_http_request_t *r, inlay_ctx_t *ctx, const char *const *row)
{
    static const char  hsts[] = "max-age=31536000";
    static const char  nosniff[] = "nosniff";

    if (inlay_conf(r)->settings.public_url.origin.is_https
        && inlay_push(r, INLAY_HEADER_HSTS, hsts, sizeof(hsts) - 1) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* of what has no type, browsers have to find it out */
    if (inlay_is_said(r, row, INLAY_HEADER_NOSNIFF)
        || (ctx->response == INLAY_RESPONSE_PROXIED && r->headers_out.content_type.len == 0))
    {
        return NGX_OK;
    }

    return inlay_push(r, INLAY_HEADER_NOSNIFF, nosniff, sizeof(nosniff) - 1);
}


/* A link leads on by what the app's server redirects. */

static ngx_int_t
inlay_lead_on(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    char        mark[LEAD_MARK_SIZE];
    struct str  location, led;

    if (!ctx->is_led) {
        return NGX_OK;
    }

    /* nginx itself remembers the Location of an app's server only if it's a whole address */
    location = inlay_header_of(&r->headers_out.headers, STR("Location"));
    if (location.len == 0) {
        return NGX_OK;
    }

    led = lead_on(location, inlay_own_origin(r, ctx), mark);

    return inlay_set_cookie(r, INLAY_COOKIE_ENTERED, led, REDEEM_ENTERED_S);
}


static ngx_int_t
inlay_header_filter(ngx_http_request_t *r)
{
    ngx_uint_t           site;
    inlay_ctx_t         *ctx;
    const char *const   *row;

    site = inlay_site(r);

    if (site == INLAY_SITE_NONE || r != r->main) {
        return inlay_next_header_filter(r);
    }

    ctx = inlay_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->is_filtered) {
        inlay_take_back(r);
    }
    ctx->is_filtered = 1;

    if (ctx->response == INLAY_RESPONSE_FILE) {
        /* The file's time is made from its content, for the ETag; as a date it has no meaning. */
        r->headers_out.last_modified_time = -1;
        r->headers_out.last_modified = NULL;
    }

    row = inlay_rows[site][inlay_response_kind(r, ctx)];

    if (row[INLAY_HEADER_POLICY] == NULL) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "inlay: no headers for a response of kind %ui", (ngx_uint_t) ctx->response);
        return NGX_ERROR;
    }

    if (inlay_push_row(r, ctx, row) != NGX_OK || inlay_push_always(r, ctx, row) != NGX_OK
        || inlay_lead_on(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return inlay_next_header_filter(r);
}


/*
 * What a frame shows must not come back from a browser's cache, once it may not be seen any more:
 * HTML, and whatever else was navigated to. What documents load is cached as ever.
 */

static ngx_uint_t
inlay_is_document(ngx_http_request_t *r)
{
    struct str    type;
    struct fetch  fetch;

    type = inlay_str(r->headers_out.content_type);
    type.len = str_find(type, ';');
    type = str_trim(type);

    if (str_equal_nocase(type, STR("text/html"))
        || str_equal_nocase(type, STR("application/xhtml+xml")))
    {
        return 1;
    }

    inlay_fetch(r, &fetch);

    return fetch.sec_fetch_dest.len > 0 && fetch_wants_page(&fetch);
}


/* Its server's own word, which would contradict ours. */

static void
inlay_drop_caching(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (str_equal_nocase(inlay_str(h[i].key), STR("Cache-Control"))
                || str_equal_nocase(inlay_str(h[i].key), STR("Expires"))
                || str_equal_nocase(inlay_str(h[i].key), STR("Pragma")))
            {
                h[i].hash = 0;
            }
        }
    }
}


static inlay_response_e
inlay_response_kind(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    if (ctx->response == INLAY_RESPONSE_LINK && inlay_site(r) == INLAY_SITE_APP
        && r->headers_out.status == NGX_HTTP_TEMPORARY_REDIRECT)
    {
        return INLAY_RESPONSE_LINK_AGAIN;
    }

    if (ctx->response != INLAY_RESPONSE_FILE && ctx->response != INLAY_RESPONSE_PROXIED) {
        return ctx->response;
    }

    if (inlay_is_document(r)) {
        inlay_drop_caching(r);
        return INLAY_RESPONSE_DOCUMENT;
    }

    return ctx->response == INLAY_RESPONSE_FILE && hashed_path(inlay_str(r->uri))
           ? INLAY_RESPONSE_HASHED : ctx->response;
}
