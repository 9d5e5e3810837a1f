#define _GNU_SOURCE
#include "fault_calls.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FC_WATCHES = 32, FC_NAME_LENGTH = 256 };

typedef struct {
    bool used, pauses;
    /// As it was given, and with all links followed, as `/proc` names what is open.
    char given[PATH_MAX], resolved[PATH_MAX];
    char apart[FC_NAME_LENGTH];
    fc_kind fails;
    size_t fails_in;
    int code;
    size_t calls[FC_KINDS];
    char told[FC_NAME_LENGTH + 32];
} fc_watched;

/// What becomes of a call.
typedef struct {
    /// The system's number that it fails with; 0 when it is made.
    int code;
    /// Only half of it is to be done.
    bool is_short;
    /// It is for a file that is watched, whether calls for it are counted or not.
    bool is_watched;
} fc_verdict;

static fc_watched watches[FC_WATCHES];
static int watching;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_idle(void) { return __atomic_load_n(&watching, __ATOMIC_RELAXED) == 0; }

int fc_watch(const char *directory, const char *apart) {
    int place = -1;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FC_WATCHES && place < 0; i++) {
        if (watches[i].used) continue;
        watches[i] = (fc_watched){0};
        if (strlen(directory) >= PATH_MAX || (apart && strlen(apart) >= FC_NAME_LENGTH)) break;
        if (!realpath(directory, watches[i].resolved)) break;
        strcpy(watches[i].given, directory);
        strcpy(watches[i].apart, apart ? apart : "");
        watches[i].used = true;
        place = i;
        __atomic_add_fetch(&watching, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&lock);
    return place;
}

void fc_forget(int watch) {
    pthread_mutex_lock(&lock);
    watches[watch].used = false;
    __atomic_sub_fetch(&watching, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
}

void fc_fail(int watch, fc_kind kind, size_t nth, int code) {
    pthread_mutex_lock(&lock);
    fc_watched *watched = &watches[watch];
    memset(watched->calls, 0, sizeof watched->calls);
    watched->fails = kind;
    watched->fails_in = nth;
    watched->code = code;
    watched->told[0] = 0;
    pthread_mutex_unlock(&lock);
}

void fc_pause(int watch, bool pauses) {
    pthread_mutex_lock(&lock);
    watches[watch].pauses = pauses;
    pthread_mutex_unlock(&lock);
}

size_t fc_calls(int watch, fc_kind kind) {
    pthread_mutex_lock(&lock);
    size_t calls = watches[watch].calls[kind];
    pthread_mutex_unlock(&lock);
    return calls;
}

const char *fc_failed(int watch) { return watches[watch].told; }

static bool is_below(const char *path, const char *directory) {
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/// What SQLite does in the open database is swept on the disk in memory; it gives no names.
static bool is_apart(const fc_watched *watched, fc_kind kind, const char *name) {
    size_t length = strlen(watched->apart);
    if (length == 0 || kind == FC_NAME || strncmp(name, watched->apart, length) != 0) return false;
    return name[length] == 0 || name[length] == '-';
}

/// Counts a call, and says whether it is the one.
static fc_verdict count(fc_watched *watched, fc_kind kind, const char *call, const char *name) {
    fc_verdict verdict = {.is_watched = true};
    if (watched->pauses || is_apart(watched, kind, name)) return verdict;
    watched->calls[kind]++;
    bool is_short = kind == FC_WRITE && watched->fails == FC_SHORT_WRITE;
    if ((watched->fails != kind && !is_short) || watched->fails_in == 0 || --watched->fails_in > 0) return verdict;
    snprintf(watched->told, sizeof watched->told, "%s of %s", call, name);
    verdict.code = is_short ? 0 : watched->code;
    verdict.is_short = is_short;
    return verdict;
}

static fc_verdict judged(const char *path, fc_kind kind, const char *call) {
    fc_verdict verdict = {0};
    int saved = errno;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FC_WATCHES; i++) {
        fc_watched *watched = &watches[i];
        if (!watched->used || !(is_below(path, watched->given) || is_below(path, watched->resolved))) continue;
        const char *slash = strrchr(path, '/');
        verdict = count(watched, kind, call, slash ? slash + 1 : path);
        break;
    }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return verdict;
}

static fc_verdict judged_open(int file, fc_kind kind, const char *call) {
    char link[32], path[PATH_MAX];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length <= 0 || path[0] != '/') return (fc_verdict){0};
    path[length] = 0;
    return judged(path, kind, call);
}

// MARK: The calls

