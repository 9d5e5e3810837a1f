// The 8-bit look at a gallery: what a search spends nearly all of its time on.

#include "match_coarse.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define CK_INLINE static inline __attribute__((always_inline))

// Bytes that are asked for ahead of use: the processor's own look-ahead stops at page borders.
enum { LOOK_AHEAD = 8192 };

// The upper bounds of rows from their sums.
//
// Flags, not a maximum: an "or" may be taken in any order, so that this becomes vector code.
CK_INLINE int bounds(
    const int32_t *sums, int32_t bias, const ck_coarse_rows *rows, size_t start, size_t count,
    const ck_match_probe *probe, float limit, float *upper) {
    const float *steps = rows->steps + start, *slacks = rows->slacks + start;
    // A code is 65536 steps.
    float step = probe->step * 65536, length = probe->length, loss = probe->loss;
    int reached = 0;
    for (size_t row = 0; row < count; row++) {
        upper[row] = (float)(sums[row] - bias) * (steps[row] * step) + (slacks[row] * length + loss);
        reached |= upper[row] >= limit;
    }
    return reached;
}

CK_INLINE int bounds_plain(
    const ck_coarse_rows *rows, size_t start, size_t count, const ck_match_probe *probe, float limit, float *upper) {
    int32_t sums[CK_COARSE_BLOCK];
    size_t dimension = probe->dimension;
    for (size_t row = 0; row < count; row++) {
        const int8_t *code = rows->codes + (start + row) * dimension;
        int32_t sum = 0;
        for (size_t i = 0; i < dimension; i++) sum += (int32_t)code[i] * (int32_t)probe->code[i];
        sums[row] = sum;
    }
    return bounds(sums, 0, rows, start, count, probe, limit, upper);
}

static int bounds_portable(
    const ck_coarse_rows *rows, size_t start, size_t count, const ck_match_probe *probe, float limit, float *upper) {
    return bounds_plain(rows, start, count, probe, limit, upper);
}

#if defined(__x86_64__)
#define CK_SSE41 __attribute__((target("sse4.1")))
#define CK_AVX2 __attribute__((target("avx2,fma")))
#define CK_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

// Small processors, of which edge devices have many, lack AVX2: what the compiler makes of the plain loop for them is
// twice as fast as for a processor of which it knows nothing.
CK_SSE41 static int bounds_sse41(
    const ck_coarse_rows *rows, size_t start, size_t count, const ck_match_probe *probe, float limit, float *upper) {
    return bounds_plain(rows, start, count, probe, limit, upper);
}

// An address past the end does no harm.
CK_INLINE void look_ahead(const int8_t *code, size_t dimension) {
    uintptr_t ahead = (uintptr_t)code + LOOK_AHEAD;
    for (size_t i = 0; i < dimension; i += 64) __builtin_prefetch((const void *)(ahead + i));
}

// One factor without a sign, its sign given to the other: pairs of products then fit into 16 bits.
CK_AVX2 CK_INLINE __m256i row_avx2(const int8_t *code, const int8_t *probe, size_t dimension) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sum = _mm256_setzero_si256();
    for (size_t i = 0; i < dimension; i += 32) {
        __m256i row = _mm256_loadu_si256((const __m256i *)(code + i));
        __m256i other = _mm256_sign_epi8(_mm256_loadu_si256((const __m256i *)(probe + i)), row);
        __m256i products = _mm256_maddubs_epi16(_mm256_abs_epi8(row), other);
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(products, ones));
    }
    return sum;
}

