#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A disk in memory for SQLite that remembers the order of all writes, so that what a power cut leaves can be made again.
//
// Disks are told by small numbers. One disk belongs to one connection at a time; different disks may be used at once.

/// What can be made to fail.
typedef enum {
    FV_READ,
    FV_WRITE,
    FV_SHORT_WRITE,  ///< half of it reaches the file
    FV_SYNC,         ///< what was written may still come to the disk with the next sync
    FV_LOST_SYNC,    ///< what was written will not, though it can be read: as Linux does it after a failed write-back
    FV_TRUNCATE,
    FV_OPEN,
    FV_DELETE,
    FV_KINDS
} fv_kind;

/// What becomes of the writes that no sync has confirmed when the power goes.
typedef enum {
    FV_NOTHING,       ///< none reached the disk
    FV_EVERYTHING,    ///< all reached it
    FV_PREFIX,        ///< the first ones, the last of them torn
    FV_ALL_BUT_ONE,   ///< one was still in a buffer
    FV_ONLY_ONE,      ///< one came before all others
    FV_SOME_WRITES,   ///< any of them, in any combination; sizes may have grown without the data
    FV_SOME_SECTORS,  ///< any sectors of 512 bytes of any of them
    FV_POLICIES
} fv_policy;

/// Puts the VFS before the system's; paths outside of the disks' directories go on to that. Once for a process.
int fv_register(void);

/// An empty disk for the files in `directory`, or -1 when there are too many. A recording disk keeps its log.
int fv_make(const char *directory, bool records);
void fv_drop(int disk);

/// How many changes and syncs the disk has seen.
size_t fv_operations(int disk);
/// How often SQLite has called for something of this kind.
size_t fv_calls(int disk, fv_kind kind);
/// Lets the n-th call of this kind from now on fail once; 0 takes it back.
void fv_fail(int disk, fv_kind kind, size_t nth, int code);
/// Whether the call that was to fail has been made.
bool fv_failed(int disk);
/// From now on syncs are confirmed and not done.
void fv_lie(int disk);

/// Begins to play a recorded disk again, from before its first operation.
int fv_replay_begin(int disk);
/// One operation further; false at the end.
bool fv_replay_step(int replay);
/// Unconfirmed operations at this place.
size_t fv_replay_pending(int replay);
/// Makes `target` what the power cut leaves here, and returns a digest of it.
uint64_t fv_replay_cut(int replay, int target, fv_policy policy, uint64_t seed);
void fv_replay_end(int replay);

/// Puts a memory that can fail under SQLite; only before anything has used SQLite in this process.
int fv_memory_install(void);
/// Lets the n-th allocation from now on fail once, or the first one after it that is not for a parameter of a statement:
/// GRDB ends the process where that finds no memory. 0 takes it back.
void fv_memory_fail(size_t nth);
/// Which allocation failed; 0 when none has.
size_t fv_memory_failed(void);
/// How many were not let fail because they were for a parameter.
size_t fv_memory_passed_over(void);

struct sqlite3_stmt;

/// `digest` with all that `rows` gives added, but for the wrapped keys; its parameter, where it has one, is `lines`. 0 when they
/// cannot be read.
uint64_t fv_fingerprint(struct sqlite3_stmt *rows, const char *table, int64_t lines, uint64_t digest);
