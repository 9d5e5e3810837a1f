#pragma once
#include "fault_vfs.h"

enum { FV_DISKS = 64, FV_FILES = 6, FV_SECTOR = 512 };

typedef struct {
    char *name;
    uint8_t *bytes;
    size_t size, capacity;
    bool exists;
    /// A sync makes the directory durable too, since the file is new: SQLite does that for logs and journals.
    bool names_directory;
} fv_file;

typedef enum { FV_DO_WRITE, FV_DO_TRUNCATE, FV_DO_DELETE, FV_DO_SYNC, FV_DO_SYNC_NAMES, FV_DO_LOSE } fv_deed;

typedef struct {
    fv_deed deed;
    int file;
    size_t offset, length;
    uint8_t *bytes;
} fv_operation;

typedef struct {
    bool used, records, lies, failed;
    char *directory;
    fv_file files[FV_FILES];
    fv_operation *log;
    size_t count, capacity;
    size_t calls[FV_KINDS];
    fv_kind fails;
    size_t fails_in;
    int code;
} fv_disk;

extern fv_disk fv_disks[FV_DISKS];

/// The disk whose directory holds `path`, or -1.
int fv_disk_of(const char *path);
/// The file's place on the disk, made when it is new; -1 when there are too many.
int fv_file_of(int disk, const char *name);
/// 0, or the code that this call is to fail with.
int fv_counted(fv_disk *disk, fv_kind kind);

/// Each returns false when there is no memory.
bool fv_write(fv_file *file, size_t offset, const uint8_t *bytes, size_t length);
bool fv_resize(fv_file *file, size_t size);
bool fv_copy(fv_file *to, const fv_file *from);
bool fv_record(fv_disk *disk, fv_deed deed, int file, size_t offset, const uint8_t *bytes, size_t length);

uint64_t fv_mix(uint64_t state, const void *bytes, size_t count);
