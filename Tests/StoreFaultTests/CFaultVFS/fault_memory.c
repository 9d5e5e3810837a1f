#define _GNU_SOURCE
#include "fault_vfs.h"
#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

// SQLite's own allocator, of which one call can be told to find no memory.

static sqlite3_mem_methods real;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t fails_at, calls, failed_at, passed_over;

/// Whether SQLite was asked to take a parameter, or a function as a connection is made: GRDB ends the process where these find
/// no memory.
static bool is_fatal_to_grdb(void) {
    void *frames[32];
    int count = backtrace(frames, 32);
    bool copies = false;
    for (int i = 0; i < count; i++) {
        Dl_info info;
        if (!dladdr(frames[i], &info) || !info.dli_sname) continue;
        if (strcmp(info.dli_sname, "sqlite3VdbeMemSetStr") == 0) copies = true;
        if (strcmp(info.dli_sname, "sqlite3_create_function_v2") == 0) return true;
        if (strcmp(info.dli_sname, "sqlite3_create_collation_v2") == 0) return true;
        // A value that a statement makes while it runs.
        if (strcmp(info.dli_sname, "sqlite3VdbeExec") == 0 || strcmp(info.dli_sname, "sqlite3_step") == 0) return false;
    }
    return copies;
}

/// Whether this call is the one.
static bool spent(void) {
    bool fails = false;
    pthread_mutex_lock(&lock);
    calls++;
    if (fails_at && calls >= fails_at) {
        fails = !is_fatal_to_grdb();
        if (fails) {
            fails_at = 0;
            failed_at = calls;
        } else {
            passed_over++;
        }
    }
    pthread_mutex_unlock(&lock);
    return fails;
}

static void *allocate(int size) { return spent() ? NULL : real.xMalloc(size); }
static void *reallocate(void *block, int size) { return spent() ? NULL : real.xRealloc(block, size); }

int fv_memory_install(void) {
    int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    if (code) return code;
    sqlite3_mem_methods own = real;
    own.xMalloc = allocate;
    own.xRealloc = reallocate;
    code = sqlite3_config(SQLITE_CONFIG_MALLOC, &own);
    // Without its small reserve every allocation comes here.
    return code ? code : sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}

void fv_memory_fail(size_t nth) {
    pthread_mutex_lock(&lock);
    calls = failed_at = 0;
    fails_at = nth;
    pthread_mutex_unlock(&lock);
}

size_t fv_memory_failed(void) {
    pthread_mutex_lock(&lock);
    size_t at = failed_at;
    pthread_mutex_unlock(&lock);
    return at;
}

size_t fv_memory_passed_over(void) { return __atomic_load_n(&passed_over, __ATOMIC_RELAXED); }
