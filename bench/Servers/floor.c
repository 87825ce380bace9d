// The least that an echo over WebSocket can cost on a kernel: one thread, epoll, one recv and one send for all that a
// readiness brings. It believes its client everything, keeps nothing that a server must keep, and is here to be measured only.
// With a second argument so many threads do the same side by side, each with its own share of the connections.
// gcc -O3 -march=native -o floor floor.c && ./floor 9001
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (512 * 1024)
#define MAX_FD 65536

// A connection whose frame is longer than one read: its bytes gather here until the frame is whole.
struct part { uint8_t *bytes; size_t count, need; };

static struct part parts[MAX_FD];
static uint8_t open_for_frames[MAX_FD];
static __thread uint8_t in[BUFFER + 16], out[BUFFER + 16];

static void sha1(const uint8_t *text, size_t length, uint8_t digest[20])
{
    uint32_t h[5] = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 }, w[80];
    uint8_t block[128] = { 0 };
    size_t blocks = length < 56 ? 1 : 2;
    memcpy(block, text, length);
    block[length] = 0x80;
    for (int i = 0; i < 8; i++)
        block[blocks * 64 - 1 - i] = (uint8_t)((uint64_t)length * 8 >> (8 * i));
    for (size_t b = 0; b < blocks; b++) {
        for (int i = 0; i < 16; i++) {
            uint32_t word;
            memcpy(&word, block + 64 * b + 4 * i, 4);
            w[i] = ntohl(word);
        }
        for (int i = 16; i < 80; i++) {
            uint32_t x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
            w[i] = x << 1 | x >> 31;
        }
        uint32_t v[5];
        memcpy(v, h, sizeof v);
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20 ? ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5A827999
                : i < 40 ? (v[1] ^ v[2] ^ v[3]) + 0x6ED9EBA1
                : i < 60 ? ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8F1BBCDC
                : (v[1] ^ v[2] ^ v[3]) + 0xCA62C1D6;
            uint32_t next = (v[0] << 5 | v[0] >> 27) + f + v[4] + w[i];
            v[4] = v[3], v[3] = v[2], v[2] = v[1] << 30 | v[1] >> 2, v[1] = v[0], v[0] = next;
        }
        for (int i = 0; i < 5; i++)
            h[i] += v[i];
    }
    for (int i = 0; i < 20; i++)
        digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static size_t answer(const char *request, char *response)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *key = strcasestr(request, "sec-websocket-key:");
    char text[61];
    uint8_t digest[21] = { 0 };
    if (!key)
        return 0;
    key += strspn(key + 18, " ") + 18;
    memcpy(text, key, 24);
    memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 37);
    sha1((const uint8_t *)text, 60, digest);
    char *end = response + sprintf(response, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
    for (int i = 0; i < 21; i += 3) {
        uint32_t three = (uint32_t)(digest[i] << 16 | digest[i + 1] << 8 | digest[i + 2]);
        for (int shift = 18; shift >= 0; shift -= 6)
            *end++ = letters[three >> shift & 63];
    }
    end[-1] = '=';
    return (size_t)(end + sprintf(end, "\r\n\r\n") - response);
}

static void unmask_to(uint8_t *to, const uint8_t *from, size_t length, uint32_t key)
{
    uint64_t both = (uint64_t)key << 32 | key;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t eight;
        memcpy(&eight, from + i, 8);
        eight ^= both;
        memcpy(to + i, &eight, 8);
    }
    for (; i < length; i++)
        to[i] = from[i] ^ (uint8_t)(key >> (8 * (i & 3)));
}

static void send_all(int fd, const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent > 0)
            bytes += sent, count -= (size_t)sent;
        else if (errno == EAGAIN)
            usleep(50);
        else
            return;
    }
}

static void drop(int fd)
{
    free(parts[fd].bytes);
    memset(&parts[fd], 0, sizeof parts[fd]);
    open_for_frames[fd] = 0;
    close(fd);
}

