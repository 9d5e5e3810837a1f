#pragma once

// A program that has this target linked in overwrites heap memory when it is freed. Nothing has to be called for that:
// `free` and `realloc` are taken over by the linker.

/// Forbids core dumps of this process and reading of its memory by others of the same user.
///
/// Returns 0, or the `errno` of what failed; both are tried.
int edged_forbid_core_dumps(void);

/// Has large blocks given back to the system as soon as they are freed, and few arenas. For the start of the program.
///
/// By itself glibc raises its limits to the largest block that was ever freed, up to 32 MB, and has eight arenas for each
/// core: one request of the largest size would stay in each of them.
void edged_bound_heap(void);

/// Gives memory that nothing uses back to the system.
///
/// glibc keeps what a burst of large pictures left behind, in each of its arenas.
void edged_return_unused_memory(void);

/// Overwrites what calls left behind on the stacks of all threads, below what is in use.
///
/// Each thread is sent SIGPROF, which the process must not use for anything else; system calls that wait go on, or end with
/// EINTR where the kernel does not restart them. Returns how many threads did not answer within a second, or a negative
/// `errno`. Blocks for as long.
int edged_wipe_stacks(void);
