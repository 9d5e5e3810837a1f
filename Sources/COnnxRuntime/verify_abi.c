#include <stdlib.h>
#include <string.h>

#include "ort_table.h"

// An ONNX file made by hand: y = x + x, both 2×3 floats.
static const uint8_t tiny_model[] = {
    0x08, 0x08,                                                              // ir_version 8
    0x3a, 0x3d,                                                              // graph, 61 bytes
    0x0a, 0x0e, 0x0a, 0x01, 'x', 0x0a, 0x01, 'x', 0x12, 0x01, 'y', 0x22, 0x03, 'A', 'd', 'd',
    0x12, 0x01, 'g',                                                         // the graph's name
    0x5a, 0x13, 0x0a, 0x01, 'x', 0x12, 0x0e, 0x0a, 0x0c, 0x08, 0x01, 0x12, 0x08, 0x0a, 0x02, 0x08, 0x02, 0x0a, 0x02,
    0x08, 0x03,                                                              // input x
    0x62, 0x13, 0x0a, 0x01, 'y', 0x12, 0x0e, 0x0a, 0x0c, 0x08, 0x01, 0x12, 0x08, 0x0a, 0x02, 0x08, 0x02, 0x0a, 0x02,
    0x08, 0x03,                                                              // output y
    0x42, 0x02, 0x10, 0x0d,                                                  // operator set 13
};

static int wrong(char *error, size_t error_size, const char *what) { return cort_say(error, error_size, what), -1; }

static int is_port(const cort_port *port, const char *name) {
    return port->name && strcmp(port->name, name) == 0 && port->element_type == ORT_ELEMENT_FLOAT && port->rank == 2
        && port->shape[0] == 2 && port->shape[1] == 3;
}

static int verify_options(cort_runtime *runtime, char *error, size_t error_size) {
    const ort_table *ort = &runtime->table;
    const cort_options wanted = {.intra_op_threads = 1, .optimization_level = 99, .use_arena = 0};
    ort_options *options = cort_make_options(runtime, &wanted, error, error_size);
    if (!options) return -1;
    // Values that the right function refuses: a shifted slot would take them.
    char message[256] = "";
    int level = cort_failed(runtime, ort->set_optimization(options, 12345), message, sizeof message);
    int key = cort_failed(runtime, ort->add_config(options, "", "1"), message, sizeof message);
    ort->release_options(options);
    if (level != ORT_INVALID_ARGUMENT) return wrong(error, error_size, "the optimisation level is not checked");
    if (!key || !*message) return wrong(error, error_size, "an empty configuration key is not refused");
    return 0;
}

static int verify_value(cort_runtime *runtime, char *error, size_t error_size) {
    const ort_table *ort = &runtime->table;
    float memory[6] = {0};
    const int64_t shape[2] = {3, 2};
    ort_value *value = NULL;
    ort_tensor_info *info = NULL;
    size_t count = 0, rank = 0;
    int64_t read[2] = {0};
    ort_status *status = ort->create_tensor(runtime->memory, memory, sizeof memory, shape, 2, ORT_ELEMENT_FLOAT, &value);
    if (cort_failed(runtime, status, error, error_size)) return -1;
    int failed = cort_failed(runtime, ort->get_value_info(value, &info), error, error_size)
        || cort_failed(runtime, ort->get_element_count(info, &count), error, error_size)
        || cort_failed(runtime, ort->get_rank(info, &rank), error, error_size)
        || (rank == 2 && cort_failed(runtime, ort->get_shape(info, read, 2), error, error_size));
    if (info) ort->release_tensor_info(info);
    ort->release_value(value);
    if (failed) return -1;
    if (count != 6 || rank != 2 || read[0] != 3 || read[1] != 2)
        return wrong(error, error_size, "a tensor does not have the shape it was made with");
    return 0;
}

static int verify_run(const cort_session *session, char *error, size_t error_size) {
    float x[6] = {1, 2, 3, -4, 0.5f, 1e6f}, y[6] = {0};
    cort_tensor in = {.data = x, .rank = 2, .shape = {2, 3}}, out = {.data = y, .rank = 2, .shape = {2, 3}};
    if (cort_session_run(session, &in, 1, &out, 1, error, error_size)) return -1;
    for (int i = 0; i < 6; i++)
        if (y[i] != 2 * x[i]) return wrong(error, error_size, "the tiny model computes wrong numbers");
    char message[256] = "";
    in.shape[0] = 3, in.shape[1] = 2;
    if (cort_session_run(session, &in, 1, &out, 1, message, sizeof message) != ORT_INVALID_ARGUMENT || !*message)
        return wrong(error, error_size, "a wrong shape is not refused with a message");
    return 0;
}

int cort_verify_abi(cort_runtime *runtime, char *error, size_t error_size) {
    const cort_options options = {.intra_op_threads = 1, .optimization_level = 99, .use_arena = 0};
    if (verify_options(runtime, error, error_size) || verify_value(runtime, error, error_size)) return -1;
    char message[256] = "";
    cort_session *session = cort_session_create(runtime, "not a model", 11, &options, message, sizeof message);
    if (session || !*message)
        return cort_session_close(session), wrong(error, error_size, "bytes that are no model are not refused");
    session = cort_session_create(runtime, tiny_model, sizeof tiny_model, &options, error, error_size);
    if (!session) return -1;
    int failed = 0;
    if (session->input_count != 1 || session->output_count != 1 || !is_port(&session->inputs[0], "x")
        || !is_port(&session->outputs[0], "y"))
        failed = wrong(error, error_size, "the tiny model's input and output are described wrongly");
    if (!failed) failed = verify_run(session, error, error_size);
    cort_session_close(session);
    return failed;
}