// The size of the frame that begins here, header and all, or 0 when its header is not whole; its payload begins at *start.
static size_t frame(const uint8_t *p, size_t count, size_t *start, size_t *length)
{
    if (count < 2)
        return 0;
    *length = p[1] & 127;
    *start = *length == 126 ? 8 : *length == 127 ? 14 : 6;
    if (count < *start)
        return 0;
    if (*length == 126)
        *length = (size_t)(p[2] << 8 | p[3]);
    else if (*length == 127)
        for (int i = *length = 0; i < 8; i++)
            *length = *length << 8 | p[2 + i];
    return *start + *length;
}

static size_t reply_header(uint8_t *to, uint8_t first, size_t length)
{
    to[0] = first;
    if (length < 126)
        return to[1] = (uint8_t)length, 2;
    int bytes = length < 65536 ? 2 : 8;
    to[1] = bytes == 2 ? 126 : 127;
    for (int i = 0; i < bytes; i++)
        to[2 + i] = (uint8_t)(length >> (8 * (bytes - 1 - i)));
    return (size_t)(2 + bytes);
}

static void serve(int fd)
{
    struct part *part = &parts[fd];
    if (part->bytes) {
        ssize_t got = recv(fd, part->bytes + part->count, part->need - part->count, 0);
        if (got <= 0) {
            drop(fd);
            return;
        }
        part->count += (size_t)got;
        size_t start = 0, length = 0, size = frame(part->bytes, part->count, &start, &length);
        if (size != part->need) {
            // The header was cut, and is read byte by byte until it is whole.
            part->need = size ? size : part->count + 1;
            part->bytes = realloc(part->bytes, part->need);
        } else if (part->count == part->need) {
            uint32_t key;
            uint8_t *p = part->bytes, header[10];
            memcpy(&key, p + start - 4, 4);
            unmask_to(p + start, p + start, length, key);
            size = reply_header(header, p[0], length);
            memcpy(p + start - size, header, size);
            send_all(fd, p + start - size, size + length);
            free(p);
            memset(part, 0, sizeof *part);
        }
        return;
    }

    ssize_t got = recv(fd, in, BUFFER, 0);
    if (got <= 0) {
        drop(fd);
        return;
    }
    if (!open_for_frames[fd]) {
        in[got] = 0;
        size_t size = answer((const char *)in, (char *)out);
        open_for_frames[fd] = 1;
        send_all(fd, out, size);
        return;
    }

    size_t at = 0, filled = 0;
    while (at < (size_t)got) {
        size_t start = 0, length = 0, size = frame(in + at, (size_t)got - at, &start, &length);
        if (size == 0 || size > (size_t)got - at) {
            part->need = size ? size : (size_t)got - at + 1;
            part->bytes = malloc(part->need);
            part->count = (size_t)got - at;
            memcpy(part->bytes, in + at, part->count);
            break;
        }
        if ((in[at] & 15) == 8) {
            drop(fd);
            return;
        }
        uint32_t key;
        memcpy(&key, in + at + start - 4, 4);
        filled += reply_header(out + filled, in[at], length);
        unmask_to(out + filled, in + at + start, length, key);
        filled += length;
        at += size;
    }
    if (filled)
        send_all(fd, out, filled);
}

static void *run(void *port)
{
    int one = 1, poll = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(*(uint16_t *)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0) {
        perror("listen");
        exit(1);
    }
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, events[1024];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(poll, events, 1024, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd != listener) {
                serve(fd);
                continue;
            }
            while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                if (fd >= MAX_FD) {
                    close(fd);
                    continue;
                }
                event = (struct epoll_event){ .events = EPOLLIN, .data.fd = fd };
                epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
            }
        }
    }
}

int main(int count, char **arguments)
{
    uint16_t port = (uint16_t)(count > 1 ? atoi(arguments[1]) : 9001);
    for (int threads = count > 2 ? atoi(arguments[2]) : 1; threads > 1; threads--) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, &port) != 0) {
            perror("thread");
            return 1;
        }
    }
    run(&port);
}
