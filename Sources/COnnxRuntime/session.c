#include <stdlib.h>
#include <string.h>

#include "ort_table.h"

ort_options *cort_make_options(
    const cort_runtime *runtime, const cort_options *wanted, char *error, size_t error_size) {
    const ort_table *ort = &runtime->table;
    ort_options *options = NULL;
    if (cort_failed(runtime, ort->create_options(&options), error, error_size)) return NULL;
    int failed = cort_failed(runtime, ort->set_intra_threads(options, wanted->intra_op_threads), error, error_size)
        || cort_failed(runtime, ort->set_inter_threads(options, 1), error, error_size)
        || cort_failed(runtime, ort->set_optimization(options, wanted->optimization_level), error, error_size)
        // An idle thread that spins burns a core of a small device.
        || cort_failed(runtime, ort->add_config(options, "session.intra_op.allow_spinning", "0"), error, error_size)
        // Weights outside the arena: an arena rounds up and never gives back.
        || cort_failed(
               runtime, ort->add_config(options, "session.use_device_allocator_for_initializers", "1"), error,
               error_size)
        // Patterns are kept per input shape; the detector sees several.
        || cort_failed(runtime, ort->disable_memory_pattern(options), error, error_size)
        || (!wanted->use_arena && cort_failed(runtime, ort->disable_arena(options), error, error_size));
    if (!failed) return options;
    ort->release_options(options);
    return NULL;
}

static int describe(
    const cort_runtime *runtime, const ort_type_info *type, cort_port *port, char *error, size_t error_size) {
    const ort_table *ort = &runtime->table;
    const ort_tensor_info *info = NULL;
    if (cort_failed(runtime, ort->cast_to_tensor_info(type, &info), error, error_size)) return -1;
    if (!info) return cort_say(error, error_size, "an input or output is not a tensor"), -1;
    if (cort_failed(runtime, ort->get_element_type(info, &port->element_type), error, error_size)) return -1;
    if (cort_failed(runtime, ort->get_rank(info, &port->rank), error, error_size)) return -1;
    if (port->rank > CORT_MAX_RANK) return cort_say(error, error_size, "a tensor has too many dimensions"), -1;
    return cort_failed(runtime, ort->get_shape(info, port->shape, port->rank), error, error_size);
}

typedef ort_status *(*name_getter)(const ort_session *, size_t, ort_allocator *, char **);
typedef ort_status *(*type_getter)(const ort_session *, size_t, ort_type_info **);

static int read_port(
    cort_session *session, size_t index, name_getter get_name, type_getter get_type, cort_port *port, char *error,
    size_t error_size) {
    const cort_runtime *runtime = session->runtime;
    const ort_table *ort = &runtime->table;
    ort_allocator *allocator = NULL;
    ort_type_info *type = NULL;
    char *name = NULL;
    if (cort_failed(runtime, ort->get_default_allocator(&allocator), error, error_size)) return -1;
    if (cort_failed(runtime, get_name(session->handle, index, allocator, &name), error, error_size)) return -1;
    port->name = strdup(name);
    // A name belongs to the runtime's allocator; ours lives as long as the session.
    if (cort_failed(runtime, ort->allocator_free(allocator, name), error, error_size) || !port->name) return -1;
    if (cort_failed(runtime, get_type(session->handle, index, &type), error, error_size)) return -1;
    int failed = describe(runtime, type, port, error, error_size);
    ort->release_type_info(type);
    return failed;
}