/// The C library's own function, known from the program's start or, for who calls earlier, from its first call.
#define REAL(result, name, ...)                                                                                       \
    static result (*real_##name)(__VA_ARGS__);                                                                        \
    __attribute__((constructor)) static void find_##name(void) {                                                      \
        if (!__atomic_load_n(&real_##name, __ATOMIC_RELAXED)) {                                                       \
            __atomic_store_n(&real_##name, (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name), __ATOMIC_RELAXED);        \
        }                                                                                                             \
        if (!real_##name) abort();                                                                                    \
    }
#define CALL(name, ...) (real_##name ? (void)0 : find_##name(), real_##name(__VA_ARGS__))

/// Fails with the verdict's number, or goes on.
#define PASS(verdict, failure)                                                                                        \
    do {                                                                                                              \
        int code = (verdict).code;                                                                                    \
        if (code) {                                                                                                   \
            errno = code;                                                                                             \
            return failure;                                                                                           \
        }                                                                                                             \
    } while (0)

REAL(int, open, const char *, int, ...)
REAL(int, open64, const char *, int, ...)
REAL(ssize_t, read, int, void *, size_t)
REAL(ssize_t, pread, int, void *, size_t, off_t)
REAL(ssize_t, pread64, int, void *, size_t, off64_t)
REAL(ssize_t, write, int, const void *, size_t)
REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)
REAL(ssize_t, sendfile, int, int, off_t *, size_t)
REAL(int, fsync, int)
REAL(int, fdatasync, int)
REAL(int, ftruncate, int, off_t)
REAL(int, ftruncate64, int, off64_t)
REAL(int, posix_fallocate, int, off_t, off_t)
REAL(int, rename, const char *, const char *)
REAL(int, link, const char *, const char *)
REAL(int, mkdir, const char *, mode_t)
REAL(int, unlink, const char *)

/// The mode is there only for who makes a file.
#define OPEN(name)                                                                                                    \
    int name(const char *path, int flags, ...) {                                                                      \
        mode_t mode = 0;                                                                                              \
        if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {                                                  \
            va_list rest;                                                                                             \
            va_start(rest, flags);                                                                                    \
            mode = va_arg(rest, mode_t);                                                                              \
            va_end(rest);                                                                                             \
        }                                                                                                             \
        if (!is_idle()) PASS(judged(path, FC_OPEN, "open"), -1);                                                      \
        return CALL(name, path, flags, mode);                                                                         \
    }

OPEN(open)
OPEN(open64)

ssize_t read(int file, void *bytes, size_t count) {
    if (!is_idle()) PASS(judged_open(file, FC_READ, "read"), -1);
    return CALL(read, file, bytes, count);
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
    if (!is_idle()) PASS(judged_open(file, FC_READ, "pread"), -1);
    return CALL(pread, file, bytes, count, offset);
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
    if (!is_idle()) PASS(judged_open(file, FC_READ, "pread"), -1);
    return CALL(pread64, file, bytes, count, offset);
}

/// How much is to be written; 0 when the call fails.
static size_t share(int file, size_t count, const char *call) {
    if (is_idle() || count == 0) return count;
    fc_verdict verdict = judged_open(file, FC_WRITE, call);
    PASS(verdict, 0);
    return verdict.is_short ? (count + 1) / 2 : count;
}

ssize_t write(int file, const void *bytes, size_t count) {
    size_t part = share(file, count, "write");
    return part == 0 && count > 0 ? -1 : CALL(write, file, bytes, part);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    size_t part = share(file, count, "pwrite");
    return part == 0 && count > 0 ? -1 : CALL(pwrite, file, bytes, part, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    size_t part = share(file, count, "pwrite");
    return part == 0 && count > 0 ? -1 : CALL(pwrite64, file, bytes, part, offset);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t count) {
    size_t part = share(to, count, "sendfile");
    return part == 0 && count > 0 ? -1 : CALL(sendfile, to, from, offset, part);
}

int fsync(int file) {
    if (is_idle()) return CALL(fsync, file);
    fc_verdict verdict = judged_open(file, FC_SYNC, "fsync");
    PASS(verdict, -1);
    return verdict.is_watched ? 0 : CALL(fsync, file);
}

int fdatasync(int file) {
    if (is_idle()) return CALL(fdatasync, file);
    fc_verdict verdict = judged_open(file, FC_SYNC, "fdatasync");
    PASS(verdict, -1);
    return verdict.is_watched ? 0 : CALL(fdatasync, file);
}

int ftruncate(int file, off_t length) {
    if (!is_idle()) PASS(judged_open(file, FC_RESIZE, "ftruncate"), -1);
    return CALL(ftruncate, file, length);
}

int ftruncate64(int file, off64_t length) {
    if (!is_idle()) PASS(judged_open(file, FC_RESIZE, "ftruncate"), -1);
    return CALL(ftruncate64, file, length);
}

/// Tells its failure by what it returns.
int posix_fallocate(int file, off_t offset, off_t length) {
    fc_verdict verdict = is_idle() ? (fc_verdict){0} : judged_open(file, FC_RESIZE, "posix_fallocate");
    return verdict.code ? verdict.code : CALL(posix_fallocate, file, offset, length);
}

int rename(const char *from, const char *to) {
    if (!is_idle()) PASS(judged(to, FC_NAME, "rename"), -1);
    return CALL(rename, from, to);
}

int link(const char *from, const char *to) {
    if (!is_idle()) PASS(judged(to, FC_NAME, "link"), -1);
    return CALL(link, from, to);
}

int mkdir(const char *path, mode_t mode) {
    if (!is_idle()) PASS(judged(path, FC_NAME, "mkdir"), -1);
    return CALL(mkdir, path, mode);
}

int unlink(const char *path) {
    if (!is_idle()) PASS(judged(path, FC_UNLINK, "unlink"), -1);
    return CALL(unlink, path);
}
