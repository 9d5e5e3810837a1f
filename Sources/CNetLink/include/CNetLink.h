#pragma once

#include <stdbool.h>
#include <stdint.h>

/// What the kernel says of an interface, an address or a route.
struct edged_network_change {
    /// Which interface; 0 for a route that names none.
    int32_t interface;
    /// An address or a route came; else the word is about the interface itself.
    bool is_arrival;
    /// The interface is up and has a carrier; only where the word is about it.
    bool is_running;
};

/// Opens a socket on which the kernel tells of changes of the network; it never blocks and is closed by whoever opened it.
///
/// Returns -1 where a sandbox refuses it.
int edged_network_open(void);

/// Reads what the kernel has told since the last call, at most `capacity` changes of it.
///
/// Returns how many, 0 when there is nothing more, and -1 when something was lost or cannot be read: then anything may
/// have changed.
int edged_network_read(int socket, struct edged_network_change *changes, int capacity);
