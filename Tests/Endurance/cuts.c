// Writes down in order every call of a program that changes files below one directory, with its data, and every sync.
//
// Loaded before the C library (LD_PRELOAD). From the journal `disk.py` makes the directory again as a power cut at any
// place may leave it, so one run serves every place. With CUTS_AT=n the process kills itself before its n-th such call.
//
//   CUTS_ROOT     the directory, absolute and without symbolic links
//   CUTS_JOURNAL  the file that is appended to; not below the directory
//   CUTS_AT       see above; without it the program runs to its end
//
// What it cannot follow (a shared mapping, a stream for writing) it says, and the tests fail.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind {
    K_WRITE = 1, K_TRUNCATE, K_EXTEND, K_SYNC, K_CREATE, K_MKDIR, K_LINK, K_RENAME, K_UNLINK, K_RMDIR,
    // No places for a cut:
    K_CHMOD, K_SAY, K_UNKNOWN
};

// Followed by two paths and the data.
struct head {
    uint32_t magic, kind;
    int64_t moment;
    uint64_t file, offset, length;
    uint32_t first, second;
};

#define MAGIC 0x53545543u
#define JOURNAL_FD 900
#define PIECES 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int journal = -1;
static long cut_at, count;

__attribute__((constructor)) static void begin(void) {
    const char *place = getenv("CUTS_ROOT"), *file = getenv("CUTS_JOURNAL"), *at = getenv("CUTS_AT");
    if (!place || !file || strlen(place) >= sizeof root) return;
    int made = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    // High, where no program closes what it does not know.
    journal = made < 0 ? -1 : fcntl(made, F_DUPFD_CLOEXEC, JOURNAL_FD);
    if (journal < 0) abort();
    close(made);
    cut_at = at ? atol(at) : 0;
    strcpy(root, place);
    root_length = strlen(root);
}

// MARK: What is below the directory

static int is_below(const char *path) {
    return root_length && !strncmp(path, root, root_length) && strchr("/", path[root_length]);
}

static int place_of_descriptor(int descriptor, char *out) {
    char name[40];
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    long length = syscall(SYS_readlinkat, AT_FDCWD, name, out, PATH_MAX - 1);
    if (length < 0) return 0;
    out[length] = 0;
    return 1;
}

// Whether the open file is one to write down; one that has no name any more is.
static int is_ours(int descriptor, struct stat *facts) {
    char place[PATH_MAX];
    if (!root_length || descriptor == journal || fstat(descriptor, facts)) return 0;
    if (!S_ISREG(facts->st_mode) && !S_ISDIR(facts->st_mode)) return 0;
    return place_of_descriptor(descriptor, place) && is_below(place);
}

