#include "CGzip.h"

#include <limits.h>
#include <zlib.h>

// The largest window, with a gzip header and trailer instead of zlib's.
static const int gzip_window = 15 + 16;
// zlib's default for memory; level 4 costs half of the default's time for a few percent of size.
static const int memory_level = 8;
static const int level = 4;

size_t edged_gzip_bound(size_t count)
{
    // The header and trailer of gzip are twelve bytes longer than those that compressBound counts.
    return compressBound((uLong)count) + 32;
}

ptrdiff_t edged_gzip(const uint8_t *source, size_t count, uint8_t *target, size_t capacity)
{
    if (count > UINT_MAX || capacity > UINT_MAX) return -1;
    z_stream stream = {0};
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) return -1;
    stream.next_in = (z_const Bytef *)source;
    stream.avail_in = (uInt)count;
    stream.next_out = target;
    stream.avail_out = (uInt)capacity;
    int status = deflate(&stream, Z_FINISH);
    ptrdiff_t length = (ptrdiff_t)(capacity - stream.avail_out);
    deflateEnd(&stream);
    return status == Z_STREAM_END ? length : -1;
}

ptrdiff_t edged_gunzip(const uint8_t *source, size_t count, uint8_t *target, size_t capacity)
{
    if (count > UINT_MAX || capacity > UINT_MAX) return EDGED_GUNZIP_TOO_LARGE;
    z_stream stream = {0};
    if (inflateInit2(&stream, gzip_window) != Z_OK) return EDGED_GUNZIP_NO_MEMORY;
    stream.next_in = (z_const Bytef *)source;
    stream.avail_in = (uInt)count;
    stream.next_out = target;
    stream.avail_out = (uInt)capacity;
    ptrdiff_t result = EDGED_GUNZIP_DAMAGED;
    for (;;) {
        int status = inflate(&stream, Z_FINISH);
        if (status == Z_STREAM_END) {
            result = (ptrdiff_t)(capacity - stream.avail_out);
            if (stream.avail_in == 0) break;
            // Another member follows, as the format allows.
            result = EDGED_GUNZIP_DAMAGED;
            if (inflateReset(&stream) != Z_OK) break;
            continue;
        }
        if (status == Z_MEM_ERROR) result = EDGED_GUNZIP_NO_MEMORY;
        // No room although there is more to say: input is left, or output that zlib holds back.
        if (status == Z_BUF_ERROR && stream.avail_out == 0) result = EDGED_GUNZIP_TOO_LARGE;
        break;
    }
    inflateEnd(&stream);
    return result;
}
