#pragma once
#include <stddef.h>
#include <stdint.h>

// The two best rows of a gallery for one probe. A row of -1 means "none"; its score is then -INFINITY.
typedef struct {
    int64_t best_row;
    double best_score;
    int64_t second_row;
    double second_score;
    // How many rows the 8-bit bound could not rule out; the cost of exactness, for figures only.
    int64_t exact_rows;
} ck_match_top2;

// Adds `values` to `sum`; returns 0 and leaves `sum` alone when a value is not finite.
int ck_match_add(float *sum, const float *values, size_t dimension);

// Brings `values` to length 1; returns 0 when that cannot be done (zero, or not finite).
int ck_match_normalize(float *values, size_t dimension);

// Makes the 8-bit codes of rows of length 1, with each row's step and a proven bound of what the codes lose:
// |row - step * (code - 64)| <= slack.
void ck_match_encode(
    const float *rows, size_t count, size_t dimension, uint8_t *codes, float *steps, float *slacks);

// The exact two best rows by cosine for a probe of length 1; rows must have length 1.
//
// A row whose 8-bit score plus its bound stays below the second best so far cannot be among the two best. The others
// are scored in double precision, so the answer is the one of a plain double loop. Ties go to the lower row.
// `skip` is a row that takes no part, or -1. `dimension` is at most CK_MATCH_MAX_DIMENSION.
ck_match_top2 ck_match_search(
    const float *rows, const uint8_t *codes, const float *steps, const float *slacks, size_t count, size_t dimension,
    const float *probe, int64_t skip);

// The same without the processor's own 8-bit instructions; for tests and for processors that lack them.
ck_match_top2 ck_match_search_portable(
    const float *rows, const uint8_t *codes, const float *steps, const float *slacks, size_t count, size_t dimension,
    const float *probe, int64_t skip);

enum { CK_MATCH_MAX_DIMENSION = 1024 };

// The cosine of two vectors of length 1, in double precision.
double ck_match_dot(const float *left, const float *right, size_t dimension);

// Random rows of length 1, the same for the same seed; for figures and tests.
void ck_match_random(float *rows, size_t count, size_t dimension, uint64_t seed);
