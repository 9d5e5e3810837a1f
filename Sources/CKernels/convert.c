#include "ck_convert.h"

#include <string.h>

// Chunks small enough for the first-level cache; within one the compiler vectorises plane by plane.
enum { CHUNK = 256 };

static inline uint8_t clamp(int32_t value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }

/// One chunk from planes of the same length; coefficients of BT.601 in 1/65536ths would not fit 16 bits, 1/64ths round
/// too coarsely: 1/16384ths in 32 bits keep every channel within 1 of the exact value.
static void planes_to_bgr(const uint8_t *y, const uint8_t *u, const uint8_t *v, size_t count, uint8_t *bgr) {
    for (size_t i = 0; i < count; i++) {
        int32_t luma = ((int32_t)y[i] << 14) + (1 << 13);
        int32_t blue = (int32_t)u[i] - 128, red = (int32_t)v[i] - 128;
        bgr[3 * i] = clamp((luma + 29032 * blue) >> 14);
        bgr[3 * i + 1] = clamp((luma - 5638 * blue - 11700 * red) >> 14);
        bgr[3 * i + 2] = clamp((luma + 22970 * red) >> 14);
    }
}

void ck_yuyv_to_bgr(const uint8_t *yuyv, size_t stride, size_t width, size_t height, uint8_t *bgr) {
    uint8_t y[CHUNK], u[CHUNK], v[CHUNK];
    for (size_t row = 0; row < height; row++) {
        const uint8_t *line = yuyv + row * stride;
        for (size_t x = 0; x < width; x += CHUNK) {
            size_t count = width - x < CHUNK ? width - x : CHUNK;
            const uint8_t *pair = line + 2 * x;
            for (size_t i = 0; i < (count + 1) / 2; i++) {
                y[2 * i] = pair[4 * i];
                y[2 * i + 1] = pair[4 * i + 2];
                u[2 * i] = u[2 * i + 1] = pair[4 * i + 1];
                v[2 * i] = v[2 * i + 1] = pair[4 * i + 3];
            }
            planes_to_bgr(y, u, v, count, bgr + 3 * (row * width + x));
        }
    }
}

void ck_nv12_to_bgr(const uint8_t *luma, const uint8_t *chroma, size_t stride, size_t width, size_t height, uint8_t *bgr) {
    uint8_t u[CHUNK], v[CHUNK];
    for (size_t row = 0; row < height; row++) {
        const uint8_t *line = luma + row * stride, *pairs = chroma + row / 2 * stride;
        for (size_t x = 0; x < width; x += CHUNK) {
            size_t count = width - x < CHUNK ? width - x : CHUNK;
            for (size_t i = 0; i < (count + 1) / 2; i++) {
                u[2 * i] = u[2 * i + 1] = pairs[x + 2 * i];
                v[2 * i] = v[2 * i + 1] = pairs[x + 2 * i + 1];
            }
            planes_to_bgr(line + x, u, v, count, bgr + 3 * (row * width + x));
        }
    }
}

void ck_grey_to_bgr(const uint8_t *grey, size_t stride, size_t width, size_t height, uint8_t *bgr) {
    for (size_t row = 0; row < height; row++) {
        const uint8_t *line = grey + row * stride;
        uint8_t *out = bgr + 3 * row * width;
        for (size_t x = 0; x < width; x++) out[3 * x] = out[3 * x + 1] = out[3 * x + 2] = line[x];
    }
}

void ck_bgra_over_white(const uint8_t *bgra, size_t pixels, uint8_t *bgr) {
    for (size_t i = 0; i < pixels; i++) {
        uint32_t alpha = bgra[4 * i + 3];
        for (size_t channel = 0; channel < 3; channel++) {
            uint32_t sum = bgra[4 * i + channel] * alpha + 255 * (255 - alpha) + 127;
            bgr[3 * i + channel] = (uint8_t)(sum / 255);
        }
    }
}

void ck_orient_bgr(const uint8_t *source, size_t width, size_t height, int orientation, uint8_t *bgr) {
    ptrdiff_t w = (ptrdiff_t)width, h = (ptrdiff_t)height;
    // Source pixel of the result's origin, and how it moves with each step right and down.
    ptrdiff_t first = 0, right = 1, down = w;
    switch (orientation) {
    case 2: first = w - 1, right = -1; break;
    case 3: first = w * h - 1, right = -1, down = -w; break;
    case 4: first = w * (h - 1), down = -w; break;
    case 5: right = w, down = 1; break;
    case 6: first = w * (h - 1), right = -w, down = 1; break;
    case 7: first = w * h - 1, right = -w, down = -1; break;
    case 8: first = w - 1, right = w, down = -1; break;
    default: break;
    }
    ptrdiff_t columns = orientation >= 5 ? h : w, rows = orientation >= 5 ? w : h;
    for (ptrdiff_t y = 0; y < rows; y++) {
        for (ptrdiff_t x = 0; x < columns; x++) {
            memcpy(bgr + 3 * (y * columns + x), source + 3 * (first + x * right + y * down), 3);
        }
    }
}
