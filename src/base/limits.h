/*
 * Every limit on what a request may hold, in one table. What an operator may change (body sizes,
 * lifetimes) is in config/settings instead.
 *
 * X(NAME, value, unit, what it limits)
 */
#ifndef INLAY_BASE_LIMITS_H
#define INLAY_BASE_LIMITS_H

#define LIMITS(X)                                                                                  \
    X(JSON_DEPTH, 16, "levels", "nesting of a JSON body")                                          \
    X(HEADER_BYTES, 32768, "bytes", "one request header line, and the request line")               \
    X(HEADERS_BYTES, 131072, "bytes", "all request headers over HTTP/1.1")                         \
    X(HEADERS_HTTP2_BYTES, 786432, "bytes",                                                        \
      "the same over HTTP/2; browsers keep 180 cookies of 4 KB for a site")                        \
    X(LOCALE_BYTES, 35, "bytes", "the locale of a link (RFC 5646 4.4.1)")                          \
    X(START_PATH_BYTES, 2048, "bytes", "the path in an app that a link leads to")                  \
    X(AUTHORIZATION_BYTES, 1024, "bytes", "the Authorization header")                              \
    X(API_TOKEN_MIN_BYTES, 16, "bytes", "INLAY_API_TOKEN, at least")                               \
    X(API_TOKEN_BYTES, 256, "bytes", "an API token")                                               \
    X(NAME_BYTES, 128, "bytes", "a name of a workspace, group, app or token")                      \
    X(SUPPORT_BYTES, 200, "bytes", "the line of a brand that says whom to ask")                    \
    X(LOGO_BYTES, 32768, "bytes", "the logo of a brand")                                           \
    X(PERSON_NAME_BYTES, 128, "bytes", "a first or last name")                                     \
    X(DESCRIPTION_BYTES, 1024, "bytes", "a description")                                           \
    X(EMAIL_BYTES, 254, "bytes", "an email address (RFC 5321 4.5.3.1.3)")                          \
    X(SLUG_BYTES, 63, "bytes", "the slug of an app")                                               \
    X(ENVIRONMENT_BYTES, 63, "bytes", "the name of an environment")                                \
    X(EXTERNAL_IDENTIFIER_BYTES, 256, "bytes", "externalIdentifier")                               \
    X(METADATA_BYTES, 1024, "bytes", "metadata, serialised (Retool's limit)")                      \
    X(VOLATILE_METADATA, 20, "entries", "volatileMetadata of one app")                             \
    X(CONFIG_BYTES, 16384, "bytes", "the config of an environment, serialised")                    \
    X(GROUP_IDS, 100, "entries", "groupIds of one link")                                           \
    X(SCOPES, 40, "entries", "scopes of one API token")                                            \
    X(TOKEN_APPS, 100, "entries", "apps that one API token is limited to")                         \
    X(PORTALS, 50, "entries", "portals of one app")                                                \
    X(VERSION_BYTES, 64, "bytes", "a release version")                                             \
    X(UPSTREAM_URL_BYTES, 512, "bytes", "the address of an upstream")                              \
    X(UPSTREAM_CA_BYTES, 65536, "bytes", "the CA certificates of an upstream")                     \
    X(UPSTREAM_TRUSTED_HEADERS, 32, "entries", "request headers that an upstream trusts")          \
    X(HEADER_NAME_BYTES, 64, "bytes", "the name of a header that an upstream trusts")              \
    X(UPSTREAM_ENVIRONMENTS, 50, "entries", "environments that have an upstream of their own")     \
    X(WORKER_SCRIPT_BYTES, 4194304, "bytes", "the script of a service worker")                     \
    X(COOKIES_WARN_BYTES, 8000, "bytes",                                                           \
      "cookies of one session above which an event warns; Chromium keeps 10,240 for a site")       \
    X(BRANCH_BYTES, 64, "bytes", "the name of a branch")                                           \
    X(PAGE_ITEMS, 200, "items", "one page of a list")                                              \
    X(SEARCH_BYTES, 128, "bytes", "the search parameter of a list")                                \
    X(MEMBERS, 500, "entries", "users added to a group at once")                                   \
    X(QUERY_BYTES, 2048, "bytes", "a query string")                                                \
    X(SESSION_MINUTES_MIN, 10, "minutes", "sessionDurationMinutes, at least (Retool's limit)")     \
    X(IDENTITY_GROUPS_BYTES, 4096, "bytes", "the header with a user's groups")                     \
    X(USER_AGENT_BYTES, 256, "bytes", "the part of User-Agent that is kept")                       \
    X(ADDRESS_BYTES, 45, "bytes", "the text of a client address")                                  \
    X(ARCHIVE_PATH_BYTES, 512, "bytes", "one path inside of a bundle")                             \
    X(ARCHIVE_DEPTH, 32, "folders", "how deep a path inside of a bundle may go")

#define LIMIT_CONSTANT(name, value, unit, text) LIMIT_##name = (value),
enum { LIMITS(LIMIT_CONSTANT) };

#endif
