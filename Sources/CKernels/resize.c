#include "ck_resize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Which source pixels make one target pixel, along one axis.
typedef struct {
    int first, count;
} span;

typedef struct {
    span *spans;
    float *weights;
    int per_span;
} taps;

static void bilinear_span(int i, double ratio, int length, span *s, float *w) {
    double at = (i + 0.5) * ratio - 0.5;
    int first = (int)floor(at);
    float part = (float)(at - first);
    if (first < 0) first = 0, part = 0;
    if (first >= length - 1) first = length - 1, part = 0;
    s->first = first;
    s->count = part > 0 ? 2 : 1;
    w[0] = 1 - part;
    if (part > 0) w[1] = part;
}

static void area_span(int i, double ratio, int length, span *s, float *w) {
    double from = i * ratio, to = (i + 1) * ratio;
    int first = (int)floor(from), last = (int)ceil(to) - 1;
    if (last >= length) last = length - 1;
    s->first = first;
    s->count = last - first + 1;
    double sum = 0;
    for (int k = first; k <= last; k++) {
        double low = k > from ? k : from, high = k + 1 < to ? k + 1 : to;
        w[k - first] = (float)(high - low);
        sum += high - low;
    }
    for (int k = 0; k < s->count; k++) w[k] = (float)(w[k] / sum);
}

static int make_taps(taps *t, int source, int target, ck_filter filter) {
    double ratio = (double)source / target;
    int area = filter == CK_FILTER_AREA && ratio > 1;
    t->per_span = area ? (int)ceil(ratio) + 2 : 2;
    t->spans = malloc((size_t)target * sizeof *t->spans);
    t->weights = malloc((size_t)target * (size_t)t->per_span * sizeof *t->weights);
    if (!t->spans || !t->weights) return -1;
    for (int i = 0; i < target; i++) {
        float *w = t->weights + (size_t)i * (size_t)t->per_span;
        if (area)
            area_span(i, ratio, source, &t->spans[i], w);
        else
            bilinear_span(i, ratio, source, &t->spans[i], w);
    }
    return 0;
}

// Mixes whole rows; contiguous, so that the compiler makes vectors of it.
static void mix_rows(
    const uint8_t *restrict rows, size_t stride, int count, const float *restrict weights, float scale,
    float *restrict mixed, int n) {
    float w0 = weights[0] * scale;
    if (count == 1) {
        for (int i = 0; i < n; i++) mixed[i] = w0 * rows[i];
        return;
    }
    const uint8_t *restrict second = rows + stride;
    float w1 = weights[1] * scale;
    for (int i = 0; i < n; i++) mixed[i] = w0 * rows[i] + w1 * second[i];
    for (int k = 2; k < count; k++) {
        const uint8_t *restrict row = rows + (size_t)k * stride;
        float w = weights[k] * scale;
        for (int i = 0; i < n; i++) mixed[i] += w * row[i];
    }
}

static void mix_columns(
    const float *restrict mixed, const taps *t, int width, float *restrict b, float *restrict g, float *restrict r) {
    for (int x = 0; x < width; x++) {
        const float *p = mixed + 3 * (size_t)t->spans[x].first;
        const float *w = t->weights + (size_t)x * (size_t)t->per_span;
        float sum0 = w[0] * p[0], sum1 = w[0] * p[1], sum2 = w[0] * p[2];
        for (int k = 1; k < t->spans[x].count; k++) {
            p += 3;
            sum0 += w[k] * p[0];
            sum1 += w[k] * p[1];
            sum2 += w[k] * p[2];
        }
        b[x] = sum0;
        g[x] = sum1;
        r[x] = sum2;
    }
}

static void split_row(
    const uint8_t *restrict row, float scale, int width, float *restrict b, float *restrict g, float *restrict r) {
    for (int x = 0; x < width; x++) {
        b[x] = scale * row[3 * x];
        g[x] = scale * row[3 * x + 1];
        r[x] = scale * row[3 * x + 2];
    }
}

static int is_sane(ck_bgr_image source, ck_region region, int width, int height, ck_planes planes) {
    return region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0
        && region.x + region.width <= source.width && region.y + region.height <= source.height && width > 0
        && height > 0 && width <= planes.width && height <= planes.height;
}

int ck_resize_to_planes(
    ck_bgr_image source, ck_region region, int width, int height, ck_filter filter, ck_order order, float scale,
    ck_planes planes) {
    if (!is_sane(source, region, width, height, planes)) return -1;
    size_t plane = (size_t)planes.width * (size_t)planes.height, stride = 3 * (size_t)source.width;
    float *channel[3] = {planes.data, planes.data + plane, planes.data + 2 * plane};
    float *b = channel[order == CK_ORDER_RGB ? 2 : 0], *g = channel[1], *r = channel[order == CK_ORDER_RGB ? 0 : 2];
    if (width < planes.width || height < planes.height) memset(planes.data, 0, 3 * plane * sizeof(float));
    const uint8_t *origin = source.pixels + (size_t)region.y * stride + 3 * (size_t)region.x;
    if (region.width == width && region.height == height) {
        for (size_t y = 0; y < (size_t)height; y++) {
            size_t at = y * (size_t)planes.width;
            split_row(origin + y * stride, scale, width, b + at, g + at, r + at);
        }
        return 0;
    }
    taps across = {0}, down = {0};
    float *mixed = malloc(3 * (size_t)region.width * sizeof *mixed);
    int failed = !mixed || make_taps(&across, region.width, width, filter)
        || make_taps(&down, region.height, height, filter);
    for (size_t y = 0; !failed && y < (size_t)height; y++) {
        span rows = down.spans[y];
        size_t at = y * (size_t)planes.width;
        mix_rows(
            origin + (size_t)rows.first * stride, stride, rows.count, down.weights + y * (size_t)down.per_span, scale,
            mixed, 3 * region.width);
        mix_columns(mixed, &across, width, b + at, g + at, r + at);
    }
    free(mixed);
    free(across.spans), free(across.weights), free(down.spans), free(down.weights);
    return failed ? -1 : 0;
}

