#include "ck_match.h"

#include <math.h>

#if defined(__x86_64__)
// One binary for every x86-64: the loader picks the widest version that the processor has.
#define CK_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CK_CLONES
#endif
#define CK_INLINE static inline __attribute__((always_inline))

enum { BLOCK = 64 };

int ck_match_add(float *sum, const float *values, size_t dimension) {
    for (size_t i = 0; i < dimension; i++)
        if (!isfinite(values[i])) return 0;
    for (size_t i = 0; i < dimension; i++) sum[i] += values[i];
    return 1;
}

double ck_match_dot(const float *left, const float *right, size_t dimension) {
    double sum = 0;
    for (size_t i = 0; i < dimension; i++) sum += (double)left[i] * (double)right[i];
    return sum;
}

int ck_match_normalize(float *values, size_t dimension) {
    double length = sqrt(ck_match_dot(values, values, dimension));
    if (!isfinite(length) || length < 1e-6) return 0;
    for (size_t i = 0; i < dimension; i++) values[i] = (float)((double)values[i] / length);
    return 1;
}

static float largest(const float *values, size_t count) {
    float peak = 0;
    for (size_t i = 0; i < count; i++) peak = fmaxf(peak, fabsf(values[i]));
    return peak;
}

void ck_match_encode(
    const float *rows, size_t count, size_t dimension, int8_t *codes, float *steps, float *slacks) {
    for (size_t row = 0; row < count; row++) {
        const float *values = rows + row * dimension;
        int8_t *code = codes + row * dimension;
        float step = largest(values, dimension) / 127.0f;
        double lost = 0;
        for (size_t i = 0; i < dimension; i++) {
            code[i] = step > 0 ? (int8_t)lrintf(values[i] / step) : 0;
            double difference = (double)values[i] - (double)step * code[i];
            lost += difference * difference;
        }
        steps[row] = step;
        // A little upward, since the sum itself is rounded when it becomes a float.
        slacks[row] = (float)(sqrt(lost) * 1.0001) + 1e-7f;
    }
}

// The probe at 16 bits: products of 8 and 16 bits add up in 32 bits without overflow, and its own loss is tiny.
typedef struct {
    _Alignas(64) int16_t code[CK_MATCH_MAX_DIMENSION];
    float step;
    float loss;
} coarse_probe;

static void encode_probe(coarse_probe *coarse, const float *probe, size_t dimension) {
    // 127 * peak * dimension must stay below 2^31; at 128 numbers that is the whole 16-bit range.
    double room = 2147483647.0 / (127.0 * (double)dimension);
    double peak = room < 32767.0 ? floor(room) : 32767.0;
    float step = (float)(largest(probe, dimension) / peak);
    double lost = 0;
    for (size_t i = 0; i < dimension; i++) {
        double code = step > 0 ? fmin(fmax(rint((double)probe[i] / (double)step), -peak), peak) : 0;
        coarse->code[i] = (int16_t)code;
        double difference = (double)probe[i] - (double)step * code;
        lost += difference * difference;
    }
    coarse->step = step;
    // A row's codes stand for a vector no longer than 1 + slack < 2. The second term covers single-precision rounding.
    coarse->loss = (float)(2 * sqrt(lost)) + 4e-6f;
}

// The upper bounds of up to BLOCK rows; answers whether one of them reaches `limit`.
CK_INLINE int bounds(
    const int8_t *codes, const float *steps, const float *slacks, size_t rows, size_t dimension,
    const coarse_probe *probe, float limit, float *upper) {
    int32_t sums[BLOCK];
    for (size_t row = 0; row < rows; row++) {
        const int8_t *code = codes + row * dimension;
        int32_t sum = 0;
        for (size_t i = 0; i < dimension; i++) sum += (int32_t)code[i] * (int32_t)probe->code[i];
        sums[row] = sum;
    }
    // Flags, not a maximum: an "or" may be taken in any order, so that this becomes vector code.
    int reached = 0;
    for (size_t row = 0; row < rows; row++) {
        upper[row] = (float)sums[row] * (steps[row] * probe->step) + (slacks[row] + probe->loss);
        reached |= upper[row] >= limit;
    }
    return reached;
}

CK_INLINE void consider(ck_match_top2 *top, int64_t row, double score) {
    if (score > top->best_score) {
        top->second_row = top->best_row;
        top->second_score = top->best_score;
        top->best_row = row;
        top->best_score = score;
    } else if (score > top->second_score) {
        top->second_row = row;
        top->second_score = score;
    }
}

CK_INLINE void search(
    ck_match_top2 *top, const float *rows, const int8_t *codes, const float *steps, const float *slacks, size_t count,
    size_t dimension, const float *probe, const coarse_probe *coarse, int64_t skip) {
    float upper[BLOCK];
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t here = count - start < BLOCK ? count - start : BLOCK;
        // Rounded down, so that a row at the very limit is still looked at.
        float limit = nextafterf((float)top->second_score, -INFINITY);
        if (!bounds(codes + start * dimension, steps + start, slacks + start, here, dimension, coarse, limit, upper))
            continue;
        for (size_t i = 0; i < here; i++) {
            int64_t row = (int64_t)(start + i);
            if ((double)upper[i] < top->second_score || row == skip) continue;
            top->exact_rows++;
            consider(top, row, ck_match_dot(rows + (start + i) * dimension, probe, dimension));
        }
    }
}

// 128 is what the shipped model gives; a constant lets the compiler unroll the whole row.
CK_CLONES static void search_128(
    ck_match_top2 *top, const float *rows, const int8_t *codes, const float *steps, const float *slacks, size_t count,
    const float *probe, const coarse_probe *coarse, int64_t skip) {
    search(top, rows, codes, steps, slacks, count, 128, probe, coarse, skip);
}

CK_CLONES static void search_any(
    ck_match_top2 *top, const float *rows, const int8_t *codes, const float *steps, const float *slacks, size_t count,
    size_t dimension, const float *probe, const coarse_probe *coarse, int64_t skip) {
    search(top, rows, codes, steps, slacks, count, dimension, probe, coarse, skip);
}

ck_match_top2 ck_match_search(
    const float *rows, const int8_t *codes, const float *steps, const float *slacks, size_t count, size_t dimension,
    const float *probe, int64_t skip) {
    ck_match_top2 top = {-1, -INFINITY, -1, -INFINITY, 0};
    if (dimension == 0 || dimension > CK_MATCH_MAX_DIMENSION) return top;
    for (size_t i = 0; i < dimension; i++)
        if (!isfinite(probe[i])) return top;
    coarse_probe coarse;
    encode_probe(&coarse, probe, dimension);
    if (dimension == 128)
        search_128(&top, rows, codes, steps, slacks, count, probe, &coarse, skip);
    else
        search_any(&top, rows, codes, steps, slacks, count, dimension, probe, &coarse, skip);
    return top;
}

void ck_match_random(float *rows, size_t count, size_t dimension, uint64_t seed) {
    for (size_t row = 0; row < count; row++) {
        float *values = rows + row * dimension;
        do {
            for (size_t i = 0; i < dimension; i++) {
                // SplitMix64; the sum of its four 16-bit parts is close enough to a normal number.
                uint64_t bits = (seed += 0x9E3779B97F4A7C15u);
                bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
                bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
                bits ^= bits >> 31;
                uint64_t sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
                values[i] = (float)sum - 131070.0f;
            }
        } while (!ck_match_normalize(values, dimension));
    }
}
