// What the software camera says that it is: the descriptors of a USB video device, and the negotiation of a stream.
#pragma once
#include "pictures.h"
#include <linux/usb/ch9.h>

#define VIDEO_ENDPOINT 0x81
#define MOST_SIZES 8
#define PAYLOAD 16384 // most bytes of one transfer, its header included

struct size {
    int width, height;
};

struct offer { // what there is to choose from
    struct size mjpeg[MOST_SIZES], yuyv[MOST_SIZES];
    int mjpeg_count, yuyv_count;
    int frames_per_second; // and half of it
};

// The structure by which host and camera agree on a stream (UVC 1.1).
struct __attribute__((packed)) probe {
    uint16_t hint;
    uint8_t format, frame;
    uint32_t interval; // of 100 ns
    uint16_t key_frames, p_frames, quality, window, delay;
    uint32_t most_frame, most_payload, clock;
    uint8_t framing, preferred, least_version, most_version;
};

extern const struct usb_endpoint_descriptor video_endpoint;

// Writes the configuration descriptor; returns its length.
int describe_configuration(const struct offer *offer, uint8_t *bytes);

// Answers a wish by what the camera would really do.
void settle(const struct offer *offer, struct probe *probe);

// What was agreed on.
enum encoding agreed(const struct offer *offer, const struct probe *probe, struct size *size);
