#include "fault_disk.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

fv_disk fv_disks[FV_DISKS];
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;

int fv_make(const char *directory, bool records) {
    int place = -1;
    pthread_mutex_lock(&registry);
    for (int i = 0; i < FV_DISKS && place < 0; i++) {
        if (fv_disks[i].used) continue;
        char *copy = strdup(directory);
        if (!copy) break;
        fv_disks[i] = (fv_disk){.used = true, .records = records, .directory = copy};
        place = i;
    }
    pthread_mutex_unlock(&registry);
    return place;
}

void fv_drop(int place) {
    pthread_mutex_lock(&registry);
    fv_disk *disk = &fv_disks[place];
    for (int i = 0; i < FV_FILES; i++) {
        free(disk->files[i].name);
        free(disk->files[i].bytes);
    }
    for (size_t i = 0; i < disk->count; i++) free(disk->log[i].bytes);
    free(disk->log);
    free(disk->directory);
    *disk = (fv_disk){0};
    pthread_mutex_unlock(&registry);
}

int fv_disk_of(const char *path) {
    int found = -1;
    pthread_mutex_lock(&registry);
    for (int i = 0; i < FV_DISKS && found < 0 && path; i++) {
        if (!fv_disks[i].used) continue;
        size_t length = strlen(fv_disks[i].directory);
        if (strncmp(path, fv_disks[i].directory, length) == 0 && path[length] == '/') found = i;
    }
    pthread_mutex_unlock(&registry);
    return found;
}

int fv_file_of(int place, const char *name) {
    fv_file *files = fv_disks[place].files;
    for (int i = 0; i < FV_FILES; i++) {
        if (files[i].name && strcmp(files[i].name, name) == 0) return i;
        if (files[i].name) continue;
        files[i].name = strdup(name);
        return files[i].name ? i : -1;
    }
    return -1;
}

size_t fv_operations(int disk) { return fv_disks[disk].count; }
size_t fv_calls(int disk, fv_kind kind) { return fv_disks[disk].calls[kind]; }
bool fv_failed(int disk) { return fv_disks[disk].failed; }
void fv_lie(int disk) { fv_disks[disk].lies = true; }

void fv_fail(int place, fv_kind kind, size_t nth, int code) {
    fv_disk *disk = &fv_disks[place];
    disk->fails = kind;
    disk->fails_in = nth;
    disk->code = code;
    disk->failed = false;
}

int fv_counted(fv_disk *disk, fv_kind kind) {
    disk->calls[kind]++;
    if (disk->fails != kind || disk->fails_in == 0 || --disk->fails_in > 0) return 0;
    disk->failed = true;
    return disk->code;
}

bool fv_resize(fv_file *file, size_t size) {
    if (size > file->capacity) {
        size_t capacity = size + size / 2 + 4096;
        uint8_t *bytes = realloc(file->bytes, capacity);
        if (!bytes) return false;
        file->bytes = bytes;
        file->capacity = capacity;
    }
    if (size > file->size) memset(file->bytes + file->size, 0, size - file->size);
    file->size = size;
    file->exists = true;
    return true;
}

bool fv_write(fv_file *file, size_t offset, const uint8_t *bytes, size_t length) {
    size_t end = offset + length;
    if (!fv_resize(file, end > file->size ? end : file->size)) return false;
    memcpy(file->bytes + offset, bytes, length);
    return true;
}

bool fv_copy(fv_file *to, const fv_file *from) {
    to->size = 0;
    if (!fv_resize(to, from->size)) return false;
    if (from->size) memcpy(to->bytes, from->bytes, from->size);
    to->exists = from->exists;
    return true;
}

bool fv_record(fv_disk *disk, fv_deed deed, int file, size_t offset, const uint8_t *bytes, size_t length) {
    if (!disk->records) return true;
    if (disk->count == disk->capacity) {
        size_t capacity = disk->capacity * 2 + 1024;
        fv_operation *log = realloc(disk->log, capacity * sizeof *log);
        if (!log) return false;
        disk->log = log;
        disk->capacity = capacity;
    }
    uint8_t *copy = NULL;
    if (bytes) {
        copy = malloc(length + 1);
        if (!copy) return false;
        memcpy(copy, bytes, length);
    }
    disk->log[disk->count++] = (fv_operation){deed, file, offset, length, copy};
    return true;
}

uint64_t fv_mix(uint64_t state, const void *bytes, size_t count) {
    const uint64_t multiplier = 0x9E3779B97F4A7C15u;
    const uint8_t *from = bytes;
    state ^= count * multiplier;
    for (; count > 0; from += 8) {
        uint64_t word = 0;
        size_t part = count < 8 ? count : 8;
        memcpy(&word, from, part);
        state = (state ^ word) * multiplier;
        state ^= state >> 29;
        count -= part;
    }
    return state;
}
