#include "ck_match.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define CK_INLINE static inline __attribute__((always_inline))

// Codes lie in 1…127 around 64, probe codes in -127…127: two products then never overflow 16 bits, which is what the
// fastest 8-bit instruction of older processors adds up in.
enum { BLOCK = 64, ZERO = 64, CODE_PEAK = 63, PROBE_PEAK = 127, LOOK_AHEAD = 8192 };

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
    const float *rows, size_t count, size_t dimension, uint8_t *codes, float *steps, float *slacks) {
    for (size_t row = 0; row < count; row++) {
        const float *values = rows + row * dimension;
        uint8_t *code = codes + row * dimension;
        float step = largest(values, dimension) / CODE_PEAK;
        double lost = 0;
        for (size_t i = 0; i < dimension; i++) {
            float near = step > 0 ? fminf(fmaxf(rintf(values[i] / step), -CODE_PEAK), CODE_PEAK) : 0;
            code[i] = (uint8_t)(near + ZERO);
            double difference = (double)values[i] - (double)step * (double)near;
            lost += difference * difference;
        }
        steps[row] = step;
        // A little upward, since the sum itself is rounded when it becomes a float.
        slacks[row] = (float)(sqrt(lost) * 1.0001) + 1e-7f;
    }
}

// The probe in 8 bits.
typedef struct {
    _Alignas(64) int8_t code[CK_MATCH_MAX_DIMENSION];
    // What the rows' zero point adds to every sum.
    int32_t bias;
    float step;
    float loss;
} coarse_probe;

static void encode_probe(coarse_probe *coarse, const float *probe, size_t dimension) {
    float step = largest(probe, dimension) / PROBE_PEAK;
    double lost = 0;
    coarse->bias = 0;
    for (size_t i = 0; i < dimension; i++) {
        float near = step > 0 ? fminf(fmaxf(rintf(probe[i] / step), -PROBE_PEAK), PROBE_PEAK) : 0;
        coarse->code[i] = (int8_t)near;
        coarse->bias += ZERO * coarse->code[i];
        double difference = (double)probe[i] - (double)step * (double)near;
        lost += difference * difference;
    }
    coarse->step = step;
    // A row's codes stand for a vector no longer than 1 + slack, far below 1.2 from 4 numbers on and below 2 always.
    // The second term covers single-precision rounding.
    coarse->loss = (float)(sqrt(lost) * 2) + 4e-6f;
}

// The upper bounds of up to BLOCK rows from their sums; answers whether one of them reaches `limit`.
//
// Flags, not a maximum: an "or" may be taken in any order, so that this becomes vector code.
CK_INLINE int bounds(
    const int32_t *sums, const float *steps, const float *slacks, size_t rows, const coarse_probe *probe, float limit,
    float *upper) {
    int reached = 0;
    for (size_t row = 0; row < rows; row++) {
        upper[row] = (float)(sums[row] - probe->bias) * (steps[row] * probe->step) + (slacks[row] + probe->loss);
        reached |= upper[row] >= limit;
    }
    return reached;
}

typedef int (*block_bounds)(
    const uint8_t *codes, const float *steps, const float *slacks, size_t rows, size_t dimension,
    const coarse_probe *probe, float limit, float *upper);

static int bounds_portable(
    const uint8_t *codes, const float *steps, const float *slacks, size_t rows, size_t dimension,
    const coarse_probe *probe, float limit, float *upper) {
    int32_t sums[BLOCK];
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *code = codes + row * dimension;
        int32_t sum = 0;
        for (size_t i = 0; i < dimension; i++) sum += (int32_t)code[i] * (int32_t)probe->code[i];
        sums[row] = sum;
    }
    return bounds(sums, steps, slacks, rows, probe, limit, upper);
}

#if defined(__x86_64__)
#define CK_AVX2 __attribute__((target("avx2,fma")))

CK_AVX2 CK_INLINE __m256i row_sum(const uint8_t *code, const int8_t *probe, size_t dimension) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < dimension; i += 32) {
        __m256i products = _mm256_maddubs_epi16(
            _mm256_loadu_si256((const __m256i *)(code + i)), _mm256_load_si256((const __m256i *)(probe + i)));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(products, ones));
    }
    return sum;
}

