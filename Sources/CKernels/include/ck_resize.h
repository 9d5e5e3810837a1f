// From packed BGR pixels to what a net reads: planar floats, cropped, scaled and letterboxed in one pass.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A packed 8-bit BGR picture without padding between its rows.
typedef struct ck_bgr_image {
    const uint8_t *pixels;
    int width, height;
} ck_bgr_image;

/// A part of a picture in whole pixels; must lie inside of it.
typedef struct ck_region {
    int x, y, width, height;
} ck_region;

/// Which channel comes first in the planes.
typedef enum ck_order { CK_ORDER_BGR = 0, CK_ORDER_RGB = 1 } ck_order;

/// How pixels between pixels are found.
typedef enum ck_filter {
    /// Two neighbours in each direction, pixel centres at halves; what most nets were trained with.
    CK_FILTER_BILINEAR = 0,
    /// The mean over the area that a target pixel covers; does not alias. Enlarges like bilinear.
    CK_FILTER_AREA = 1,
} ck_filter;

/// Three planes of floats, one after another.
typedef struct ck_planes {
    float *data;
    int width, height;
} ck_planes;

/// Scales `region` to `width`×`height` pixels in the upper left corner of `planes`, multiplied by `scale`; the rest of
/// the planes becomes 0. Returns 0, or -1 when the sizes make no sense or memory is out.
int ck_resize_to_planes(
    ck_bgr_image source, ck_region region, int width, int height, ck_filter filter, ck_order order, float scale,
    ck_planes planes);

/// Fills `planes` through the affine map from target to source pixels, `sx = m0·x + m1·y + m2`, `sy = m3·x + m4·y + m5`;
/// bilinear, 0 outside of the source.
void ck_warp_to_planes(ck_bgr_image source, const double map[6], ck_order order, float scale, ck_planes planes);

/// Shrinks `region` by a whole factor with a box filter; `target` holds (width/factor)×(height/factor) BGR pixels.
/// Columns and rows that do not fill a box are left out.
void ck_shrink_bgr(ck_bgr_image source, ck_region region, int factor, uint8_t *target);

#ifdef __cplusplus
}
#endif
