#include "CNetLink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int edged_network_open(void)
{
    int handle = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (handle < 0) return -1;
    struct sockaddr_nl address = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
    };
    if (bind(handle, (struct sockaddr *)&address, sizeof address) == 0) return handle;
    close(handle);
    return -1;
}

static bool is_wider_than_the_machine(unsigned char scope)
{
    return scope != RT_SCOPE_HOST && scope != RT_SCOPE_NOWHERE;
}

/// Fills one change in; false for a message that says nothing of a way that has opened.
static bool understand(const struct nlmsghdr *message, struct edged_network_change *change)
{
    memset(change, 0, sizeof *change);
    switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: {
        if (message->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifinfomsg))) return false;
        const struct ifinfomsg *link = NLMSG_DATA(message);
        if (link->ifi_flags & IFF_LOOPBACK) return false;
        change->interface = link->ifi_index;
        change->is_running = message->nlmsg_type == RTM_NEWLINK && (link->ifi_flags & IFF_UP) && (link->ifi_flags & IFF_RUNNING);
        return true;
    }
    case RTM_NEWADDR: {
        if (message->nlmsg_len < NLMSG_LENGTH(sizeof(struct ifaddrmsg))) return false;
        const struct ifaddrmsg *address = NLMSG_DATA(message);
        change->interface = (int32_t)address->ifa_index;
        change->is_arrival = is_wider_than_the_machine(address->ifa_scope);
        return change->is_arrival;
    }
    case RTM_NEWROUTE: {
        if (message->nlmsg_len < NLMSG_LENGTH(sizeof(struct rtmsg))) return false;
        const struct rtmsg *route = NLMSG_DATA(message);
        change->is_arrival = route->rtm_type == RTN_UNICAST && is_wider_than_the_machine(route->rtm_scope);
        return change->is_arrival;
    }
    default: return false;
    }
}

/// Reads one datagram; -2 when nothing in it was of interest.
static int read_one(int socket, struct edged_network_change *changes, int capacity)
{
    _Alignas(struct nlmsghdr) char buffer[16384];
    struct sockaddr_nl sender;
    struct iovec place = {.iov_base = buffer, .iov_len = sizeof buffer};
    struct msghdr header = {.msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &place, .msg_iovlen = 1};
    ssize_t got;
    do got = recvmsg(socket, &header, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    // Anybody on this machine may send to the socket; only the kernel is believed.
    if (got == 0 || header.msg_flags & MSG_TRUNC) return -1;
    int count = 0;
    if (sender.nl_pid == 0) {
        unsigned int left = (unsigned int)got;
        for (const struct nlmsghdr *message = (const struct nlmsghdr *)buffer; NLMSG_OK(message, left);
             message = NLMSG_NEXT(message, left)) {
            if (count == capacity) return -1;
            if (understand(message, &changes[count])) count++;
        }
    }
    return count > 0 ? count : -2;
}

int edged_network_read(int socket, struct edged_network_change *changes, int capacity)
{
    int count;
    do count = read_one(socket, changes, capacity);
    while (count == -2);
    return count;
}
