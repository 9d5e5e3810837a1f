// What the software camera shows: the pictures of a directory, at any size, as MJPEG or YUYV.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum encoding { MJPEG, YUYV };

struct picture {
    uint8_t *bytes;
    size_t length;
};

struct film {
    enum encoding encoding;
    int width, height;
    struct picture *pictures; // the last one is black
    int count;                // without the black one
};

// Reads the JPEG files of a directory in the order of their names; without a directory, or with none in it, a moving ramp is shown.
void pictures_load(const char *directory);

// The film at a size; made when it is first asked for, then kept. A file of that very size is shown as it is.
const struct film *pictures_at(enum encoding encoding, int width, int height);
