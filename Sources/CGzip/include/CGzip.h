#pragma once

#include <stddef.h>
#include <stdint.h>

/// The most bytes that `edged_gzip` can make of `count` bytes.
size_t edged_gzip_bound(size_t count);

/// Compresses into one gzip member (RFC 1952) without a name and a time, so that the same bytes give the same member.
///
/// Returns the length, or -1 when `capacity` is too small or there is no memory.
ptrdiff_t edged_gzip(const uint8_t *source, size_t count, uint8_t *target, size_t capacity);

enum {
    EDGED_GUNZIP_DAMAGED = -1,
    EDGED_GUNZIP_TOO_LARGE = -2,
    EDGED_GUNZIP_NO_MEMORY = -3,
};

/// Opens all gzip members of `source` into at most `capacity` bytes; checks their sums and that nothing follows them.
///
/// Returns the length, or one of the codes above.
ptrdiff_t edged_gunzip(const uint8_t *source, size_t count, uint8_t *target, size_t capacity);