// Four rows at a time: their four sums are then brought together with three additions instead of twelve.
CK_AVX2 CK_INLINE int bounds_avx2(
    const uint8_t *codes, const float *steps, const float *slacks, size_t rows, size_t dimension,
    const coarse_probe *probe, float limit, float *upper) {
    int32_t sums[BLOCK] = {0};
    for (size_t row = 0; row < rows; row += 4) {
        __m256i sum[4];
        for (size_t i = 0; i < 4; i++) {
            size_t here = row + i < rows ? row + i : rows - 1;
            // The processor's own look-ahead stops at page borders. An address past the end does no harm.
            uintptr_t ahead = (uintptr_t)(codes + here * dimension) + LOOK_AHEAD;
            for (size_t k = 0; k < dimension; k += 64) __builtin_prefetch((const void *)(ahead + k));
            sum[i] = row_sum(codes + here * dimension, probe->code, dimension);
        }
        __m256i four = _mm256_hadd_epi32(_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
        __m128i both = _mm_add_epi32(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
        _mm_storeu_si128((__m128i *)(sums + row), both);
    }
    return bounds(sums, steps, slacks, rows, probe, limit, upper);
}

// 128 is what the shipped model gives; a constant lets the compiler unroll the whole row.
CK_AVX2 static int bounds_avx2_128(
    const uint8_t *codes, const float *steps, const float *slacks, size_t rows, size_t dimension,
    const coarse_probe *probe, float limit, float *upper) {
    (void)dimension;
    return bounds_avx2(codes, steps, slacks, rows, 128, probe, limit, upper);
}

CK_AVX2 static int bounds_avx2_any(
    const uint8_t *codes, const float *steps, const float *slacks, size_t rows, size_t dimension,
    const coarse_probe *probe, float limit, float *upper) {
    return bounds_avx2(codes, steps, slacks, rows, dimension, probe, limit, upper);
}
#endif

// The fastest way that this processor has.
static block_bounds choose(size_t dimension) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        if (dimension == 128) return bounds_avx2_128;
        if (dimension % 32 == 0) return bounds_avx2_any;
    }
#endif
    (void)dimension;
    return bounds_portable;
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

static ck_match_top2 search(
    const float *rows, const uint8_t *codes, const float *steps, const float *slacks, size_t count, size_t dimension,
    const float *probe, int64_t skip, int portable) {
    ck_match_top2 top = {-1, -INFINITY, -1, -INFINITY, 0};
    if (dimension == 0 || dimension > CK_MATCH_MAX_DIMENSION) return top;
    for (size_t i = 0; i < dimension; i++)
        if (!isfinite(probe[i])) return top;
    coarse_probe coarse;
    encode_probe(&coarse, probe, dimension);
    block_bounds bounds_of = portable ? bounds_portable : choose(dimension);
    float upper[BLOCK];
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t here = count - start < BLOCK ? count - start : BLOCK;
        // Rounded down, so that a row at the very limit is still looked at.
        float limit = nextafterf((float)top.second_score, -INFINITY);
        if (!bounds_of(
                codes + start * dimension, steps + start, slacks + start, here, dimension, &coarse, limit, upper))
            continue;
        for (size_t i = 0; i < here; i++) {
            int64_t row = (int64_t)(start + i);
            if ((double)upper[i] < top.second_score || row == skip) continue;
            top.exact_rows++;
            consider(&top, row, ck_match_dot(rows + (start + i) * dimension, probe, dimension));
        }
    }
    return top;
}

ck_match_top2 ck_match_search(
    const float *rows, const uint8_t *codes, const float *steps, const float *slacks, size_t count, size_t dimension,
    const float *probe, int64_t skip) {
    return search(rows, codes, steps, slacks, count, dimension, probe, skip, 0);
}

ck_match_top2 ck_match_search_portable(
    const float *rows, const uint8_t *codes, const float *steps, const float *slacks, size_t count, size_t dimension,
    const float *probe, int64_t skip) {
    return search(rows, codes, steps, slacks, count, dimension, probe, skip, 1);
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
