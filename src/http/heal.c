#include "http/heal.h"

#include "base/buf.h"
#include "base/suffix.h"
#include "http/rewrite.h"

struct name {
    struct str name; /* "" if the cookie has none */
    size_t bytes;    /* of all cookies of this name */
    bool stays;
};

struct names {
    struct name items[HEAL_NAMES];
    size_t count;
    size_t bytes;
};

struct target {
    struct str domains[SUFFIX_DOMAINS + 1]; /* the first is "", the host alone */
    size_t domain_count;
    struct str paths[HEAL_PATHS];
    size_t path_count;
};

static bool is_ours(struct str name)
{
    struct str head = {name.ptr, REWRITE_OWN_COOKIES.len};
    return name.len >= head.len && str_equal_nocase(head, REWRITE_OWN_COOKIES);
}

static void names_add(struct names *names, struct str cookie)
{
    struct str value = cookie;
    struct str name = str_find(cookie, '=') < cookie.len ? str_trim(str_cut(&value, '=')) : STR("");
    names->bytes += cookie.len + 2;
    for (size_t i = 0; i < names->count; i++) {
        if (str_equal(names->items[i].name, name)) {
            names->items[i].bytes += cookie.len + 2;
            return;
        }
    }
    if (names->count < HEAL_NAMES) {
        names->items[names->count++] =
            (struct name){.name = name, .bytes = cookie.len + 2, .stays = is_ours(name)};
    }
}

static struct name *largest(struct names *names)
{
    struct name *found = NULL;
    for (size_t i = 0; i < names->count; i++) {
        struct name *name = &names->items[i];
        if (!name->stays && (found == NULL || name->bytes > found->bytes)) {
            found = name;
        }
    }
    return found;
}

/* "/a/b" has cookies of "/", "/a", "/a/" and "/a/b" (RFC 6265 5.1.4). */
static void add_paths(struct target *target, struct str path)
{
    path.len = str_find(path, ';'); /* no cookie's path has one */
    target->paths[target->path_count++] = STR("/");
    for (size_t i = 1; i <= path.len && target->path_count < HEAL_PATHS; i++) {
        bool is_end = i == path.len;
        if (is_end ? path.ptr[i - 1] != '/' : path.ptr[i] == '/') {
            target->paths[target->path_count++] = (struct str){path.ptr, i};
        }
        if (!is_end && path.ptr[i] == '/' && target->path_count < HEAL_PATHS) {
            target->paths[target->path_count++] = (struct str){path.ptr, i + 1};
        }
    }
}

/* A cookie with neither name nor value is refused by browsers. */
static void print_line(struct buf *line, struct str name, struct str domain, struct str path,
                       bool is_partitioned)
{
    line->len = 0;
    buf_add(line, name);
    buf_add(line, name.len == 0 ? STR("=0; Path=") : STR("=; Path="));
    buf_add(line, path);
    if (domain.len > 0) {
        buf_add(line, STR("; Domain="));
        buf_add(line, domain);
    }
    buf_add(line, STR("; Secure; HttpOnly; SameSite=None; Max-Age=0"));
    buf_add(line, is_partitioned ? STR("; Partitioned") : STR(""));
}

static size_t name_bytes(const struct target *target, struct str name)
{
    size_t bytes = 0;
    for (size_t d = 0; d < target->domain_count; d++) {
        for (size_t p = 0; p < target->path_count; p++) {
            bytes += 2 * (name.len + target->domains[d].len + target->paths[p].len + 80);
        }
    }
    return bytes;
}

static void expire(const struct target *target, struct str name, heal_add add, void *arg)
{
    struct buf line = buf_make(2 * (name.len + 1024));
    for (size_t p = 0; p < target->path_count; p++) {
        for (size_t d = 0; d < target->domain_count; d++) {
            for (int is_partitioned = 0; is_partitioned < 2; is_partitioned++) {
                print_line(&line, name, target->domains[d], target->paths[p], is_partitioned);
                if (buf_is_ok(&line)) {
                    add(arg, buf_str(&line));
                }
            }
        }
    }
    buf_done(&line);
}

size_t heal_cookies(const struct heal *heal, heal_add add, void *arg, size_t *out_left)
{
    struct target target = {.domain_count = 1};
    target.domains[0] = STR("");
    target.domain_count += suffix_domains(heal->host, &target.domains[1]);
    add_paths(&target, heal->path);
    struct names names = {.count = 0};
    struct str rest = heal->cookies;
    while (rest.len > 0) {
        struct str cookie = str_trim(str_cut(&rest, ';'));
        bool is_whole_name = rest.len > 0 || str_find(cookie, '=') < cookie.len;
        if (cookie.len > 0 && is_whole_name) {
            names_add(&names, cookie);
        }
    }
    size_t lines = 2 * target.domain_count * target.path_count;
    size_t count = 0;
    size_t bytes = 0;
    while (names.bytes > HEAL_TO) {
        struct name *name = largest(&names);
        size_t more = name == NULL ? 0 : name_bytes(&target, name->name);
        if (name == NULL ||
            (count > 0 && (bytes + more > HEAL_BYTES || (count + 1) * lines > HEAL_HEADERS))) {
            break;
        }
        expire(&target, name->name, add, arg);
        name->stays = true;
        names.bytes -= name->bytes;
        bytes += more;
        count++;
    }
    *out_left = names.bytes;
    return count;
}
