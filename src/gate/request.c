
#include "gate/request.h"
#include "http/cookie.h"
#include "base/limits.h"


static void inlay_ctx_cleanup(void *data);


/*
 * nginx forgets a request's contexts when it redirects internally. Ours is also held by a cleanup
 * handler of the request's pool, where it can be found again.
 */

inlay_ctx_t *
inlay_ctx_find(ngx_http_request_t *r)
{
    inlay_ctx_t         *ctx;
    ngx_pool_cleanup_t  *cln;

    ctx = ngx_http_get_module_ctx(r, ngx_http_inlay_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {
        for (cln = r->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == inlay_ctx_cleanup) {
                ctx = cln->data;
                ngx_http_set_ctx(r, ctx, ngx_http_inlay_module);
                break;
            }
        }
    }

    return ctx;
}


inlay_ctx_t *
inlay_ctx(ngx_http_request_t *r)
{
    inlay_ctx_t         *ctx;
    ngx_pool_cleanup_t  *cln;

    ctx = inlay_ctx_find(r);
    if (ctx != NULL) {
        return ctx;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(inlay_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = inlay_ctx_cleanup;
    ctx = cln->data;
    ngx_memzero(ctx, sizeof(inlay_ctx_t));
    ctx->request = r;
    ctx->uri = r->uri;

    ngx_http_set_ctx(r, ctx, ngx_http_inlay_module);

    return ctx;
}


void
inlay_look_take(ngx_http_request_t *r, inlay_ctx_t *ctx, const struct look *look)
{
    ctx->look.theme = inlay_str(inlay_copy(r->pool, look->theme));
    ctx->look.locale = inlay_str(inlay_copy(r->pool, look->locale));
    ctx->look.name = inlay_str(inlay_copy(r->pool, look->name));
    ctx->look.color = inlay_str(inlay_copy(r->pool, look->color));
    ctx->look.support = inlay_str(inlay_copy(r->pool, look->support));
    ctx->look.logo = inlay_str(inlay_copy(r->pool, look->logo));
}


/* Only to be found by. */

static void
inlay_ctx_cleanup(void *data)
{
    (void) data;
}


/* One pass over the headers: this runs for every request. */

void
inlay_fetch(ngx_http_request_t *r, struct fetch *fetch)
{
    ngx_uint_t        i;
    struct str       *value;
    ngx_str_t        *key;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    *fetch = (struct fetch) { .method = inlay_str(r->method_name) };

    part = &r->headers_in.headers.part;
    header = part->elts;

    for (i = 0; /* void */ ; i++) {
        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }
            part = part->next;
            header = part->elts;
            i = 0;
        }

        key = &header[i].key;
        value = NULL;

        switch (key->len) {
        case 6:
            if (ngx_strncasecmp(key->data, inlay_bytes("Origin"), 6) == 0) {
                value = &fetch->origin;
            } else if (ngx_strncasecmp(key->data, inlay_bytes("Accept"), 6) == 0) {
                value = &fetch->accept;
            }
            break;
        case 7:
            if (ngx_strncasecmp(key->data, inlay_bytes("Purpose"), 7) == 0) {
                value = &fetch->sec_purpose;
            } else if (ngx_strncasecmp(key->data, inlay_bytes("Referer"), 7) == 0) {
                value = &fetch->referer;
            } else if (ngx_strncasecmp(key->data, inlay_bytes("Upgrade"), 7) == 0) {
                /* no other protocol is passed on, h2c least of all: it would go past every check */
                fetch->is_websocket = str_equal_nocase(inlay_str(header[i].value), STR("websocket"));
            }
            break;
        case 11:
            if (ngx_strncasecmp(key->data, inlay_bytes("Sec-Purpose"), 11) == 0) {
                value = &fetch->sec_purpose;
            }
            break;
        case 13:
            if (ngx_strncasecmp(key->data, inlay_bytes("Last-Event-ID"), 13) == 0) {
                value = &fetch->last_event_id;
            }
            break;
        case 14:
            if (ngx_strncasecmp(key->data, inlay_bytes("Sec-Fetch-Site"), 14) == 0) {
                value = &fetch->sec_fetch_site;
            } else if (ngx_strncasecmp(key->data, inlay_bytes("Sec-Fetch-Mode"), 14) == 0) {
                value = &fetch->sec_fetch_mode;
            } else if (ngx_strncasecmp(key->data, inlay_bytes("Sec-Fetch-Dest"), 14) == 0) {
                value = &fetch->sec_fetch_dest;
            } else if (ngx_strncasecmp(key->data, inlay_bytes("Service-Worker"), 14) == 0) {
                fetch->has_service_worker = 1;
            }
            break;
        case sizeof("Service-Worker-Navigation-Preload") - 1:
            if (ngx_strncasecmp(key->data, inlay_bytes("Service-Worker-Navigation-Preload"),
                                key->len) == 0)
            {
                fetch->is_navigation_preload = 1;
            }
            break;
        }

        if (value != NULL) {
            *value = inlay_str(header[i].value);
        }
    }
}


