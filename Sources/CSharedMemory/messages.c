#define _GNU_SOURCE
#include "CSharedMemory.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST_DESCRIPTORS = 4 };

static int fill_in(struct sockaddr_un *address, const char *path)
{
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, length + 1);
    return 0;
}

/// Without waiting: the backlog of a worker that hangs may be full, and then a connection would wait for it.
static int message_socket(void)
{
    int handle = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return handle < 0 ? -errno : handle;
}

int csm_connect(const char *path)
{
    struct sockaddr_un address;
    int status = fill_in(&address, path);
    if (status < 0) return status;
    int handle = message_socket();
    if (handle < 0) return handle;
    if (connect(handle, (struct sockaddr *)&address, sizeof address) == 0) return handle;
    status = -errno;
    close(handle);
    return status;
}

static bool is_socket(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

int csm_listen(const char *path)
{
    struct sockaddr_un address;
    int status = fill_in(&address, path);
    if (status < 0) return status;
    int handle = message_socket();
    if (handle < 0) return handle;
    if (is_socket(path)) unlink(path);
    // Nobody can connect before the socket listens, and then it has its mode.
    if (bind(handle, (struct sockaddr *)&address, sizeof address) == 0 && chmod(path, 0600) == 0
        && listen(handle, 256) == 0)
        return handle;
    status = -errno;
    close(handle);
    return status;
}

int csm_accept(int listening)
{
    int handle = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return handle < 0 ? -errno : handle;
}

int csm_pair(int sockets[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets) == 0 ? 0 : -errno;
}

static int64_t now_in_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Waits for `events`; an interruption does not lengthen it. 0, or a negative errno.
static int await(int socket, short events, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline < 0 ? -1 : deadline - now_in_milliseconds();
        if (deadline >= 0 && left <= 0) return -ETIMEDOUT;
        struct pollfd wanted = {.fd = socket, .events = events};
        int status = poll(&wanted, 1, left > 60000 ? 60000 : (int)left);
        if (status > 0) return 0;
        if (status < 0 && errno != EINTR) return -errno;
    }
}

int csm_send(
    int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count, int64_t milliseconds)
{
    if (descriptor_count > MOST_DESCRIPTORS) return -EINVAL;
    union {
        char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
        struct cmsghdr alignment;
    } control = {0};
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(descriptor_count * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(descriptor_count * sizeof(int));
        memcpy(CMSG_DATA(head), descriptors, descriptor_count * sizeof(int));
    }
    int64_t deadline = milliseconds < 0 ? -1 : now_in_milliseconds() + milliseconds;
    for (;;) {
        ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return 0;
        if (errno != EAGAIN && errno != EINTR) return -errno;
        int status = await(socket, POLLOUT, deadline);
        if (status < 0) return status;
    }
}

/// Takes the descriptors out of a message; those that find no place are closed and make the answer false.
static bool take_descriptors(struct msghdr *message, int *descriptors, size_t most, size_t *found)
{
    bool fits = true;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t index = 0; index < count; index++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(head) + index * sizeof(int), sizeof descriptor);
            if (*found < most) {
                descriptors[(*found)++] = descriptor;
            } else {
                close(descriptor);
                fits = false;
            }
        }
    }
    return fits;
}

int64_t csm_receive(
    int socket, void *bytes, size_t capacity, int *descriptors, size_t most, size_t *found, int64_t milliseconds)
{
    *found = 0;
    if (most > MOST_DESCRIPTORS) return -EINVAL;
    union {
        char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
        struct cmsghdr alignment;
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    int64_t deadline = milliseconds < 0 ? -1 : now_in_milliseconds() + milliseconds;
    for (;;) {
        // Without room for descriptors the kernel takes none out of the message.
        struct msghdr message = {
            .msg_iov = &part,
            .msg_iovlen = 1,
            .msg_control = most > 0 ? control.bytes : NULL,
            .msg_controllen = most > 0 ? CMSG_SPACE(most * sizeof(int)) : 0,
        };
        // Looked at before it is waited for: an answer that is there already costs one call.
        ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (length >= 0) {
            bool fits = take_descriptors(&message, descriptors, most, found);
            if (fits && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) return length;
            while (*found > 0) close(descriptors[--*found]);
            return -EPROTO;
        }
        if (errno != EAGAIN && errno != EINTR) return -errno;
        int status = await(socket, POLLIN, deadline);
        if (status < 0) return status;
    }
}
