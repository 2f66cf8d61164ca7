/*
 * WebSockets for the benchmark: a server that echoes, a load that waits for each echo, and many that
 * say nothing. Text frames below 126 bytes and the opening handshake are all that they know.
 *
 *     websocket echo PORT
 *     websocket load PORT HOST COOKIE CONNECTIONS MILLISECONDS
 *     websocket idle PORT HOST COOKIE CONNECTIONS     a line of input: are they all there?
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_MAX = 2 + 4 + 125, ROOM = 4096, TIMES_MAX = 4000000, EVENTS = 256 };

static const unsigned char mask[4] = {0x1a, 0x2b, 0x3c, 0x4d};

struct peer {
    int fd;
    bool is_open;         /* the handshake is over */
    size_t len;
    unsigned char in[ROOM];
    uint64_t sent_at_ns;
    unsigned count;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct sockaddr_in loopback(const char *port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void send_all(int fd, const void *bytes, size_t len)
{
    if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len) {
        err(1, "send");
    }
}

/* Length of the first whole frame in what came, 0 if it is not all there; its payload unmasked. */
static size_t take_frame(struct peer *peer, unsigned char **out_payload, size_t *out_len)
{
    if (peer->len < 2) {
        return 0;
    }
    size_t len = peer->in[1] & 0x7f;
    bool is_masked = (peer->in[1] & 0x80) != 0;
    size_t head = is_masked ? 6 : 2;
    if (len > 125) {
        errx(1, "a frame that is too long");
    }
    if (peer->len < head + len) {
        return 0;
    }
    for (size_t i = 0; is_masked && i < len; i++) {
        peer->in[head + i] ^= peer->in[2 + i % 4];
    }
    *out_payload = peer->in + head;
    *out_len = len;
    return head + len;
}

static void drop(struct peer *peer, size_t len)
{
    peer->len -= len;
    memmove(peer->in, peer->in + len, peer->len);
}

/* False when the other side is gone. */
static bool receive(struct peer *peer)
{
    ssize_t n = recv(peer->fd, peer->in + peer->len, ROOM - peer->len - 1, 0);
    if (n < 0 && errno == EAGAIN) {
        return true;
    }
    if (n <= 0) {
        return false;
    }
    peer->len += (size_t)n;
    peer->in[peer->len] = '\0';
    return true;
}

/* ---- the server ---- */

static void answer(struct peer *peer)
{
    static const char hello[] = "HTTP/1.1 101 Switching Protocols\r\n"
                                "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    static const char page[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";
    unsigned char *payload, out[FRAME_MAX];
    size_t len, frame;
    if (!peer->is_open) {
        char *end = strstr((char *)peer->in, "\r\n\r\n");
        if (end == NULL) {
            return;
        }
        *end = '\0';
        peer->is_open = strcasestr((char *)peer->in, "\nupgrade: websocket") != NULL;
        send_all(peer->fd, peer->is_open ? hello : page,
                 (peer->is_open ? sizeof(hello) : sizeof(page)) - 1);
        drop(peer, (size_t)(end + 4 - (char *)peer->in));
    }
    while (peer->is_open && (frame = take_frame(peer, &payload, &len)) > 0) {
        out[0] = 0x81;
        out[1] = (unsigned char)len;
        memcpy(out + 2, payload, len);
        send_all(peer->fd, out, 2 + len);
        drop(peer, frame);
    }
}

static void serve(const char *port)
{
    struct sockaddr_in address = loopback(port);
    int epoll = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct epoll_event event = {.events = EPOLLIN}, events[EVENTS];
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 4096) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
        err(1, "port %s", port);
    }
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            struct peer *peer = events[i].data.ptr;
            if (peer == NULL) {
                peer = calloc(1, sizeof(*peer));
                peer->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
                event = (struct epoll_event){.events = EPOLLIN, .data.ptr = peer};
                epoll_ctl(epoll, EPOLL_CTL_ADD, peer->fd, &event);
            } else if (receive(peer)) {
                answer(peer);
            } else {
                close(peer->fd);
                free(peer);
            }
        }
    }
}

/* ---- the load ---- */

