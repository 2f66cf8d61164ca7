
#include "gate/door/heal.h"
#include "gate/send.h"
#include "http/heal.h"
#include "base/buf.h"
#include "base/limits.h"


/* Browsers follow 20 redirects, of which the way from a link to its app takes three. */
#define INLAY_HEAL_TIMES  15


static void
inlay_heal_join(struct buf *cookies, ngx_str_t value)
{
    if (cookies->len > 0) {
        buf_add_char(cookies, ';');
    }

    buf_add(cookies, inlay_str(value));
}


/* The Cookie headers that were read. */

static void
inlay_heal_read(ngx_http_request_t *r, struct buf *cookies)
{
#if (nginx_version >= 1023000)
    ngx_table_elt_t  *h;

    for (h = r->headers_in.cookie; h; h = h->next) {
        inlay_heal_join(cookies, h->value);
    }
#else
    ngx_uint_t         i;
    ngx_table_elt_t  **h;

    h = r->headers_in.cookies.elts;

    for (i = 0; i < r->headers_in.cookies.nelts; i++) {
        inlay_heal_join(cookies, h[i]->value);
    }
#endif
}


/* And what is there of one that was not read to its end. (Of HTTP/2 there is no such thing: nginx
 * closes the connection.) */

static void
inlay_heal_read_rest(ngx_http_request_t *r, struct buf *cookies)
{
    ngx_str_t   value;
    struct str  line;

    if (r->header_name_start == NULL || r->header_in == NULL
        || r->header_name_start < r->header_in->start || r->header_name_start > r->header_in->last)
    {
        return;
    }

    line = (struct str) { (char *) r->header_name_start,
                          (size_t) (r->header_in->last - r->header_name_start) };

    if (line.len > sizeof("Cookie:") - 1
        && str_equal_nocase((struct str) { line.ptr, sizeof("Cookie:") - 1 }, STR("Cookie:")))
    {
        line = str_skip(line, sizeof("Cookie:") - 1);
        value.data = inlay_bytes(line.ptr);
        value.len = line.len;
        inlay_heal_join(cookies, value);
    }
}


/* The name that browsers know this host by; "" if it isn't ours. */

static void
inlay_heal_host(ngx_http_request_t *r, char host[ORIGIN_HOST_SIZE])
{
    ngx_str_t         label;
    struct str        text;
    struct settings  *settings;

    settings = &inlay_conf(r)->settings;
    host[0] = '\0';

    if (inlay_site(r) == INLAY_SITE_PUBLIC) {
        (void) str_to_cstr(str_from(settings->public_url.origin.host), host, ORIGIN_HOST_SIZE);
        return;
    }

    label = inlay_label(r);

    if (label.len == 0
        || !str_print_fits(host, ORIGIN_HOST_SIZE, &text, STR_FMT ".%s",
                           STR_ARG(inlay_str(label)), settings->app_url.origin.host))
    {
        host[0] = '\0';
    }
}


static void
inlay_heal_add(void *arg, struct str value)
{
    (void) inlay_add_header(arg, "Set-Cookie", value);
}


/* How often this address was answered so: the end of its query. */

static ngx_uint_t
inlay_heal_times(struct str uri, size_t *out_len)
{
    size_t      i;
    int64_t     times;
    struct str  last;

    for (i = uri.len; i > 0 && uri.ptr[i - 1] != '&' && uri.ptr[i - 1] != '?'; i--) { /* void */ }

    last = str_skip(uri, i);
    *out_len = uri.len;

    if (i == 0 || !str_starts_with(last, STR("heal="))
        || !str_to_int64(str_skip(last, sizeof("heal=") - 1), 1, INLAY_HEAL_TIMES, &times))
    {
        return 0;
    }

    *out_len = i - 1;

    return (ngx_uint_t) times;
}


