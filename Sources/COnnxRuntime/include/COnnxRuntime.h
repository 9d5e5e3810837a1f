// An own, minimal binding to the C ABI of ONNX Runtime.
//
// The runtime is opened at run time from a file that the caller has checked; neither its header nor its import library
// is needed to build. Its functions stand in a table that only ever grows, so a slot's number holds across versions.
// A wrong number would be undefined behaviour: `cort_verify_abi` exercises every slot that is used here.
//
// Every call that can fail takes a buffer for the message. Handles are opaque and belong to who opened them.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CORT_MAX_RANK = 6, CORT_MAX_PORTS = 16 };

/// An opened runtime. Must outlive its sessions.
typedef struct cort_runtime cort_runtime;
/// A loaded model. Any number of threads may run it at once.
typedef struct cort_session cort_session;

/// One input or output of a model.
typedef struct cort_port {
    char *name;
    /// ONNX element type; 1 is 32-bit float.
    int element_type;
    size_t rank;
    /// -1 where the model leaves the size open.
    int64_t shape[CORT_MAX_RANK];
} cort_port;

/// Memory of the caller seen as a tensor of floats.
typedef struct cort_tensor {
    float *data;
    size_t rank;
    int64_t shape[CORT_MAX_RANK];
} cort_tensor;

/// How a session is set up.
typedef struct cort_options {
    /// Threads inside one run; 1 means that the calling thread does all the work.
    int intra_op_threads;
    /// 0 none, 1 basic, 2 extended, 99 all.
    int optimization_level;
    /// Whether tensors inside a run come from an arena that keeps its memory.
    int use_arena;
} cort_options;

/// Opens the runtime's library; `NULL` and a message when it cannot be used.
cort_runtime *cort_runtime_open(const char *path, char *error, size_t error_size);
/// The runtime's own version text.
const char *cort_runtime_version(const cort_runtime *runtime);
/// Releases the runtime. The library itself stays mapped: it does not survive being unloaded.
void cort_runtime_close(cort_runtime *runtime);
/// Runs a tiny model made by hand through every slot of the table that is used here; 0 when all behave.
int cort_verify_abi(cort_runtime *runtime, char *error, size_t error_size);

/// Loads a model from memory; the bytes may go away afterwards.
cort_session *cort_session_create(
    cort_runtime *runtime, const void *model, size_t model_size, const cort_options *options, char *error,
    size_t error_size);
void cort_session_close(cort_session *session);
size_t cort_session_input_count(const cort_session *session);
size_t cort_session_output_count(const cort_session *session);
/// Valid as long as the session.
const cort_port *cort_session_input(const cort_session *session, size_t index);
const cort_port *cort_session_output(const cort_session *session, size_t index);

/// Runs the model on the caller's memory: `inputs` in the order of the session's inputs, results written into
/// `outputs` in the order of its outputs. A shape that does not fit is an error. Thread-safe.
int cort_session_run(
    const cort_session *session, const cort_tensor *inputs, size_t input_count, cort_tensor *outputs,
    size_t output_count, char *error, size_t error_size);

#ifdef __cplusplus
}
#endif