// One pixel at the rim: neighbours outside count as black.
static void sample_rim(ck_bgr_image s, double sx, double sy, float scale, float *b, float *g, float *r) {
    int x0 = (int)floor(sx), y0 = (int)floor(sy);
    float fx = (float)(sx - x0), fy = (float)(sy - y0), sum[3] = {0};
    for (int dy = 0; dy < 2; dy++)
        for (int dx = 0; dx < 2; dx++) {
            int x = x0 + dx, y = y0 + dy;
            if (x < 0 || y < 0 || x >= s.width || y >= s.height) continue;
            float w = (dx ? fx : 1 - fx) * (dy ? fy : 1 - fy) * scale;
            const uint8_t *p = s.pixels + 3 * ((size_t)y * (size_t)s.width + (size_t)x);
            for (int c = 0; c < 3; c++) sum[c] += w * p[c];
        }
    *b = sum[0], *g = sum[1], *r = sum[2];
}

// Positions in whole numbers of 1/65536 pixel: steps and weights then need no conversion for each pixel.
enum { POSITION_BITS = 16, WEIGHT_BITS = 10, WEIGHT_ONE = 1 << WEIGHT_BITS };

static int64_t to_position(double value) { return (int64_t)llround(value * (1 << POSITION_BITS)); }

void ck_warp_to_planes(ck_bgr_image source, const double m[6], ck_order order, float scale, ck_planes planes) {
    size_t plane = (size_t)planes.width * (size_t)planes.height, stride = 3 * (size_t)source.width;
    float *b = planes.data + (order == CK_ORDER_RGB ? 2 * plane : 0), *g = planes.data + plane,
          *r = planes.data + (order == CK_ORDER_RGB ? 0 : 2 * plane);
    const float unit = scale / ((float)WEIGHT_ONE * WEIGHT_ONE);
    for (int i = 0; i < 6; i++)
        if (!(fabs(m[i]) < 1e6)) {
            memset(planes.data, 0, 3 * plane * sizeof(float));
            return;
        }
    int64_t step_x = to_position(m[0]), step_y = to_position(m[3]);
    for (int y = 0; y < planes.height; y++) {
        int64_t px = to_position(m[1] * y + m[2]), py = to_position(m[4] * y + m[5]);
        for (int x = 0; x < planes.width; x++, b++, g++, r++, px += step_x, py += step_y) {
            int64_t x0 = px >> POSITION_BITS, y0 = py >> POSITION_BITS;
            if ((uint64_t)x0 >= (uint64_t)(source.width - 1) || (uint64_t)y0 >= (uint64_t)(source.height - 1)) {
                *b = *g = *r = 0;
                if (x0 >= -1 && y0 >= -1 && x0 < source.width && y0 < source.height)
                    sample_rim(
                        source, (double)px / (1 << POSITION_BITS), (double)py / (1 << POSITION_BITS), scale, b, g, r);
                continue;
            }
            int32_t fx = (int32_t)(px >> (POSITION_BITS - WEIGHT_BITS)) & (WEIGHT_ONE - 1);
            int32_t fy = (int32_t)(py >> (POSITION_BITS - WEIGHT_BITS)) & (WEIGHT_ONE - 1);
            int32_t w11 = fx * fy, w01 = fx * WEIGHT_ONE - w11, w10 = fy * WEIGHT_ONE - w11,
                    w00 = WEIGHT_ONE * WEIGHT_ONE - w01 - w10 - w11;
            const uint8_t *p = source.pixels + (size_t)y0 * stride + 3 * (size_t)x0, *q = p + stride;
            *b = unit * (float)(w00 * p[0] + w01 * p[3] + w10 * q[0] + w11 * q[3]);
            *g = unit * (float)(w00 * p[1] + w01 * p[4] + w10 * q[1] + w11 * q[4]);
            *r = unit * (float)(w00 * p[2] + w01 * p[5] + w10 * q[2] + w11 * q[5]);
        }
    }
}

void ck_shrink_bgr(ck_bgr_image source, ck_region region, int factor, uint8_t *target) {
    int width = region.width / factor, height = region.height / factor;
    size_t stride = 3 * (size_t)source.width;
    uint32_t boxes = (uint32_t)factor * (uint32_t)factor, half = boxes / 2;
    for (int y = 0; y < height; y++) {
        const uint8_t *rows = source.pixels + (size_t)(region.y + y * factor) * stride + 3 * (size_t)region.x;
        for (int x = 0; x < width; x++, target += 3) {
            uint32_t sum[3] = {half, half, half};
            for (int dy = 0; dy < factor; dy++) {
                const uint8_t *p = rows + (size_t)dy * stride + 3 * (size_t)(x * factor);
                for (int dx = 0; dx < factor; dx++, p += 3) sum[0] += p[0], sum[1] += p[1], sum[2] += p[2];
            }
            for (int c = 0; c < 3; c++) target[c] = (uint8_t)(sum[c] / boxes);
        }
    }
}