static ngx_int_t
inlay_heal_again(ngx_http_request_t *r, struct str uri, ngx_uint_t times)
{
    size_t      size;
    ngx_int_t   rc;
    u_char     *text;
    struct str  location;

    size = uri.len + sizeof("?heal=") + NGX_INT_T_LEN;

    text = ngx_pnalloc(r->pool, size);
    if (text == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    location = str_print((char *) text, size, STR_FMT "%sheal=%lu", STR_ARG(uri),
                         str_find(uri, '?') < uri.len ? "&" : "?", (unsigned long) times + 1);

    rc = inlay_add_header(r, "Location", location);

    /* nginx makes a GET of whatever it answers by an error page; this keeps the method */
    return rc == NGX_OK ? inlay_send(r, NGX_HTTP_TEMPORARY_REDIRECT, NULL, STR_NONE)
                        : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* What stands before a link's secret, or the app that it names; "" of other paths. */

static struct str
inlay_heal_folder(struct str path)
{
    struct str  links = STR("/_inlay/embed/");
    struct str  tokens = STR("/embed-apps/");

    return str_starts_with(path, links) ? links
           : str_starts_with(path, tokens) ? tokens : STR("");
}


ngx_uint_t
inlay_is_link_address(struct str uri)
{
    struct str  path = { uri.ptr, str_find(uri, '?') };

    return inlay_heal_folder(path).len > 0 || str_equal(path, STR("/_inlay/enter"));
}


/* What opens a link, and pages of the public address: there no app sees the query. */

static ngx_uint_t
inlay_heal_may_repeat(ngx_http_request_t *r, struct str path, ngx_uint_t is_link)
{
    struct fetch  fetch;

    if (path.len < 1 || path.ptr[0] != '/'
        || (path.len > 1 && (path.ptr[1] == '/' || path.ptr[1] == '\\')))
    {
        return 0; /* browsers would take it for another host */
    }

    inlay_fetch(r, &fetch);

    return is_link || (inlay_site(r) == INLAY_SITE_PUBLIC && fetch_wants_page(&fetch));
}


/* Again with what is left, if that is still too much. */

static ngx_int_t
inlay_heal_expire(ngx_http_request_t *r, struct str cookies, ngx_uint_t is_unread)
{
    char         host[ORIGIN_HOST_SIZE];
    size_t       len, left;
    struct str   uri, path;
    struct heal  heal;
    ngx_uint_t   times, is_link;

    uri = inlay_str(r->unparsed_uri);
    times = inlay_heal_times(uri, &len);
    uri.len = len;

    path = (struct str) { uri.ptr, str_find(uri, '?') };
    is_link = inlay_is_link_address(uri);

    inlay_heal_host(r, host);

    heal = (struct heal) { .cookies = cookies, .host = host };

    /* a link's path ends in a secret; most cookies belong to "/", and a response can expire more of
     * these alone */
    heal.path = !is_link ? path : times % 2 == 0 ? STR("/")
                : str_equal(path, STR("/_inlay/enter")) ? path : inlay_heal_folder(path);

    if (host[0] == '\0' || heal_cookies(&heal, inlay_heal_add, r, &left) == 0
        || times >= INLAY_HEAL_TIMES || (!is_unread && left <= HEAL_ABOVE)
        || !inlay_heal_may_repeat(r, path, is_link))
    {
        return NGX_DECLINED;
    }

    return inlay_heal_again(r, uri, times);
}


ngx_int_t
inlay_heal(ngx_http_request_t *r)
{
    ngx_int_t   rc;
    struct buf  cookies;

    cookies = buf_make(2 * LIMIT_HEADERS_HTTP2_BYTES);
    inlay_heal_read(r, &cookies);

    rc = buf_is_ok(&cookies) && cookies.len > HEAL_ABOVE
         ? inlay_heal_expire(r, buf_str(&cookies), 0) : NGX_DECLINED;

    buf_done(&cookies);

    return rc;
}


ngx_int_t
inlay_heal_unread(ngx_http_request_t *r)
{
    ngx_int_t   rc;
    struct buf  cookies;

    cookies = buf_make(2 * LIMIT_HEADERS_HTTP2_BYTES);
    inlay_heal_read(r, &cookies);
    inlay_heal_read_rest(r, &cookies);

    rc = buf_is_ok(&cookies) ? inlay_heal_expire(r, buf_str(&cookies), 1) : NGX_DECLINED;

    buf_done(&cookies);

    return rc;
}
