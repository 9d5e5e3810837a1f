#pragma once
#include <stddef.h>
#include <stdint.h>

enum { CK_MATCH_MAX_DIMENSION = 1024 };

// A probe in 8 bits, made once for a search.
typedef struct {
    int8_t code[CK_MATCH_MAX_DIMENSION];
    size_t dimension;
    float step;
    // Its length, rounded up: what a row's slack is worth.
    float length;
    // What its codes lose against any row.
    float loss;
    // Sum of its codes: instructions that want rows without a sign get them 128 too large.
    int32_t code_sum;
} ck_match_probe;

// The two best rows so far. A row of -1 means "none"; its score is then -INFINITY.
typedef struct {
    int64_t best_row;
    double best_score;
    int64_t second_row;
    double second_score;
    // How many rows the 8-bit bound could not rule out; the cost of exactness, for figures only.
    int64_t exact_rows;
} ck_match_top2;

// Ways to compute the 8-bit sums; all give the same numbers.
typedef enum { CK_MATCH_PORTABLE, CK_MATCH_SSE41, CK_MATCH_AVX2, CK_MATCH_VNNI } ck_match_way;

// The fastest way that this processor has for rows of `dimension` numbers.
ck_match_way ck_match_fastest(size_t dimension);

// Adds `values` to `sum`; returns 0 and leaves `sum` alone when a value is not finite.
int ck_match_add(float *sum, const float *values, size_t dimension);

// Brings `values` to length 1; returns 0 when that cannot be done (zero, or not finite).
int ck_match_normalize(float *values, size_t dimension);

// Puts `count` rows of finite numbers into 24 bits, in two planes: number i of a row is step * (65536 * code + fine).
//
// The codes alone are an 8-bit form of the row, a third of its bytes, which a search looks at first. What they lose, the
// length of the vector step * fine, is the row's slack, rounded up.
void ck_match_encode(
    const float *rows, size_t count, size_t dimension, int8_t *codes, int16_t *fines, float *steps, float *slacks);

// Makes the 8-bit form of a probe; returns 0 when it cannot be compared: not finite, no number, or too many.
int ck_match_prepare(ck_match_probe *coarse, const float *probe, size_t dimension);

// Goes on with a search through `count` further rows, the first of which is row `first` of all; rows must have length 1.
//
// A row whose 8-bit score plus its bound stays below the second best so far cannot be among the two best. The others
// are scored in double precision from all 24 bits, so the answer is the one of a plain double loop. Ties go to the
// lower row where rows come in order. `skip` is a row of all that takes no part, or -1. `coarse` is made of `probe`;
// `way` must be one that the processor has.
void ck_match_search(
    ck_match_top2 *top, const int8_t *codes, const int16_t *fines, const float *steps, const float *slacks,
    size_t count, int64_t first, const ck_match_probe *coarse, const float *probe, int64_t skip, ck_match_way way);

// Where a search begins.
ck_match_top2 ck_match_nothing(void);

// The score of one row in double precision.
//
// The products are exact, and their sum is taken in eight lanes in an order that no processor changes: the same bits everywhere.
double ck_match_score(
    const int8_t *code, const int16_t *fine, float step, const float *probe, size_t dimension);

// The cosine of two vectors of length 1, in double precision.
double ck_match_dot(const float *left, const float *right, size_t dimension);

// Random rows of length 1, the same for the same seed; for figures and tests.
void ck_match_random(float *rows, size_t count, size_t dimension, uint64_t seed);
