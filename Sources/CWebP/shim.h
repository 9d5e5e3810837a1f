#pragma once
#include <stdint.h>
#include <webp/decode.h>
#include <webp/encode.h>

/// What the header says, with 0 for success; the library's own function is inline over a versioned one.
static inline int cwebp_features(const uint8_t *bytes, size_t count, WebPBitstreamFeatures *features) {
    return WebPGetFeatures(bytes, count, features) == VP8_STATUS_OK ? 0 : -1;
}
