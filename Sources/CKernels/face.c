#include "ck_face.h"

#include <math.h>

enum { BINS = 256, MAX_SIDE = 256 };

static float share(const int *histogram, int from, int to, int count) {
    int sum = 0;
    for (int i = from; i <= to; i++) sum += histogram[i];
    return count ? (float)sum / (float)count : 0;
}

static float entropy_of(const int *histogram, int count) {
    float entropy = 0;
    for (int i = 0; i < BINS; i++) {
        if (!histogram[i]) continue;
        float p = (float)histogram[i] / (float)count;
        entropy -= p * log2f(p);
    }
    return entropy;
}

// Coarse bins: single grey values of two halves never agree.
static float intersection(const int *left, const int *right, int left_count, int right_count) {
    float shared = 0;
    for (int i = 0; i < BINS; i += 16) {
        float l = share(left, i, i + 15, left_count), r = share(right, i, i + 15, right_count);
        shared += l < r ? l : r;
    }
    return shared;
}

ck_face_measures ck_measure_face(const float *planes, int side) {
    ck_face_measures m = {0};
    if (side < 16 || side > MAX_SIDE) return m;
    static _Thread_local float luma[MAX_SIDE * MAX_SIDE];
    size_t plane = (size_t)side * (size_t)side;
    const float *r = planes, *g = planes + plane, *b = planes + 2 * plane;
    for (size_t i = 0; i < plane; i++) luma[i] = 0.299f * r[i] + 0.587f * g[i] + 0.114f * b[i];
    // The rim of an aligned face shows hair and background.
    int low = side / 6, high = side - side / 6, count = (high - low) * (high - low), middle = side / 2;
    int left[BINS] = {0}, right[BINS] = {0}, all[BINS], left_count = 0;
    double sum = 0, squares = 0, across = 0, along = 0;
    for (int y = low; y < high; y++) {
        for (int x = low; x < high; x++) {
            const float *p = luma + (size_t)y * (size_t)side + (size_t)x;
            float dx = 2 * p[0] - p[-1] - p[1], dy = 2 * p[0] - p[-side] - p[side];
            int bin = (int)p[0];
            bin = bin < 0 ? 0 : bin > 255 ? 255 : bin;
            if (x < middle)
                left[bin]++, left_count++;
            else
                right[bin]++;
            sum += p[0], squares += (double)p[0] * p[0];
            across += (double)dx * dx, along += (double)dy * dy;
        }
    }
    for (int i = 0; i < BINS; i++) all[i] = left[i] + right[i];
    double mean = sum / count, variance = squares / count - mean * mean;
    m.mean = (float)mean;
    m.deviation = (float)sqrt(variance > 0 ? variance : 0);
    m.dark_share = share(all, 0, 25, count);
    m.bright_share = share(all, 247, 255, count);
    m.entropy = entropy_of(all, count);
    m.uniformity = intersection(left, right, left_count, count - left_count);
    // The weaker of both directions: a face that moves is blurred in one only. Against the contrast: a dim face is not a
    // blurred one; the floor keeps sensor noise from passing for detail.
    m.sharpness = (float)((across < along ? across : along) / count / (variance > 25 ? variance : 25));
    return m;
}

float ck_mean_chroma(ck_bgr_image source, ck_region region) {
    uint64_t sum = 0, count = 0;
    // Every other pixel in both directions is enough for a mean.
    for (int y = region.y; y < region.y + region.height; y += 2) {
        const uint8_t *p = source.pixels + 3 * ((size_t)y * (size_t)source.width + (size_t)region.x);
        for (int x = 0; x < region.width; x += 2, p += 6) {
            int low = p[0] < p[1] ? p[0] : p[1], high = p[0] < p[1] ? p[1] : p[0];
            low = p[2] < low ? p[2] : low, high = p[2] > high ? p[2] : high;
            sum += (uint64_t)(high - low), count++;
        }
    }
    return count ? (float)sum / (float)count : 0;
}
