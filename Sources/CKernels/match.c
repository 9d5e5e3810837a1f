#include "ck_match.h"

#include <math.h>

#include "match_coarse.h"

// A row's largest number is WHOLE_PEAK steps, its code then CODE_PEAK. So no code is -128, and two products of codes add up
// within 16 bits, which is what the 8-bit instruction of older processors does.
enum { CODE_PEAK = 127, FINE_STEPS = 65536, WHOLE_PEAK = CODE_PEAK * FINE_STEPS + FINE_STEPS / 2 - 1, LANES = 8 };

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

// The nearest whole number, for at most 2^31; unlike rint it becomes vector code on every processor.
//
// At this size a double has no places after the point: adding rounds, and what was added goes again.
static int32_t nearest(double value) {
    const double whole = 6755399441055744.0;
    return (int32_t)((value + whole) - whole);
}

// How many steps make up 1; 0 for a step that is none.
static double steps_in_one(float step) { return step > 0 ? 1 / (double)step : 0; }

static int32_t limited(int32_t value, int32_t peak) { return value > peak ? peak : value < -peak ? -peak : value; }

void ck_match_encode(
    const float *rows, size_t count, size_t dimension, int8_t *codes, int16_t *fines, float *steps, float *slacks) {
    for (size_t row = 0; row < count; row++) {
        const float *values = rows + row * dimension;
        float step = largest(values, dimension) / WHOLE_PEAK;
        double scale = steps_in_one(step);
        int64_t lost = 0;
        for (size_t i = 0; i < dimension; i++) {
            int32_t whole = limited(nearest((double)values[i] * scale), WHOLE_PEAK);
            // Rounded to the nearest, for the smallest loss; the shift rounds down, also below zero.
            int32_t code = (whole + FINE_STEPS / 2) >> 16;
            int32_t fine = whole - code * FINE_STEPS;
            codes[row * dimension + i] = (int8_t)code;
            fines[row * dimension + i] = (int16_t)fine;
            lost += (int64_t)fine * fine;
        }
        steps[row] = step;
        // A little upward, since it is rounded when it becomes a float.
        slacks[row] = (float)((double)step * sqrt((double)lost) * 1.0001);
    }
}

int ck_match_prepare(ck_match_probe *coarse, const float *probe, size_t dimension) {
    if (dimension == 0 || dimension > CK_MATCH_MAX_DIMENSION) return 0;
    for (size_t i = 0; i < dimension; i++)
        if (!isfinite(probe[i])) return 0;
    float step = largest(probe, dimension) / CODE_PEAK;
    double scale = steps_in_one(step), lost = 0;
    coarse->code_sum = 0;
    for (size_t i = 0; i < dimension; i++) {
        int32_t code = limited(nearest((double)probe[i] * scale), CODE_PEAK);
        coarse->code[i] = (int8_t)code;
        coarse->code_sum += code;
        double difference = (double)probe[i] - (double)step * code;
        lost += difference * difference;
    }
    double length = sqrt(ck_match_dot(probe, probe, dimension));
    coarse->dimension = dimension;
    coarse->step = step;
    coarse->length = (float)(length * 1.0001);
    // A row's codes stand for a vector no longer than 1 + slack, and no slack is above 0.13: half a step of 1/127 at most
    // in each of up to 1024 numbers. The second term covers single-precision rounding of the sum.
    coarse->loss = (float)(sqrt(lost) * 1.15 + length * 4e-6);
    return 1;
}

ck_match_top2 ck_match_nothing(void) { return (ck_match_top2){-1, -INFINITY, -1, -INFINITY, 0}; }

double ck_match_score(
    const int8_t *code, const int16_t *fine, float step, const float *probe, size_t dimension) {
    double lanes[LANES] = {0};
    size_t whole = dimension - dimension % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)probe[i + lane] * (double)(code[i + lane] * FINE_STEPS + fine[i + lane]);
    for (size_t i = whole; i < dimension; i++)
        lanes[i - whole] += (double)probe[i] * (double)(code[i] * FINE_STEPS + fine[i]);
    double sum = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    return sum * (double)step;
}

static void consider(ck_match_top2 *top, int64_t row, double score) {
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

void ck_match_search(
    ck_match_top2 *top, const int8_t *codes, const int16_t *fines, const float *steps, const float *slacks,
    size_t count, int64_t first, const ck_match_probe *coarse, const float *probe, int64_t skip, ck_match_way way) {
    size_t dimension = coarse->dimension;
    ck_coarse_rows rows = {codes, steps, slacks};
    ck_coarse_bounds bounds_of = ck_coarse_way(way, dimension);
    float upper[CK_COARSE_BLOCK];
    for (size_t start = 0; start < count; start += CK_COARSE_BLOCK) {
        size_t here = count - start < CK_COARSE_BLOCK ? count - start : CK_COARSE_BLOCK;
        // Rounded down, so that a row at the very limit is still looked at.
        float limit = nextafterf((float)top->second_score, -INFINITY);
        if (!bounds_of(&rows, start, here, coarse, limit, upper)) continue;
        for (size_t row = start; row < start + here; row++) {
            int64_t number = first + (int64_t)row;
            if ((double)upper[row - start] < top->second_score || number == skip) continue;
            top->exact_rows++;
            size_t at = row * dimension;
            consider(top, number, ck_match_score(codes + at, fines + at, steps[row], probe, dimension));
        }
    }
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
