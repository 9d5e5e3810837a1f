#pragma once
#include <stddef.h>
#include <stdint.h>

/// The most bytes that `length` bytes become.
size_t edged_gzip_bound(size_t length);

/// Compresses `input` into `output` as one gzip member; the length of it, or 0 when it does not fit.
size_t edged_gzip(const uint8_t *input, size_t length, uint8_t *output, size_t capacity);

/// Opens one gzip member; the length of what was in it, -1 for what is none, -2 for what is longer than `capacity`.
///
/// Bytes behind the member make it none.
int64_t edged_gunzip(const uint8_t *input, size_t length, uint8_t *output, size_t capacity);
