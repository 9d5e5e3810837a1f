#pragma once
#include <stdbool.h>
#include <stddef.h>

// The system's calls of this process for files below a directory, of which one can be told to fail.
//
// The test program's own `open`, `write` and so on take the place of the C library's for every library in the process. While
// nothing is watched each is one load and the real call. Several directories may be watched at once.

/// What can be made to fail.
typedef enum {
    FC_OPEN,
    FC_READ,
    FC_WRITE,
    FC_SHORT_WRITE,  ///< half of it is written, and told as half
    FC_SYNC,
    FC_RESIZE,       ///< `ftruncate` and `posix_fallocate`
    FC_NAME,         ///< `rename`, `link` and `mkdir`: something is to get a name
    FC_UNLINK,
    FC_KINDS
} fc_kind;

/// Watches all below `directory`, which must be there, but what is done in the database that is called `apart` and what SQLite
/// keeps beside it; `NULL` leaves nothing out. -1 when that cannot be done.
///
/// Syncs below it are confirmed and not done: nothing here loses power.
int fc_watch(const char *directory, const char *apart);
void fc_forget(int watch);

/// Lets the n-th call of this kind from now on fail once with `code`; 0 takes it back. Counts begin anew.
void fc_fail(int watch, fc_kind kind, size_t nth, int code);
/// While it pauses no call is counted, and none fails.
void fc_pause(int watch, bool pauses);
/// How many calls of this kind were counted; short writes are counted as writes.
size_t fc_calls(int watch, fc_kind kind);
/// Which call failed, for example `pwrite of audit.tail`; empty while none has.
const char *fc_failed(int watch);
