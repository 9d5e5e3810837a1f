#include "fault_disk.h"
#include <sqlite3.h>
#include <string.h>

// The files of SQLite's main database, its log and its journal, in the memory of a disk. Locks are no matter: a disk
// has one connection. There is no shared memory, which a connection in exclusive mode does without.

typedef struct {
    sqlite3_file base;
    int disk, file;
} open_file;

static sqlite3_vfs *real;

static fv_disk *disk_of(sqlite3_file *handle) { return &fv_disks[((open_file *)handle)->disk]; }
static fv_file *file_of(sqlite3_file *handle) { return &disk_of(handle)->files[((open_file *)handle)->file]; }

static int close_file(sqlite3_file *handle) { return (void)handle, SQLITE_OK; }

static int read_file(sqlite3_file *handle, void *into, int count, sqlite3_int64 offset) {
    int code = fv_counted(disk_of(handle), FV_READ);
    if (code) return code;
    const fv_file *file = file_of(handle);
    size_t begin = (size_t)offset, there = begin < file->size ? file->size - begin : 0;
    if (there > (size_t)count) there = (size_t)count;
    if (there) memcpy(into, file->bytes + begin, there);
    if (there == (size_t)count) return SQLITE_OK;
    memset((char *)into + there, 0, (size_t)count - there);
    return SQLITE_IOERR_SHORT_READ;
}

static int put(sqlite3_file *handle, const void *bytes, size_t count, sqlite3_int64 offset) {
    bool done = fv_write(file_of(handle), (size_t)offset, bytes, count) &&
                fv_record(disk_of(handle), FV_DO_WRITE, ((open_file *)handle)->file, (size_t)offset, bytes, count);
    return done ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int write_file(sqlite3_file *handle, const void *bytes, int count, sqlite3_int64 offset) {
    int code = fv_counted(disk_of(handle), FV_WRITE);
    if (code) return code;
    code = fv_counted(disk_of(handle), FV_SHORT_WRITE);
    int written = put(handle, bytes, code ? (size_t)count / 2 : (size_t)count, offset);
    return code ? code : written;
}

static int truncate_file(sqlite3_file *handle, sqlite3_int64 size) {
    int code = fv_counted(disk_of(handle), FV_TRUNCATE);
    if (code) return code;
    bool done = fv_resize(file_of(handle), (size_t)size) &&
                fv_record(disk_of(handle), FV_DO_TRUNCATE, ((open_file *)handle)->file, (size_t)size, NULL, 0);
    return done ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int sync_file(sqlite3_file *handle, int flags) {
    (void)flags;
    fv_disk *disk = disk_of(handle);
    int number = ((open_file *)handle)->file;
    int code = fv_counted(disk, FV_SYNC);
    if (code) return code;
    code = fv_counted(disk, FV_LOST_SYNC);
    if (code) return fv_record(disk, FV_DO_LOSE, number, 0, NULL, 0) ? code : SQLITE_IOERR_NOMEM;
    if (disk->lies) return SQLITE_OK;
    bool done = fv_record(disk, FV_DO_SYNC, number, 0, NULL, 0);
    if (done && file_of(handle)->names_directory) {
        done = fv_record(disk, FV_DO_SYNC_NAMES, number, 0, NULL, 0);
        file_of(handle)->names_directory = !done;
    }
    return done ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int size_of_file(sqlite3_file *handle, sqlite3_int64 *size) {
    *size = (sqlite3_int64)file_of(handle)->size;
    return SQLITE_OK;
}

static int lock_file(sqlite3_file *handle, int level) { return (void)handle, (void)level, SQLITE_OK; }

static int is_reserved(sqlite3_file *handle, int *answer) {
    (void)handle;
    *answer = 0;
    return SQLITE_OK;
}

static int control_file(sqlite3_file *handle, int verb, void *argument) {
    (void)handle, (void)verb, (void)argument;
    return SQLITE_NOTFOUND;
}

// As the system's VFS says it.
static int sector_size(sqlite3_file *handle) { return (void)handle, 4096; }
static int characteristics(sqlite3_file *handle) { return (void)handle, SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = lock_file,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
};

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int open_path(sqlite3_vfs *vfs, const char *path, sqlite3_file *handle, int flags, int *given) {
    (void)vfs;
    int disk = fv_disk_of(path);
    if (disk < 0) return real->xOpen(real, path, handle, flags, given);
    open_file *opened = (open_file *)handle;
    *opened = (open_file){.disk = disk, .file = -1};
    int code = fv_counted(&fv_disks[disk], FV_OPEN);
    if (code) return code;
    opened->file = fv_file_of(disk, last_part(path));
    if (opened->file < 0) return SQLITE_CANTOPEN;
    fv_file *file = file_of(handle);
    if (!file->exists && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    if (!file->exists) {
        if (!fv_resize(file, 0)) return SQLITE_NOMEM;
        file->names_directory = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
    }
    opened->base.pMethods = &methods;
    if (given) *given = flags;
    return SQLITE_OK;
}

static int delete_path(sqlite3_vfs *vfs, const char *path, int syncs) {
    (void)vfs;
    int place = fv_disk_of(path);
    if (place < 0) return real->xDelete(real, path, syncs);
    fv_disk *disk = &fv_disks[place];
    int number = fv_file_of(place, last_part(path));
    if (number < 0 || !disk->files[number].exists) return SQLITE_IOERR_DELETE_NOENT;
    int code = fv_counted(disk, FV_DELETE);
    if (code) return code;
    disk->files[number].size = 0;
    disk->files[number].exists = false;
    bool done = fv_record(disk, FV_DO_DELETE, number, 0, NULL, 0) &&
                (!syncs || disk->lies || fv_record(disk, FV_DO_SYNC_NAMES, number, 0, NULL, 0));
    return done ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int access_path(sqlite3_vfs *vfs, const char *path, int flags, int *answer) {
    (void)vfs;
    int disk = fv_disk_of(path);
    if (disk < 0) return real->xAccess(real, path, flags, answer);
    int number = fv_file_of(disk, last_part(path));
    *answer = number >= 0 && fv_disks[disk].files[number].exists;
    return SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *path, int count, char *into) {
    (void)vfs;
    if (fv_disk_of(path) < 0) return real->xFullPathname(real, path, count, into);
    sqlite3_snprintf(count, into, "%s", path);
    return SQLITE_OK;
}

int fv_register(void) {
    static sqlite3_vfs own;
    real = sqlite3_vfs_find(NULL);
    if (!real) return SQLITE_ERROR;
    own = *real;
    own.pNext = NULL;
    own.zName = "edged-fault";
    if (own.szOsFile < (int)sizeof(open_file)) own.szOsFile = (int)sizeof(open_file);
    own.xOpen = open_path;
    own.xDelete = delete_path;
    own.xAccess = access_path;
    own.xFullPathname = full_path;
    return sqlite3_vfs_register(&own, 1);
}
