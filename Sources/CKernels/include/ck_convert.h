#pragma once
#include <stddef.h>
#include <stdint.h>

// Raw camera formats to packed B G R (BT.601, full range: as JPEG has it). The caller has checked that every row lies
// inside its buffer: `bgr` holds 3 * width * height bytes; strides are bytes from one row to the next.

/// 4:2:2 packed, Y0 U Y1 V; a row is ((width + 1) / 2) * 4 bytes.
void ck_yuyv_to_bgr(const uint8_t *yuyv, size_t stride, size_t width, size_t height, uint8_t *bgr);

/// A luma plane and a plane of interleaved U V at half size; both have the same stride.
void ck_nv12_to_bgr(const uint8_t *luma, const uint8_t *chroma, size_t stride, size_t width, size_t height, uint8_t *bgr);

/// One byte of luma a pixel.
void ck_grey_to_bgr(const uint8_t *grey, size_t stride, size_t width, size_t height, uint8_t *bgr);

/// Packed B G R A, alpha not multiplied in, composed over white.
void ck_bgra_over_white(const uint8_t *bgra, size_t pixels, uint8_t *bgr);

/// Turns and mirrors packed B G R as an EXIF orientation of 1 to 8 asks; 5 to 8 swap the sides.
void ck_orient_bgr(const uint8_t *source, size_t width, size_t height, int orientation, uint8_t *bgr);