static int read_ports(cort_session *session, char *error, size_t error_size) {
    const cort_runtime *runtime = session->runtime;
    const ort_table *ort = &runtime->table;
    size_t inputs = 0, outputs = 0;
    if (cort_failed(runtime, ort->get_input_count(session->handle, &inputs), error, error_size)) return -1;
    if (cort_failed(runtime, ort->get_output_count(session->handle, &outputs), error, error_size)) return -1;
    if (inputs > CORT_MAX_PORTS || outputs > CORT_MAX_PORTS)
        return cort_say(error, error_size, "the model has too many inputs or outputs"), -1;
    session->input_count = inputs;
    session->output_count = outputs;
    for (size_t i = 0; i < inputs; i++)
        if (read_port(session, i, ort->get_input_name, ort->get_input_type, &session->inputs[i], error, error_size))
            return -1;
    for (size_t i = 0; i < outputs; i++)
        if (read_port(session, i, ort->get_output_name, ort->get_output_type, &session->outputs[i], error, error_size))
            return -1;
    return 0;
}

cort_session *cort_session_create(
    cort_runtime *runtime, const void *model, size_t model_size, const cort_options *wanted, char *error,
    size_t error_size) {
    cort_session *session = calloc(1, sizeof *session);
    if (!session) return cort_say(error, error_size, "out of memory"), NULL;
    session->runtime = runtime;
    ort_options *options = cort_make_options(runtime, wanted, error, error_size);
    if (!options) return free(session), NULL;
    ort_status *status = runtime->table.create_session(runtime->env, model, model_size, options, &session->handle);
    int failed = cort_failed(runtime, status, error, error_size);
    runtime->table.release_options(options);
    if (failed || read_ports(session, error, error_size)) return cort_session_close(session), NULL;
    return session;
}

void cort_session_close(cort_session *session) {
    if (!session) return;
    for (size_t i = 0; i < CORT_MAX_PORTS; i++) {
        free(session->inputs[i].name);
        free(session->outputs[i].name);
    }
    if (session->handle) session->runtime->table.release_session(session->handle);
    free(session);
}

size_t cort_session_input_count(const cort_session *session) { return session->input_count; }
size_t cort_session_output_count(const cort_session *session) { return session->output_count; }
const cort_port *cort_session_input(const cort_session *session, size_t index) { return &session->inputs[index]; }
const cort_port *cort_session_output(const cort_session *session, size_t index) { return &session->outputs[index]; }

static ort_value *wrap(const cort_runtime *runtime, const cort_tensor *tensor, char *error, size_t error_size) {
    size_t bytes = sizeof(float);
    for (size_t i = 0; i < tensor->rank; i++) bytes *= (size_t)tensor->shape[i];
    ort_value *value = NULL;
    ort_status *status = runtime->table.create_tensor(
        runtime->memory, tensor->data, bytes, tensor->shape, tensor->rank, ORT_ELEMENT_FLOAT, &value);
    return cort_failed(runtime, status, error, error_size) ? NULL : value;
}

int cort_session_run(
    const cort_session *session, const cort_tensor *inputs, size_t input_count, cort_tensor *outputs,
    size_t output_count, char *error, size_t error_size) {
    const cort_runtime *runtime = session->runtime;
    ort_value *values[2 * CORT_MAX_PORTS] = {0};
    ort_value **in = values, **out = values + CORT_MAX_PORTS;
    const char *in_names[CORT_MAX_PORTS], *out_names[CORT_MAX_PORTS];
    int failed = input_count != session->input_count || output_count != session->output_count;
    if (failed) cort_say(error, error_size, "the model has another number of inputs or outputs");
    for (size_t i = 0; !failed && i < input_count; i++) {
        in_names[i] = session->inputs[i].name;
        failed = !(in[i] = wrap(runtime, &inputs[i], error, error_size));
    }
    for (size_t i = 0; !failed && i < output_count; i++) {
        out_names[i] = session->outputs[i].name;
        failed = !(out[i] = wrap(runtime, &outputs[i], error, error_size));
    }
    if (!failed)
        failed = cort_failed(
            runtime,
            runtime->table.run(
                session->handle, NULL, in_names, (const ort_value *const *)in, input_count, out_names, output_count,
                out),
            error, error_size);
    for (size_t i = 0; i < 2 * CORT_MAX_PORTS; i++)
        if (values[i]) runtime->table.release_value(values[i]);
    return failed;
}
