// The part of the runtime's function table that is used, with the types of its C ABI.
#pragma once
#include "COnnxRuntime.h"

typedef struct ort_status ort_status;
typedef struct ort_env ort_env;
typedef struct ort_session ort_session;
typedef struct ort_options ort_options;
typedef struct ort_value ort_value;
typedef struct ort_memory ort_memory;
typedef struct ort_allocator ort_allocator;
typedef struct ort_type_info ort_type_info;
typedef struct ort_tensor_info ort_tensor_info;
typedef struct ort_run_options ort_run_options;

typedef struct ort_api_base {
    const void *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
} ort_api_base;

enum {
    ORT_LOG_FATAL = 4,
    ORT_ELEMENT_FLOAT = 1,
    ORT_ALLOCATOR_DEVICE = 0,
    ORT_MEMORY_DEFAULT = 0,
    ORT_INVALID_ARGUMENT = 2,
    ORT_INVALID_PROTOBUF = 7,
    // Offered by 1.16 and everything since; every slot below existed by then.
    ORT_API_VERSION = 16,
};

// X(slot, result, name, arguments)
#define ORT_SLOTS(X)                                                                                                   \
    X(1, int, get_error_code, (const ort_status *))                                                                    \
    X(2, const char *, get_error_message, (const ort_status *))                                                        \
    X(3, ort_status *, create_env, (int severity, const char *id, ort_env **))                                         \
    X(8, ort_status *, create_session, (const ort_env *, const void *, size_t, const ort_options *, ort_session **))   \
    X(9, ort_status *, run,                                                                                            \
      (ort_session *, const ort_run_options *, const char *const *, const ort_value *const *, size_t,                  \
       const char *const *, size_t, ort_value **))                                                                     \
    X(10, ort_status *, create_options, (ort_options **))                                                              \
    X(17, ort_status *, disable_memory_pattern, (ort_options *))                                                       \
    X(19, ort_status *, disable_arena, (ort_options *))                                                                \
    X(23, ort_status *, set_optimization, (ort_options *, int))                                                        \
    X(24, ort_status *, set_intra_threads, (ort_options *, int))                                                       \
    X(25, ort_status *, set_inter_threads, (ort_options *, int))                                                       \
    X(30, ort_status *, get_input_count, (const ort_session *, size_t *))                                              \
    X(31, ort_status *, get_output_count, (const ort_session *, size_t *))                                             \
    X(33, ort_status *, get_input_type, (const ort_session *, size_t, ort_type_info **))                               \
    X(34, ort_status *, get_output_type, (const ort_session *, size_t, ort_type_info **))                              \
    X(36, ort_status *, get_input_name, (const ort_session *, size_t, ort_allocator *, char **))                       \
    X(37, ort_status *, get_output_name, (const ort_session *, size_t, ort_allocator *, char **))                      \
    X(49, ort_status *, create_tensor,                                                                                 \
      (const ort_memory *, void *, size_t, const int64_t *, size_t, int, ort_value **))                                \
    X(55, ort_status *, cast_to_tensor_info, (const ort_type_info *, const ort_tensor_info **))                        \
    X(60, ort_status *, get_element_type, (const ort_tensor_info *, int *))                                            \
    X(61, ort_status *, get_rank, (const ort_tensor_info *, size_t *))                                                 \
    X(62, ort_status *, get_shape, (const ort_tensor_info *, int64_t *, size_t))                                       \
    X(64, ort_status *, get_element_count, (const ort_tensor_info *, size_t *))                                        \
    X(65, ort_status *, get_value_info, (const ort_value *, ort_tensor_info **))                                       \
    X(69, ort_status *, create_cpu_memory, (int, int, ort_memory **))                                                  \
    X(76, ort_status *, allocator_free, (ort_allocator *, void *))                                                     \
    X(78, ort_status *, get_default_allocator, (ort_allocator **))                                                     \
    X(92, void, release_env, (ort_env *))                                                                              \
    X(93, void, release_status, (ort_status *))                                                                        \
    X(94, void, release_memory, (ort_memory *))                                                                        \
    X(95, void, release_session, (ort_session *))                                                                      \
    X(96, void, release_value, (ort_value *))                                                                          \
    X(98, void, release_type_info, (ort_type_info *))                                                                  \
    X(99, void, release_tensor_info, (ort_tensor_info *))                                                              \
    X(100, void, release_options, (ort_options *))                                                                     \
    X(130, ort_status *, add_config, (ort_options *, const char *, const char *))

typedef struct ort_table {
#define ORT_MEMBER(slot, result, name, arguments) result(*name) arguments;
    ORT_SLOTS(ORT_MEMBER)
#undef ORT_MEMBER
} ort_table;

struct cort_runtime {
    const ort_api_base *base;
    ort_table table;
    ort_env *env;
    ort_memory *memory;
};

struct cort_session {
    cort_runtime *runtime;
    ort_session *handle;
    size_t input_count, output_count;
    cort_port inputs[CORT_MAX_PORTS], outputs[CORT_MAX_PORTS];
};

/// Puts a status' message into `error` and releases it; 0 when there was no failure, else its code, never 0.
int cort_failed(const cort_runtime *runtime, ort_status *status, char *error, size_t error_size);
/// Makes session options; `NULL` and a message on failure.
ort_options *cort_make_options(
    const cort_runtime *runtime, const cort_options *options, char *error, size_t error_size);
void cort_say(char *error, size_t error_size, const char *text);
