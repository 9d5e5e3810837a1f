#pragma once
#include "ck_match.h"

// Rows that are looked at together.
enum { CK_COARSE_BLOCK = 64 };

// The coarse plane of rows.
typedef struct {
    const int8_t *codes;
    const float *steps;
    const float *slacks;
} ck_coarse_rows;

// The highest scores that up to CK_COARSE_BLOCK rows from `start` on can have, by their codes; returns whether one of
// them reaches `limit`.
typedef int (*ck_coarse_bounds)(
    const ck_coarse_rows *rows, size_t start, size_t count, const ck_match_probe *probe, float limit, float *upper);

// The function for a way; the portable one where a way cannot take rows of `dimension` numbers.
ck_coarse_bounds ck_coarse_way(ck_match_way way, size_t dimension);
