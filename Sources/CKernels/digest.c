#include "ck_digest.h"
#include <string.h>

static const uint64_t MULTIPLIER = 0x9E3779B97F4A7C15u;

static uint64_t mix(uint64_t state, uint64_t word) {
    state = (state ^ word) * MULTIPLIER;
    return state ^ (state >> 32);
}

uint64_t ck_digest64(const uint8_t *bytes, size_t count, uint64_t seed) {
    // Four lanes hide the multiplication's latency.
    uint64_t lanes[4] = {seed, seed ^ 0xA5A5A5A5u, ~seed, seed + MULTIPLIER};
    size_t at = 0;
    for (; at + 32 <= count; at += 32) {
        uint64_t words[4];
        memcpy(words, bytes + at, sizeof words);
        for (int lane = 0; lane < 4; lane++) lanes[lane] = mix(lanes[lane], words[lane]);
    }
    uint64_t state = mix(seed, count);
    for (int lane = 0; lane < 4; lane++) state = mix(state, lanes[lane]);
    for (; at < count; at++) state = mix(state, bytes[at]);
    return mix(state, MULTIPLIER);
}
