#include "serve/preflight.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"

enum { PRIVILEGED_PORTS = 1024 };

enum err preflight_token(struct fault *fault)
{
    size_t len = str_from(getenv("INLAY_API_TOKEN")).len;
    if (len == 0 || (len >= LIMIT_API_TOKEN_MIN_BYTES && len <= LIMIT_API_TOKEN_BYTES)) {
        return ERR_OK;
    }
    return fault_set(fault, ERR_INVALID, "token_length",
                     "INLAY_API_TOKEN has %zu characters; it needs at least %d and at most %d. "
                     "\"openssl rand -hex 32\" makes a good one.",
                     len, LIMIT_API_TOKEN_MIN_BYTES, LIMIT_API_TOKEN_BYTES);
}

/* ---- ports ---- */

static enum err cannot_listen(const struct listen_address *address, int error, struct fault *fault)
{
    switch (error) {
    case EADDRINUSE:
        return fault_member(fault, ERR_BUSY, "listen_in_use", "listen",
                            "Another program already listens on %s; stop it, or choose another "
                            "address with --listen.",
                            address->text);
    case EACCES:
    case EPERM:
        return fault_member(fault, ERR_DENIED, "listen_denied", "listen",
                            "This user may not listen on %s. Ports below %d need root, or "
                            "CAP_NET_BIND_SERVICE; choose a higher one with --listen.",
                            address->text, PRIVILEGED_PORTS);
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return fault_member(fault, ERR_INVALID, "listen_unavailable", "listen",
                            "This machine has no address %s; 0.0.0.0 stands for all of IPv4.",
                            address->host);
    default:
        return fault_member(fault, ERR_STORAGE, "listen_failed", "listen",
                            "Listening on %s does not work: %s.", address->text, strerror(error));
    }
}

/* As nginx will do it: SO_REUSEADDR, and IPv6 addresses for IPv6 alone. */
static int try_bind(int handle, const struct listen_address *address)
{
    int on = 1;
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(address->port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
    const struct sockaddr *name = (const void *)&ipv4;
    socklen_t size = sizeof(ipv4);
    if (setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
        return errno;
    }
    if (address->is_ipv6) {
        name = (const void *)&ipv6;
        size = sizeof(ipv6);
        if (setsockopt(handle, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) {
            return errno;
        }
        REQUIRE(inet_pton(AF_INET6, address->host, &ipv6.sin6_addr) == 1);
    } else {
        REQUIRE(inet_pton(AF_INET, address->host, &ipv4.sin_addr) == 1);
    }
    return bind(handle, name, size) == 0 && listen(handle, 1) == 0 ? 0 : errno;
}

enum err preflight_listen(const struct listen_address *address, struct fault *fault)
{
    int handle = socket(address->is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = handle < 0 ? errno : try_bind(handle, address);
    if (handle >= 0) {
        close(handle);
    }
    return error ? cannot_listen(address, error, fault) : ERR_OK;
}

/* ---- TLS ---- */

static enum err cannot_read(const char *member, const char *path, const char *reason,
                            struct fault *fault)
{
    ERR_clear_error();
    return fault_member(fault, ERR_INVALID, "tls_unreadable", member, "%s %s cannot be used: %s.",
                        member, path, reason);
}

/* *out is NULL when the file holds none. */
static enum err read_certificate(const char *path, X509 **out_certificate, struct fault *fault)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return cannot_read("tls_certificate", path, strerror(errno), fault);
    }
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    if (certificate == NULL) {
        return cannot_read("tls_certificate", path, "it holds no PEM certificate", fault);
    }
    *out_certificate = certificate;
    return ERR_OK;
}

static int no_passphrase(char *buffer, int size, int is_writing, void *arg)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    (void)arg;
    return -1;
}

static enum err read_key(const char *path, EVP_PKEY **out_key, struct fault *fault)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return cannot_read("tls_key", path, strerror(errno), fault);
    }
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    fclose(file);
    if (key == NULL) {
        return cannot_read("tls_key", path, "it holds no PEM private key without a passphrase",
                           fault);
    }
    *out_key = key;
    return ERR_OK;
}

enum err preflight_tls(const struct settings *settings, struct fault *fault)
{
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    if (!settings_has_tls(settings)) {
        return ERR_OK;
    }
    enum err err = read_certificate(settings->tls_certificate, &certificate, fault);
    if (!err) {
        err = read_key(settings->tls_key, &key, fault);
    }
    if (!err && X509_check_private_key(certificate, key) != 1) {
        err = cannot_read("tls_key", settings->tls_key,
                          "it is not the key of the certificate in tls_certificate", fault);
    }
    EVP_PKEY_free(key);
    X509_free(certificate);
    return err;
}

static bool covers(X509 *certificate, const char *host)
{
    char address[ORIGIN_HOST_SIZE];
    struct str name = str_from(host);
    if (host[0] == '[') {
        name = (struct str){host + 1, name.len - 2};
    }
    REQUIRE(str_to_cstr(name, address, sizeof(address)));
    return X509_check_host(certificate, name.ptr, name.len, 0, NULL) == 1 ||
           X509_check_ip_asc(certificate, address, 0) == 1;
}

void preflight_certificate(const struct settings *settings,
                           void (*on_problem)(void *arg, const struct fault *fault), void *arg)
{
    X509 *certificate = NULL;
    struct fault fault;
    /* Any label stands for all of them: a wildcard covers each or none. */
    char app_host[ORIGIN_HOST_SIZE + ORIGIN_LABEL_LEN + 2];
    snprintf(app_host, sizeof(app_host), "%.*s.%s", ORIGIN_LABEL_LEN, "aaaaaaaaaaaaaaaaaaaaaaaaaa",
             settings->app_url.origin.host);
    if (!settings_has_tls(settings)) {
        return;
    }
    if (read_certificate(settings->tls_certificate, &certificate, &fault)) {
        on_problem(arg, &fault);
        return;
    }
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
        (void)fault_member(&fault, ERR_INVALID, "tls_expired", "tls_certificate",
                           "The certificate %s has expired: renew it.", settings->tls_certificate);
        on_problem(arg, &fault);
    }
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
        (void)fault_member(&fault, ERR_INVALID, "tls_not_yet", "tls_certificate",
                           "The certificate %s is not valid yet; is the clock right?",
                           settings->tls_certificate);
        on_problem(arg, &fault);
    }
    if (!covers(certificate, settings->public_url.origin.host)) {
        (void)fault_member(&fault, ERR_INVALID, "tls_name", "tls_certificate",
                           "The certificate %s is not for %s, the host of public_url.",
                           settings->tls_certificate, settings->public_url.origin.host);
        on_problem(arg, &fault);
    }
    if (!covers(certificate, app_host)) {
        (void)fault_member(&fault, ERR_INVALID, "tls_name", "tls_certificate",
                           "The certificate %s is not for *.%s, the hosts of apps: app_url needs a "
                           "wildcard certificate.",
                           settings->tls_certificate, settings->app_url.origin.host);
        on_problem(arg, &fault);
    }
    X509_free(certificate);
}
