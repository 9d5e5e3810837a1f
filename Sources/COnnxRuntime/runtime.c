#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ort_table.h"

void cort_say(char *error, size_t error_size, const char *text) {
    if (error && error_size) snprintf(error, error_size, "%s", text);
}

int cort_failed(const cort_runtime *runtime, ort_status *status, char *error, size_t error_size) {
    if (!status) return 0;
    int code = runtime->table.get_error_code(status);
    const char *message = runtime->table.get_error_message(status);
    cort_say(error, error_size, message && *message ? message : "the runtime gave no message");
    runtime->table.release_status(status);
    return code ? code : 1;
}

// Copies the slots that are used into members with their types; a hole in the table is refused.
static int fill_table(ort_table *table, const void *const *slots) {
#define ORT_TAKE(slot, result, name, arguments)                                                                        \
    if (!slots[slot]) return -1;                                                                                       \
    memcpy(&table->name, &slots[slot], sizeof table->name);
    ORT_SLOTS(ORT_TAKE)
#undef ORT_TAKE
    return 0;
}

cort_runtime *cort_runtime_open(const char *path, char *error, size_t error_size) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) return cort_say(error, error_size, dlerror()), NULL;
    const ort_api_base *(*get_base)(void) = NULL;
    void *symbol = dlsym(library, "OrtGetApiBase");
    memcpy(&get_base, &symbol, sizeof get_base);
    const ort_api_base *base = get_base ? get_base() : NULL;
    if (!base) return cort_say(error, error_size, "the library is not ONNX Runtime"), NULL;
    const void *const *slots = base->get_api(ORT_API_VERSION);
    cort_runtime *runtime = slots ? calloc(1, sizeof *runtime) : NULL;
    if (!runtime || fill_table(&runtime->table, slots)) {
        cort_say(error, error_size, "the library does not offer the needed version of its interface");
        return free(runtime), NULL;
    }
    runtime->base = base;
    // Errors come back as statuses; only what would end the process may be printed.
    ort_status *status = runtime->table.create_env(ORT_LOG_FATAL, "edged", &runtime->env);
    if (cort_failed(runtime, status, error, error_size)) return cort_runtime_close(runtime), NULL;
    status = runtime->table.create_cpu_memory(ORT_ALLOCATOR_DEVICE, ORT_MEMORY_DEFAULT, &runtime->memory);
    if (cort_failed(runtime, status, error, error_size)) return cort_runtime_close(runtime), NULL;
    return runtime;
}

const char *cort_runtime_version(const cort_runtime *runtime) { return runtime->base->get_version(); }

void cort_runtime_close(cort_runtime *runtime) {
    if (!runtime) return;
    if (runtime->memory) runtime->table.release_memory(runtime->memory);
    if (runtime->env) runtime->table.release_env(runtime->env);
    free(runtime);
}
