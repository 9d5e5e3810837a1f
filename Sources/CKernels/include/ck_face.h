// What the light and the focus on a face are like.
#pragma once
#include "ck_resize.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ck_face_measures {
    /// Luma, 0…255.
    float mean, deviation;
    /// Shares of pixels at most 25, and at least 247.
    float dark_share, bright_share;
    /// Of the luma histogram, bits.
    float entropy;
    /// What the luma histograms of the left and right half share, 0…1.
    float uniformity;
    /// Energy of the second derivative in its weaker direction against the variance of luma.
    float sharpness;
} ck_face_measures;

/// Measures the inner part of an aligned face given as `side`×`side` planes R, G, B of 0…255.
ck_face_measures ck_measure_face(const float *planes, int side);

/// Mean distance between the largest and the smallest channel of a pixel in `region`, 0…255; 0 for a grey picture.
float ck_mean_chroma(ck_bgr_image source, ck_region region);

#ifdef __cplusplus
}
#endif
