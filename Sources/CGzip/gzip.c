#include "edged_gzip.h"
#include <limits.h>
#include <string.h>
#include <zlib.h>

// With a gzip head instead of zlib's own.
#define GZIP_WINDOW (15 + 16)

size_t edged_gzip_bound(size_t length) {
    // What deflate adds at most, and the longer head and tail.
    return compressBound(length) + 18;
}

size_t edged_gzip(const uint8_t *input, size_t length, uint8_t *output, size_t capacity) {
    if (length > UINT_MAX || capacity > UINT_MAX) return 0;
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    // Fast: records are short texts that are much alike.
    if (deflateInit2(&stream, 3, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (Bytef *)input;
    stream.avail_in = (uInt)length;
    stream.next_out = output;
    stream.avail_out = (uInt)capacity;
    int status = deflate(&stream, Z_FINISH);
    size_t written = stream.total_out;
    deflateEnd(&stream);
    return status == Z_STREAM_END ? written : 0;
}

int64_t edged_gunzip(const uint8_t *input, size_t length, uint8_t *output, size_t capacity) {
    if (length > UINT_MAX || capacity > UINT_MAX) return -2;
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK) return -1;
    stream.next_in = (Bytef *)input;
    stream.avail_in = (uInt)length;
    stream.next_out = output;
    stream.avail_out = (uInt)capacity;
    int status = inflate(&stream, Z_FINISH);
    int64_t written = (int64_t)stream.total_out;
    uInt rest = stream.avail_in;
    uInt room = stream.avail_out;
    inflateEnd(&stream);
    if (status == Z_STREAM_END) return rest == 0 ? written : -1;
    return (status == Z_BUF_ERROR || status == Z_OK) && room == 0 ? -2 : -1;
}
