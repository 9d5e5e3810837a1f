#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Makes memory of `size` bytes that another process may be handed; its size is sealed, so that nobody can shorten it under
/// a reader.
///
/// With `is_ours_to_write` nobody but this mapping can ever write to it. Answers with the descriptor, which the caller closes,
/// or a negative errno; `mapped` is to be unmapped.
int csm_create(size_t size, bool is_ours_to_write, void **mapped);

/// Maps memory that another process made, for writing or for reading alone.
///
/// Refused with a negative errno: what is no sealed memory, is empty or larger than `most`, or, to be read, may still be
/// written to by others than its maker. The descriptor stays the caller's. Answers with 0.
int csm_map(int descriptor, size_t most, bool for_writing, void **mapped, size_t *size);

/// Unmaps what the two functions above mapped.
void csm_unmap(void *mapped, size_t size);

/// Connects to a listening socket of whole messages (SOCK_SEQPACKET); a descriptor or a negative errno.
int csm_connect(const char *path);

/// Listens at a path for this user alone; what a process that was killed has left there is taken away. A descriptor or a negative
/// errno.
int csm_listen(const char *path);

/// Takes the next caller of a listening socket; a descriptor, or a negative errno.
int csm_accept(int listening);

/// Two connected sockets of whole messages; 0 or a negative errno.
int csm_pair(int sockets[2]);

/// Sends one message, with descriptors when `descriptor_count` is not 0; waits at most so many milliseconds, for ever when
/// negative. Answers with 0 or a negative errno.
int csm_send(
    int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count, int64_t milliseconds);

/// Receives one whole message, and at most `most` (0 to 4) descriptors with it, of which `found` says how many there are; they
/// are the caller's.
///
/// Answers with the message's length, 0 when the other side has gone, or a negative errno: ETIMEDOUT after so many
/// milliseconds (negative waits for ever), EPROTO for a message that is longer or has more descriptors, all of which are closed.
int64_t csm_receive(
    int socket, void *bytes, size_t capacity, int *descriptors, size_t most, size_t *found, int64_t milliseconds);