// The path without detours, its last part as it stands; false for one elsewhere.
static int place_of(int directory, const char *path, char *out) {
    char whole[2 * PATH_MAX], parent[PATH_MAX] = "";
    if (!root_length || !path || !*path || strlen(path) >= PATH_MAX) return 0;
    if (*path != '/') {
        if (directory == AT_FDCWD ? !getcwd(parent, sizeof parent) : !place_of_descriptor(directory, parent)) return 0;
    }
    snprintf(whole, sizeof whole, *path == '/' ? "%s%s" : "%s/%s", parent, path);
    if (!is_below(whole)) return 0;
    size_t length = strlen(whole);
    while (length > 1 && whole[length - 1] == '/') whole[--length] = 0;
    char *name = strrchr(whole, '/');
    *name++ = 0;
    int opened = (int)syscall(SYS_openat, AT_FDCWD, *whole ? whole : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return 0;
    int known = place_of_descriptor(opened, parent);
    syscall(SYS_close, opened);
    return known && snprintf(out, PATH_MAX, "%s/%s", parent, name) < PATH_MAX && is_below(out);
}

static uint64_t number_of(const char *place) {
    struct stat facts;
    return fstatat(AT_FDCWD, place, &facts, AT_SYMLINK_NOFOLLOW) ? 0 : facts.st_ino;
}

// MARK: The journal

// Before a call: the lock is held until its `leave`, so that the journal's order is the kernel's.
static void enter(void) {
    pthread_mutex_lock(&lock);
    if (cut_at && ++count >= cut_at) {
        syscall(SYS_kill, getpid(), SIGKILL);
        for (;;) pause();
    }
}

static void leave(void) { pthread_mutex_unlock(&lock); }

static void note(struct head head, const char *first, const char *second, const struct iovec *data, int pieces) {
    struct timespec now;
    struct iovec parts[PIECES + 3];
    size_t left = head.kind == K_WRITE || head.kind == K_SAY ? head.length : 0;
    int used = 3, failure = errno;
    clock_gettime(CLOCK_REALTIME, &now);
    head.magic = MAGIC;
    head.moment = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    head.first = (uint32_t)strlen(first);
    head.second = (uint32_t)strlen(second);
    parts[0] = (struct iovec){&head, sizeof head};
    parts[1] = (struct iovec){(void *)first, head.first};
    parts[2] = (struct iovec){(void *)second, head.second};
    for (int i = 0; i < pieces && left; i++, used++) {
        parts[used] = data[i];
        if (parts[used].iov_len > left) parts[used].iov_len = left;
        left -= parts[used].iov_len;
    }
    size_t wanted = 0;
    for (int i = 0; i < used; i++) wanted += parts[i].iov_len;
    if (syscall(SYS_writev, journal, parts, used) != (long)wanted) abort();
    errno = failure;
}

static void note_unknown(const char *call, const char *place) {
    if (!root_length) return;
    pthread_mutex_lock(&lock);
    note((struct head){.kind = K_UNKNOWN}, call, place, NULL, 0);
    leave();
}

static void note_name(enum kind kind, uint64_t file, const char *first, const char *second, mode_t mode) {
    note((struct head){.kind = kind, .file = file, .length = mode}, first, second, NULL, 0);
}

// MARK: Writing

// Everything that writes comes here; an offset of -1 is where the file stands.
static ssize_t write_pieces(int descriptor, const struct iovec *pieces, int number, off_t offset) {
    struct stat facts;
    int says = descriptor == 1 && root_length, ours = is_ours(descriptor, &facts);
    if (!ours && !says) {
        return offset < 0 ? syscall(SYS_writev, descriptor, pieces, number)
                          : syscall(SYS_pwritev, descriptor, pieces, number, offset, 0);
    }
    if (ours && (number > PIECES || fcntl(descriptor, F_GETFL) & O_DSYNC)) note_unknown("such a write", "");
    if (ours) enter(); else pthread_mutex_lock(&lock);
    off_t place = offset;
    if (ours && offset < 0) {
        int appends = fcntl(descriptor, F_GETFL) & O_APPEND;
        place = appends && !fstat(descriptor, &facts) ? facts.st_size : lseek(descriptor, 0, SEEK_CUR);
    }
    ssize_t done = offset < 0 ? syscall(SYS_writev, descriptor, pieces, number)
                              : syscall(SYS_pwritev, descriptor, pieces, number, offset, 0);
    if (done > 0) {
        struct head head = {.kind = ours ? K_WRITE : K_SAY, .length = (uint64_t)done};
        if (ours) head.file = facts.st_ino, head.offset = (uint64_t)place;
        note(head, "", "", pieces, number < PIECES ? number : PIECES);
    }
    leave();
    return done;
}

static ssize_t write_bytes(int descriptor, const void *bytes, size_t length, off_t offset) {
    struct iovec piece = {(void *)bytes, length};
    return write_pieces(descriptor, &piece, 1, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) { return write_bytes(fd, bytes, length, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return write_bytes(fd, bytes, length, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return write_bytes(fd, bytes, length, at); }
ssize_t writev(int fd, const struct iovec *pieces, int number) { return write_pieces(fd, pieces, number, -1); }
ssize_t pwritev(int fd, const struct iovec *pieces, int n, off_t at) { return write_pieces(fd, pieces, n, at); }
ssize_t pwritev64(int fd, const struct iovec *pieces, int n, off64_t at) { return write_pieces(fd, pieces, n, at); }

// What the kernel copies is copied here by hand, so that its data are known: shorter than asked is allowed.
static ssize_t copy(int from, off64_t *from_at, int to, off64_t *to_at, size_t length) {
    static __thread char bytes[1 << 16];
    if (length > sizeof bytes) length = sizeof bytes;
    ssize_t got = from_at ? pread(from, bytes, length, *from_at) : read(from, bytes, length);
    if (got <= 0) return got;
    ssize_t put = write_bytes(to, bytes, (size_t)got, to_at ? *to_at : -1);
    if (put < 0) return put;
    if (from_at) *from_at += put; else if (put < got) lseek(from, put - got, SEEK_CUR);
    if (to_at) *to_at += put;
    return put;
}

ssize_t sendfile(int to, int from, off_t *at, size_t length) {
    struct stat facts;
    if (is_ours(to, &facts)) return copy(from, at, to, NULL, length);
    return syscall(SYS_sendfile, to, from, at, length);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t length) { return sendfile(to, from, at, length); }

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned int flags) {
    struct stat facts;
    if (is_ours(to, &facts)) return copy(from, from_at, to, to_at, length);
    return syscall(SYS_copy_file_range, from, from_at, to, to_at, length, flags);
}

static int change(int descriptor, enum kind kind, uint64_t length, long (*call)(int, uint64_t)) {
    struct stat facts;
    if (!is_ours(descriptor, &facts)) return (int)call(descriptor, length);
    enter();
    int result = (int)call(descriptor, length);
    if (result == 0) note((struct head){.kind = kind, .file = facts.st_ino, .length = length}, "", "", NULL, 0);
    leave();
    return result;
}

static long call_ftruncate(int fd, uint64_t length) { return syscall(SYS_ftruncate, fd, length); }
static long call_fsync(int fd, uint64_t unused) { return (void)unused, syscall(SYS_fsync, fd); }
static long call_fdatasync(int fd, uint64_t unused) { return (void)unused, syscall(SYS_fdatasync, fd); }
static long call_fchmod(int fd, uint64_t mode) { return syscall(SYS_fchmod, fd, mode); }
static long call_fallocate(int fd, uint64_t end) { return syscall(SYS_fallocate, fd, 0, 0, end); }

int ftruncate(int fd, off_t length) { return change(fd, K_TRUNCATE, (uint64_t)length, call_ftruncate); }
int ftruncate64(int fd, off64_t length) { return change(fd, K_TRUNCATE, (uint64_t)length, call_ftruncate); }
int fsync(int fd) { return change(fd, K_SYNC, 0, call_fsync); }
int fdatasync(int fd) { return change(fd, K_SYNC, 0, call_fdatasync); }
int fchmod(int fd, mode_t mode) { return change(fd, K_CHMOD, mode, call_fchmod); }
int fallocate(int fd, int mode, off_t at, off_t length) {
    struct stat facts;
    if (mode && is_ours(fd, &facts)) note_unknown("fallocate", "");
    if (mode) return (int)syscall(SYS_fallocate, fd, mode, at, length);
    return change(fd, K_EXTEND, (uint64_t)(at + length), call_fallocate);
}
int fallocate64(int fd, int mode, off64_t at, off64_t length) { return fallocate(fd, mode, at, length); }
int posix_fallocate(int fd, off_t at, off_t length) { return fallocate(fd, 0, at, length) ? errno : 0; }
int posix_fallocate64(int fd, off64_t at, off64_t length) { return posix_fallocate(fd, at, length); }

// MARK: Names

static int open_at(int directory, const char *path, int flags, mode_t mode) {
    char place[PATH_MAX];
    int changes = flags & (O_CREAT | O_TRUNC) || (flags & O_TMPFILE) == O_TMPFILE;
    if (!changes || !place_of(directory, path, place)) return (int)syscall(SYS_openat, directory, path, flags, mode);
    if ((flags & O_TMPFILE) == O_TMPFILE) note_unknown("O_TMPFILE", place);
    struct stat facts;
    int was = fstatat(AT_FDCWD, place, &facts, AT_SYMLINK_NOFOLLOW) == 0;
    // A plain opening of what is there changes nothing and is no place for a cut.
    if (was && (!(flags & O_TRUNC) || flags & O_EXCL)) return (int)syscall(SYS_openat, directory, path, flags, mode);
    enter();
    int opened = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (opened >= 0 && fstat(opened, &facts) == 0 && S_ISREG(facts.st_mode)) {
        if (was) note((struct head){.kind = K_TRUNCATE, .file = facts.st_ino}, "", "", NULL, 0);
        else note_name(K_CREATE, facts.st_ino, place, "", facts.st_mode & 07777);
    }
    leave();
    return opened;
}

#define MODE(last)                                              \
    va_list rest;                                               \
    va_start(rest, last);                                       \
    mode_t mode = last & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);

int open(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return open_at(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return open_at(at, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int mkdirat(int directory, const char *path, mode_t mode) {
    char place[PATH_MAX];
    if (!place_of(directory, path, place)) return (int)syscall(SYS_mkdirat, directory, path, mode);
    enter();
    int result = (int)syscall(SYS_mkdirat, directory, path, mode);
    struct stat facts;
    if (result == 0 && !stat(place, &facts)) note_name(K_MKDIR, facts.st_ino, place, "", facts.st_mode & 07777);
    leave();
    return result;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int unlinkat(int directory, const char *path, int flags) {
    char place[PATH_MAX];
    if (!place_of(directory, path, place)) return (int)syscall(SYS_unlinkat, directory, path, flags);
    uint64_t file = number_of(place);
    // What is not there is no place for a cut.
    if (!file) return (int)syscall(SYS_unlinkat, directory, path, flags);
    enter();
    int result = (int)syscall(SYS_unlinkat, directory, path, flags);
    if (result == 0) note_name(flags & AT_REMOVEDIR ? K_RMDIR : K_UNLINK, file, place, "", 0);
    leave();
    return result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    int result = unlinkat(AT_FDCWD, path, 0);
    return result && errno == EISDIR ? unlinkat(AT_FDCWD, path, AT_REMOVEDIR) : result;
}

int renameat2(int from, const char *old, int to, const char *new, unsigned int flags) {
    char first[PATH_MAX], second[PATH_MAX];
    int ours = place_of(from, old, first), theirs = place_of(to, new, second);
    if (ours != theirs || (ours && flags & ~1u)) note_unknown("renameat2", ours ? first : new);
    if (!ours) return (int)syscall(SYS_renameat2, from, old, to, new, flags);
    enter();
    uint64_t file = number_of(first);
    int result = (int)syscall(SYS_renameat2, from, old, to, new, flags);
    if (result == 0) note_name(K_RENAME, file, first, second, 0);
    leave();
    return result;
}

int rename(const char *old, const char *new) { return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return renameat2(from, old, to, new, 0); }

int linkat(int from, const char *old, int to, const char *new, int flags) {
    char place[PATH_MAX];
    if (!place_of(to, new, place)) return (int)syscall(SYS_linkat, from, old, to, new, flags);
    enter();
    int result = (int)syscall(SYS_linkat, from, old, to, new, flags);
    if (result == 0) note_name(K_LINK, number_of(place), place, "", 0);
    leave();
    return result;
}

int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int chmod(const char *path, mode_t mode) {
    char place[PATH_MAX];
    int result = (int)syscall(SYS_fchmodat, AT_FDCWD, path, mode);
    if (result == 0 && place_of(AT_FDCWD, path, place)) {
        pthread_mutex_lock(&lock);
        note_name(K_CHMOD, number_of(place), "", "", mode);
        leave();
    }
    return result;
}

// MARK: What is not followed

static void refuse(const char *call, const char *path) {
    char place[PATH_MAX];
    if (place_of(AT_FDCWD, path, place)) note_unknown(call, place);
}

FILE *fopen(const char *path, const char *mode) {
    FILE *(*call)(const char *, const char *) = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, "fopen");
    if (strpbrk(mode, "wa+")) refuse("fopen", path);
    return call(path, mode);
}
FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }
int truncate(const char *path, off_t at) { return refuse("truncate", path), (int)syscall(SYS_truncate, path, at); }
int truncate64(const char *path, off64_t length) { return truncate(path, length); }
int symlinkat(const char *target, int at, const char *path) {
    return refuse("symlink", path), (int)syscall(SYS_symlinkat, target, at, path);
}
int symlink(const char *target, const char *path) { return symlinkat(target, AT_FDCWD, path); }

void *mmap(void *at, size_t length, int rights, int flags, int fd, off_t offset) {
    struct stat facts;
    char place[PATH_MAX] = "";
    // SQLite's shared index of a log is made anew after a cut, whatever stands in it.
    if (fd >= 0 && flags & MAP_SHARED && rights & PROT_WRITE && is_ours(fd, &facts) &&
        place_of_descriptor(fd, place) && !strstr(place, "-shm")) {
        note_unknown("mmap", place);
    }
    return (void *)syscall(SYS_mmap, at, length, rights, flags, fd, offset);
}
void *mmap64(void *at, size_t length, int rights, int flags, int fd, off64_t offset) {
    return mmap(at, length, rights, flags, fd, offset);
}
