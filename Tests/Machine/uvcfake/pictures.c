#include "pictures.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#define MOST_FILES 24
#define MOST_FILMS 16
#define RAMP_SIDE 256
#define BLACK 16

struct source {
    uint8_t *file;
    size_t file_length;
    uint8_t *rgb;
    int width, height;
};

static struct source sources[MOST_FILES];
static int source_count;

static void *room(size_t bytes) {
    void *memory = malloc(bytes);
    if (!memory) {
        fprintf(stderr, "uvcfake: no memory\n");
        exit(1);
    }
    return memory;
}

static int is_jpeg(const struct dirent *entry) {
    const char *end = strrchr(entry->d_name, '.');
    return end && !strcmp(end, ".jpg");
}

static void add_file(const char *path) {
    FILE *stream = fopen(path, "rb");
    if (!stream) return;
    struct source source = {0};
    fseek(stream, 0, SEEK_END);
    source.file_length = (size_t)ftell(stream);
    rewind(stream);
    source.file = room(source.file_length);
    int read_all = fread(source.file, 1, source.file_length, stream) == source.file_length;
    fclose(stream);
    tjhandle decoder = tjInitDecompress();
    int subsampling, colorspace;
    if (read_all && !tjDecompressHeader3(decoder, source.file, source.file_length, &source.width, &source.height, &subsampling, &colorspace))
        sources[source_count++] = source;
    tjDestroy(decoder);
}

// Decodes when pixels are first wanted: a camera that shows the files as they are is plugged in at once.
static const uint8_t *pixels(struct source *source) {
    if (source->rgb) return source->rgb;
    source->rgb = room((size_t)source->width * source->height * 3);
    tjhandle decoder = tjInitDecompress();
    if (tjDecompress2(decoder, source->file, source->file_length, source->rgb, source->width, 0, source->height, TJPF_RGB, 0))
        fprintf(stderr, "uvcfake: %s\n", tjGetErrorStr2(decoder));
    tjDestroy(decoder);
    return source->rgb;
}

static void add_ramps(void) {
    for (; source_count < 16; source_count++) {
        struct source ramp = {.width = RAMP_SIDE, .height = RAMP_SIDE, .rgb = room(RAMP_SIDE * RAMP_SIDE * 3)};
        for (int y = 0; y < RAMP_SIDE; y++)
            for (int x = 0; x < RAMP_SIDE; x++)
                memset(ramp.rgb + 3 * (y * RAMP_SIDE + x), 16 + (x + y + 16 * source_count) % 220, 3);
        sources[source_count] = ramp;
    }
}

void pictures_load(const char *directory) {
    struct dirent **names = NULL;
    int found = directory ? scandir(directory, &names, is_jpeg, alphasort) : 0;
    for (int i = 0; i < found && source_count < MOST_FILES; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", directory, names[i]->d_name);
        add_file(path);
    }
    if (!source_count) add_ramps();
}

// By the nearest pixel; without a source all is black.
static uint8_t *scaled(struct source *source, int width, int height) {
    const uint8_t *full = source ? pixels(source) : NULL;
    uint8_t *rgb = room((size_t)width * height * 3);
    memset(rgb, BLACK, (size_t)width * height * 3);
    for (int y = 0; full && y < height; y++)
        for (int x = 0; x < width; x++) {
            size_t from = (size_t)(y * source->height / height) * source->width + (size_t)x * source->width / width;
            memcpy(rgb + 3 * ((size_t)y * width + x), full + 3 * from, 3);
        }
    return rgb;
}

static struct picture as_mjpeg(const uint8_t *rgb, int width, int height) {
    tjhandle encoder = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long length = 0;
    if (tjCompress2(encoder, rgb, width, 0, height, TJPF_RGB, &bytes, &length, TJSAMP_422, 85, 0)) exit(1);
    tjDestroy(encoder);
    return (struct picture){.bytes = bytes, .length = length};
}

// Grey, as the chroma matters to no test.
static struct picture as_yuyv(const uint8_t *rgb, int width, int height) {
    struct picture picture = {.bytes = room((size_t)width * height * 2), .length = (size_t)width * height * 2};
    for (size_t i = 0; i < (size_t)width * height; i++) {
        picture.bytes[2 * i] = (uint8_t)((rgb[3 * i] * 77 + rgb[3 * i + 1] * 150 + rgb[3 * i + 2] * 29) >> 8);
        picture.bytes[2 * i + 1] = 128;
    }
    return picture;
}

static struct picture made(struct source *source, enum encoding encoding, int width, int height) {
    if (source && encoding == MJPEG && source->file && source->width == width && source->height == height)
        return (struct picture){.bytes = source->file, .length = source->file_length};
    uint8_t *rgb = scaled(source, width, height);
    struct picture picture = encoding == MJPEG ? as_mjpeg(rgb, width, height) : as_yuyv(rgb, width, height);
    free(rgb);
    return picture;
}

const struct film *pictures_at(enum encoding encoding, int width, int height) {
    static struct film films[MOST_FILMS];
    static int film_count;
    for (int i = 0; i < film_count; i++)
        if (films[i].encoding == encoding && films[i].width == width && films[i].height == height) return films + i;
    if (film_count == MOST_FILMS) return films;
    struct film *film = films + film_count++;
    *film = (struct film){.encoding = encoding, .width = width, .height = height, .count = source_count};
    film->pictures = room(sizeof *film->pictures * (size_t)(source_count + 1));
    for (int i = 0; i <= source_count; i++)
        film->pictures[i] = made(i < source_count ? sources + i : NULL, encoding, width, height);
    return film;
}
