#pragma once
#include <png.h>
#include <stdint.h>

// The simplified API's formats are macros that Swift does not import, and its errors stay inside each call here.

/// Reads width and height from the header; 0 when the bytes are a PNG.
static inline int cpng_size(const void *bytes, size_t count, uint32_t *width, uint32_t *height) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    int isRead = png_image_begin_read_from_memory(&image, bytes, count);
    *width = image.width;
    *height = image.height;
    png_image_free(&image);
    return isRead ? 0 : -1;
}

/// Decodes to packed B G R over white; `bgr` must hold 3 * width * height bytes. 0 when the picture is whole.
static inline int cpng_decode_bgr(const void *bytes, size_t count, uint32_t width, uint32_t height, void *bgr) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    png_color white = {255, 255, 255};
    int isRead = png_image_begin_read_from_memory(&image, bytes, count);
    if (isRead && (image.width != width || image.height != height)) isRead = 0;
    image.format = PNG_FORMAT_BGR;
    if (isRead) isRead = png_image_finish_read(&image, &white, bgr, (png_int_32)(3 * width), NULL);
    png_image_free(&image);
    return isRead ? 0 : -1;
}
