#include "fault_disk.h"
#include <stdlib.h>
#include <string.h>

// What stands on the disk for certain, and of each file the operations that no sync has confirmed yet.
typedef struct {
    bool used;
    int disk;
    size_t at;
    fv_file durable[FV_FILES];
    size_t *pending[FV_FILES];
    size_t count[FV_FILES], capacity[FV_FILES];
} fv_replay;

enum { FV_REPLAYS = 64 };
static fv_replay replays[FV_REPLAYS];

int fv_replay_begin(int disk) {
    for (int i = 0; i < FV_REPLAYS; i++) {
        bool isFree = false;
        if (!__atomic_compare_exchange_n(&replays[i].used, &isFree, true, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) continue;
        replays[i].disk = disk;
        return i;
    }
    return -1;
}

void fv_replay_end(int place) {
    fv_replay *replay = &replays[place];
    for (int i = 0; i < FV_FILES; i++) {
        free(replay->durable[i].bytes);
        free(replay->pending[i]);
        replay->durable[i] = (fv_file){0};
        replay->pending[i] = NULL;
        replay->count[i] = replay->capacity[i] = 0;
    }
    replay->at = 0;
    __atomic_store_n(&replay->used, false, __ATOMIC_RELEASE);
}

static uint64_t next(uint64_t *seed) {
    uint64_t z = (*seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// Without memory a test cannot go on, and a wrong disk would be worse than none.
static void require(bool holds) {
    if (!holds) abort();
}

static void apply(fv_file *file, const fv_operation *operation) {
    switch (operation->deed) {
    case FV_DO_WRITE: require(fv_write(file, operation->offset, operation->bytes, operation->length)); break;
    case FV_DO_TRUNCATE: require(fv_resize(file, operation->offset)); break;
    case FV_DO_DELETE: file->size = 0, file->exists = false; break;
    case FV_DO_SYNC:
    case FV_DO_SYNC_NAMES:
    case FV_DO_LOSE: break;
    }
}

/// Which files there are stands on the disk: those that were taken away cannot come back.
static void sync_names(fv_replay *replay, const fv_disk *disk) {
    for (int i = 0; i < FV_FILES; i++) {
        size_t *pending = replay->pending[i], gone = 0;
        for (size_t k = 0; k < replay->count[i]; k++) {
            if (disk->log[pending[k]].deed == FV_DO_DELETE) gone = k + 1;
        }
        if (gone == 0) continue;
        apply(&replay->durable[i], &disk->log[pending[gone - 1]]);
        replay->count[i] -= gone;
        memmove(pending, pending + gone, replay->count[i] * sizeof *pending);
    }
}

/// The data will not come to the disk any more; names and lengths, which are the file system's own, will.
static void lose_writes(fv_replay *replay, const fv_disk *disk, int file) {
    size_t *pending = replay->pending[file], stay = 0;
    for (size_t k = 0; k < replay->count[file]; k++) {
        if (disk->log[pending[k]].deed != FV_DO_WRITE) pending[stay++] = pending[k];
    }
    replay->count[file] = stay;
}

bool fv_replay_step(int place) {
    fv_replay *replay = &replays[place];
    const fv_disk *disk = &fv_disks[replay->disk];
    if (replay->at == disk->count) return false;
    const fv_operation *operation = &disk->log[replay->at];
    int file = operation->file;
    if (operation->deed == FV_DO_SYNC) {
        for (size_t i = 0; i < replay->count[file]; i++) apply(&replay->durable[file], &disk->log[replay->pending[file][i]]);
        replay->count[file] = 0;
    } else if (operation->deed == FV_DO_SYNC_NAMES) {
        sync_names(replay, disk);
    } else if (operation->deed == FV_DO_LOSE) {
        lose_writes(replay, disk, file);
    } else {
        if (replay->count[file] == replay->capacity[file]) {
            size_t capacity = replay->capacity[file] * 2 + 64;
            replay->pending[file] = realloc(replay->pending[file], capacity * sizeof(size_t));
            require(replay->pending[file] != NULL);
            replay->capacity[file] = capacity;
        }
        replay->pending[file][replay->count[file]++] = replay->at;
    }
    replay->at++;
    return true;
}

size_t fv_replay_pending(int place) {
    size_t sum = 0;
    for (int i = 0; i < FV_FILES; i++) sum += replays[place].count[i];
    return sum;
}

/// Applies the sectors of a write that `keeps` (in 256ths) lets through.
static void tear(fv_file *file, const fv_operation *operation, unsigned keeps, uint64_t *seed) {
    for (size_t done = 0; done < operation->length;) {
        size_t offset = operation->offset + done;
        size_t part = FV_SECTOR - offset % FV_SECTOR;
        if (part > operation->length - done) part = operation->length - done;
        if ((next(seed) & 255) < keeps) require(fv_write(file, offset, operation->bytes + done, part));
        done += part;
    }
}

/// The file's length reached the disk and its data did not.
static void grow(fv_file *file, const fv_operation *operation, uint64_t *seed) {
    size_t end = operation->offset + operation->length;
    if (operation->deed == FV_DO_WRITE && end > file->size && (next(seed) & 7) == 0) require(fv_resize(file, end));
}

/// One unconfirmed operation of a file; `number` of `total` over all files, `chosen` is the one that the policy is about.
/// False when what follows in this file cannot be there either.
static bool survive(
    fv_file *file, const fv_operation *operation, fv_policy policy, size_t number, size_t chosen, unsigned keeps,
    uint64_t *seed) {
    bool stays = true;
    switch (policy) {
    case FV_NOTHING: stays = false; break;
    case FV_PREFIX:
        if (number == chosen && operation->deed == FV_DO_WRITE) {
            tear(file, operation, 128, seed);
            return true;
        }
        stays = number < chosen;
        break;
    case FV_ALL_BUT_ONE: stays = number != chosen; break;
    case FV_ONLY_ONE: stays = number == chosen; break;
    case FV_SOME_WRITES: stays = (next(seed) & 255) < keeps; break;
    case FV_SOME_SECTORS:
        if (operation->deed == FV_DO_WRITE) {
            tear(file, operation, keeps, seed);
            grow(file, operation, seed);
            return true;
        }
        stays = (next(seed) & 255) < keeps;
        break;
    case FV_EVERYTHING:
    case FV_POLICIES: break;
    }
    if (stays) {
        apply(file, operation);
    } else if (policy == FV_SOME_WRITES) {
        grow(file, operation, seed);
    }
    // A file that was not taken away is not the one that was made anew under its name.
    return stays || operation->deed != FV_DO_DELETE;
}

uint64_t fv_replay_cut(int place, int target, fv_policy policy, uint64_t seed) {
    static const unsigned chances[] = {16, 64, 128, 192, 240};
    fv_replay *replay = &replays[place];
    const fv_disk *from = &fv_disks[replay->disk];
    fv_disk *to = &fv_disks[target];
    size_t total = fv_replay_pending(place), number = 0;
    size_t chosen = total ? (size_t)(next(&seed) % total) : 0;
    unsigned keeps = chances[next(&seed) % 5];
    uint64_t digest = 0;
    for (int i = 0; i < FV_FILES && from->files[i].name; i++) {
        int place_there = fv_file_of(target, from->files[i].name);
        require(place_there >= 0);
        fv_file *file = &to->files[place_there];
        require(fv_copy(file, &replay->durable[i]));
        bool goes_on = true;
        for (size_t k = 0; k < replay->count[i]; k++, number++) {
            if (!goes_on) continue;
            goes_on = survive(file, &from->log[replay->pending[i][k]], policy, number, chosen, keeps, &seed);
        }
        digest = fv_mix(digest, &file->exists, sizeof file->exists);
        digest = fv_mix(digest, file->bytes, file->size);
    }
    return digest;
}