struct str
inlay_header(ngx_http_request_t *r, struct str name)
{
    return inlay_header_of(&r->headers_in.headers, name);
}


/* The Host header; empty if the request line names another host (RFC 9112 3.2.2). */

static ngx_str_t
inlay_host(ngx_http_request_t *r)
{
    size_t     len;
    ngx_str_t  host = ngx_null_string;

    if (r->headers_in.host == NULL) {
        return host;
    }

    host = r->headers_in.host->value;

    if (r->host_start != NULL) {
        len = (size_t) (r->host_end - r->host_start);

        if (host.len < len || (host.len > len && host.data[len] != ':')
            || ngx_strncasecmp(host.data, r->host_start, len) != 0)
        {
            ngx_str_null(&host);
        }
    }

    return host;
}


ngx_str_t
inlay_label(ngx_http_request_t *r)
{
    ngx_str_t           label = ngx_null_string;
    struct str          found;
    inlay_main_conf_t  *conf;

    conf = inlay_conf(r);

    if (origin_label(&conf->settings.app_url.origin, inlay_str(inlay_host(r)), &found)) {
        label.data = inlay_bytes(found.ptr);
        label.len = found.len;
    }

    return label;
}


/*
 * The same for the way that browsers write the host, quickly, for the table of sessions to compare:
 * what is no label is in no session.
 */

ngx_str_t
inlay_label_guess(ngx_http_request_t *r)
{
    ngx_str_t           label = ngx_null_string, host;
    inlay_main_conf_t  *conf;

    conf = inlay_conf(r);
    host = inlay_host(r);

    if (host.data != NULL && host.len == ORIGIN_LABEL_LEN + conf->origin_after.len
        && ngx_memcmp(host.data + ORIGIN_LABEL_LEN, conf->origin_after.data,
                      conf->origin_after.len) == 0)
    {
        label.data = host.data;
        label.len = ORIGIN_LABEL_LEN;
    }

    return label;
}


#if (nginx_version >= 1023000)

struct str
inlay_cookie(ngx_http_request_t *r, struct str name)
{
    struct str        value;
    ngx_table_elt_t  *header;

    for (header = r->headers_in.cookie; header; header = header->next) {
        if (cookie_find(inlay_str(header->value), name, &value)) {
            return value;
        }
    }

    return STR_NONE;
}

#else

struct str
inlay_cookie(ngx_http_request_t *r, struct str name)
{
    ngx_uint_t         i;
    struct str         value;
    ngx_table_elt_t  **headers;

    headers = r->headers_in.cookies.elts;

    for (i = 0; i < r->headers_in.cookies.nelts; i++) {
        if (cookie_find(inlay_str(headers[i]->value), name, &value)) {
            return value;
        }
    }

    return STR_NONE;
}

#endif


struct str
inlay_user_agent(ngx_http_request_t *r)
{
    struct str  agent = STR_NONE;

    if (r->headers_in.user_agent != NULL) {
        agent = str_head(inlay_str(r->headers_in.user_agent->value), LIMIT_USER_AGENT_BYTES);

        if (!str_is_clean_utf8(agent)) {
            agent = STR_NONE;
        }
    }

    return agent;
}


struct str
inlay_own_origin(ngx_http_request_t *r, inlay_ctx_t *ctx)
{
    if (ctx->origin.len == 0) {
        ctx->origin = inlay_origin(r, ctx->label);
    }

    return ctx->origin;
}


struct str
inlay_origin(ngx_http_request_t *r, ngx_str_t label)
{
    u_char             *p;
    struct str          origin = STR_NONE;
    inlay_main_conf_t  *conf;

    conf = inlay_conf(r);

    p = ngx_pnalloc(r->pool, conf->origin_before.len + label.len + conf->origin_after.len);

    if (p != NULL) {
        origin.ptr = (char *) p;
        p = ngx_cpymem(p, conf->origin_before.data, conf->origin_before.len);
        p = ngx_cpymem(p, label.data, label.len);
        p = ngx_cpymem(p, conf->origin_after.data, conf->origin_after.len);
        origin.len = (size_t) ((char *) p - origin.ptr);
    }

    return origin;
}