// Four rows at a time: their four sums are then brought together with three additions instead of twelve.
CK_AVX2 CK_INLINE void store_sums(const __m256i sum[4], int32_t *sums) {
    __m256i four = _mm256_hadd_epi32(_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
    __m128i both = _mm_add_epi32(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
    _mm_storeu_si128((__m128i *)sums, both);
}

CK_AVX2 CK_INLINE int bounds_avx2(
    const ck_coarse_rows *rows, size_t start, size_t count, size_t dimension, const ck_match_probe *probe, float limit,
    float *upper) {
    int32_t sums[CK_COARSE_BLOCK] = {0};
    for (size_t row = 0; row < count; row += 4) {
        __m256i sum[4];
        for (size_t i = 0; i < 4; i++) {
            size_t here = row + i < count ? row + i : count - 1;
            const int8_t *code = rows->codes + (start + here) * dimension;
            look_ahead(code, dimension);
            sum[i] = row_avx2(code, probe->code, dimension);
        }
        store_sums(sum, sums + row);
    }
    return bounds(sums, 0, rows, start, count, probe, limit, upper);
}

CK_AVX2 static int bounds_avx2_any(
    const ck_coarse_rows *rows, size_t start, size_t count, const ck_match_probe *probe, float limit, float *upper) {
    return bounds_avx2(rows, start, count, probe->dimension, probe, limit, upper);
}

// 128 is what the shipped model gives; a constant lets the compiler unroll the whole row.
CK_AVX2 static int bounds_avx2_128(
    const ck_coarse_rows *rows, size_t start, size_t count, const ck_match_probe *probe, float limit, float *upper) {
    return bounds_avx2(rows, start, count, 128, probe, limit, upper);
}

CK_VNNI CK_INLINE __m256i row_vnni(const int8_t *code, const int8_t *probe, size_t dimension) {
    const __m512i top_bits = _mm512_set1_epi8((char)0x80);
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < dimension; i += 64) {
        // 128 is added by turning the top bit over.
        __m512i row = _mm512_xor_si512(_mm512_loadu_si512(code + i), top_bits);
        sum = _mm512_dpbusd_epi32(sum, row, _mm512_loadu_si512(probe + i));
    }
    return _mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64(sum, 1));
}

CK_VNNI CK_INLINE int bounds_vnni(
    const ck_coarse_rows *rows, size_t start, size_t count, size_t dimension, const ck_match_probe *probe, float limit,
    float *upper) {
    int32_t sums[CK_COARSE_BLOCK] = {0};
    for (size_t row = 0; row < count; row += 4) {
        __m256i sum[4];
        for (size_t i = 0; i < 4; i++) {
            size_t here = row + i < count ? row + i : count - 1;
            const int8_t *code = rows->codes + (start + here) * dimension;
            look_ahead(code, dimension);
            sum[i] = row_vnni(code, probe->code, dimension);
        }
        store_sums(sum, sums + row);
    }
    return bounds(sums, 128 * probe->code_sum, rows, start, count, probe, limit, upper);
}

CK_VNNI static int bounds_vnni_any(
    const ck_coarse_rows *rows, size_t start, size_t count, const ck_match_probe *probe, float limit, float *upper) {
    return bounds_vnni(rows, start, count, probe->dimension, probe, limit, upper);
}

CK_VNNI static int bounds_vnni_128(
    const ck_coarse_rows *rows, size_t start, size_t count, const ck_match_probe *probe, float limit, float *upper) {
    return bounds_vnni(rows, start, count, 128, probe, limit, upper);
}
#endif

ck_match_way ck_match_fastest(size_t dimension) {
#if defined(__x86_64__)
    if (dimension % 64 == 0 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl"))
        return CK_MATCH_VNNI;
    if (dimension % 32 == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return CK_MATCH_AVX2;
    if (__builtin_cpu_supports("sse4.1")) return CK_MATCH_SSE41;
#endif
    (void)dimension;
    return CK_MATCH_PORTABLE;
}

ck_coarse_bounds ck_coarse_way(ck_match_way way, size_t dimension) {
#if defined(__x86_64__)
    if (way == CK_MATCH_VNNI && dimension % 64 == 0) return dimension == 128 ? bounds_vnni_128 : bounds_vnni_any;
    if (way == CK_MATCH_AVX2 && dimension % 32 == 0) return dimension == 128 ? bounds_avx2_128 : bounds_avx2_any;
    if (way == CK_MATCH_SSE41) return bounds_sse41;
#endif
    (void)way;
    (void)dimension;
    return bounds_portable;
}