static void shake_hands(struct peer *peer, const char *port, const char *host, const char *cookie)
{
    struct sockaddr_in address = loopback(port);
    int on = 1;
    char request[1024];
    int len = snprintf(request, sizeof(request),
                       "GET /socket HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nOrigin: http://%s\r\n"
                       "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n",
                       host, cookie, host);
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        err(1, "connect");
    }
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    send_all(peer->fd, request, (size_t)len);
    char *end = NULL;
    while (end == NULL) {
        if (!receive(peer)) {
            errx(1, "no handshake");
        }
        end = strstr((char *)peer->in, "\r\n\r\n");
    }
    if (strncmp((char *)peer->in, "HTTP/1.1 101", 12) != 0) {
        errx(1, "%s", peer->in);
    }
    drop(peer, (size_t)(end + 4 - (char *)peer->in));
    fcntl(peer->fd, F_SETFL, O_NONBLOCK);
}

static size_t message_of(const struct peer *peer, char text[64])
{
    return (size_t)snprintf(text, 64, "connection %d message %u ................", peer->fd,
                            peer->count);
}

static void say(struct peer *peer)
{
    char text[64];
    unsigned char frame[FRAME_MAX] = {0x81};
    peer->count++;
    size_t len = message_of(peer, text);
    frame[1] = (unsigned char)(0x80 | len);
    memcpy(frame + 2, mask, 4);
    for (size_t i = 0; i < len; i++) {
        frame[6 + i] = (unsigned char)text[i] ^ mask[i % 4];
    }
    peer->sent_at_ns = now_ns();
    send_all(peer->fd, frame, 6 + len);
}

/* True when the echo is there and is what was said. */
static bool has_heard(struct peer *peer)
{
    char text[64];
    unsigned char *payload;
    size_t len;
    if (!receive(peer)) {
        errx(1, "a connection was closed");
    }
    size_t frame = take_frame(peer, &payload, &len);
    if (frame == 0) {
        return false;
    }
    if (len != message_of(peer, text) || memcmp(payload, text, len) != 0) {
        errx(1, "an echo of something else");
    }
    drop(peer, frame);
    return true;
}

static int by_size(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Each says something as soon as it has its echo, until the time is over; or once, if that is 0. */
static void talk(struct peer *peers, size_t count, uint64_t duration_ns)
{
    static uint32_t times[TIMES_MAX];
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(0);
    size_t messages = 0, waiting = count;
    uint64_t start = now_ns(), end = start;
    for (size_t i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &peers[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, peers[i].fd, &event);
        say(&peers[i]);
    }
    while (waiting > 0) {
        int n = epoll_wait(epoll, events, EVENTS, 10000);
        if (n <= 0) {
            errx(1, "%zu echoes did not come", waiting);
        }
        end = now_ns();
        for (int i = 0; i < n; i++) {
            struct peer *peer = events[i].data.ptr;
            if (!has_heard(peer)) {
                continue;
            }
            times[messages++ % TIMES_MAX] = (uint32_t)((now_ns() - peer->sent_at_ns) / 1000);
            if (end - start < duration_ns) {
                say(peer);
            } else {
                waiting--;
            }
        }
    }
    close(epoll);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    size_t kept = messages < TIMES_MAX ? messages : TIMES_MAX;
    qsort(times, kept, sizeof(times[0]), by_size);
    printf("{\"messages\":%zu,\"seconds\":%.6f,\"p50\":%u,\"p99\":%u,\"busySeconds\":%.3f}\n", messages,
           (double)(end - start) / 1e9, times[kept / 2], times[kept * 99 / 100],
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (argc == 3 && strcmp(argv[1], "echo") == 0) {
        serve(argv[2]);
    }
    bool is_load = argc == 7 && strcmp(argv[1], "load") == 0;
    if (!is_load && !(argc == 6 && strcmp(argv[1], "idle") == 0)) {
        errx(2, "usage: websocket echo PORT | load PORT HOST COOKIE CONNECTIONS MILLISECONDS | "
                "idle PORT HOST COOKIE CONNECTIONS");
    }
    size_t count = (size_t)atoi(argv[5]);
    struct peer *peers = calloc(count, sizeof(*peers));
    for (size_t i = 0; i < count; i++) {
        shake_hands(&peers[i], argv[2], argv[3], argv[4]);
    }
    talk(peers, count, is_load ? (uint64_t)atoi(argv[6]) * 1000000u : 0);
    while (!is_load && getchar() == '\n') {
        talk(peers, count, 0);
    }
    return 0;
}
