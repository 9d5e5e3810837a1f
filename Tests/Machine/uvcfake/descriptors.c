#include "descriptors.h"
#include <string.h>

// Video goes by bulk transfers: the software USB bus has no isochronous ones.
const struct usb_endpoint_descriptor video_endpoint = {
    .bLength = USB_DT_ENDPOINT_SIZE,
    .bDescriptorType = USB_DT_ENDPOINT,
    .bEndpointAddress = VIDEO_ENDPOINT,
    .bmAttributes = USB_ENDPOINT_XFER_BULK,
    .wMaxPacketSize = 512,
};

static uint8_t *out;
static int length;

static void put1(unsigned value) { out[length++] = (uint8_t)value; }

static void put2(unsigned value) {
    put1(value);
    put1(value >> 8);
}

static void put4(uint32_t value) {
    put2(value);
    put2(value >> 16);
}

static void put(const char *bytes, int count) {
    memcpy(out + length, bytes, (size_t)count);
    length += count;
}

static void set2(int at, int value) {
    out[at] = (uint8_t)value;
    out[at + 1] = (uint8_t)(value >> 8);
}

static void put_frames(int subtype, const struct size *sizes, int count, int frames_per_second) {
    uint32_t interval = 10000000u / (unsigned)frames_per_second;
    for (int i = 0; i < count; i++) {
        uint32_t bytes = (uint32_t)(sizes[i].width * sizes[i].height * 2), bits = bytes * 8 * (unsigned)frames_per_second;
        put1(34), put1(0x24), put1(subtype), put1(i + 1), put1(0);
        put2(sizes[i].width), put2(sizes[i].height);
        put4(bits / 2), put4(bits), put4(bytes), put4(interval);
        put1(2), put4(interval), put4(interval * 2);
    }
    put("\6\44\15\1\1\4", 6); // colours as in BT.709
}

// Interface 0: a sensor, a processing unit with brightness, contrast and gain, the way out.
static void put_control_interface(void) {
    put("\11\4\0\0\0\16\1\0\2", 9);
    int start = length;
    put1(13), put1(0x24), put1(1), put2(0x0110), put2(0), put4(48000000), put1(1), put1(1);
    put1(18), put1(0x24), put1(2), put1(1), put2(0x0201), put1(0), put1(0), put2(0), put2(0), put2(0), put1(3), put1(0), put2(0);
    put1(12), put1(0x24), put1(5), put1(2), put1(1), put2(0), put1(2), put2(0x203), put1(0), put1(0);
    put1(9), put1(0x24), put1(3), put1(3), put2(0x0101), put1(0), put1(2), put1(0);
    set2(start + 5, length - start);
}

// Interface 1: the formats and the endpoint.
static void put_streaming_interface(const struct offer *offer) {
    static const char yuy2[] = "YUY2\0\0\20\0\200\0\0\252\0\70\233\161";
    int formats = !!offer->mjpeg_count + !!offer->yuyv_count;
    put("\11\4\1\0\1\16\2\0\0", 9);
    int start = length;
    put1(13 + formats), put1(0x24), put1(1), put1(formats), put2(0), put1(VIDEO_ENDPOINT), put1(0), put1(3), put1(0), put1(0), put1(0), put1(1);
    for (int i = 0; i < formats; i++) put1(0);
    if (offer->mjpeg_count) {
        put1(11), put1(0x24), put1(6), put1(1), put1(offer->mjpeg_count), put1(1), put1(1), put4(0);
        put_frames(7, offer->mjpeg, offer->mjpeg_count, offer->frames_per_second);
    }
    if (offer->yuyv_count) {
        put1(27), put1(0x24), put1(4), put1(formats), put1(offer->yuyv_count), put(yuy2, 16), put1(16), put1(1), put4(0);
        put_frames(5, offer->yuyv, offer->yuyv_count, offer->frames_per_second);
    }
    set2(start + 4, length - start);
    put((const char *)&video_endpoint, USB_DT_ENDPOINT_SIZE);
}

int describe_configuration(const struct offer *offer, uint8_t *bytes) {
    out = bytes;
    length = 0;
    put1(9), put1(2), put2(0), put1(2), put1(1), put1(0), put1(0x80), put1(250);
    put("\10\13\0\2\16\3\0\2", 8); // both interfaces belong together
    put_control_interface();
    put_streaming_interface(offer);
    set2(2, length);
    return length;
}

void settle(const struct offer *offer, struct probe *probe) {
    int formats = !!offer->mjpeg_count + !!offer->yuyv_count;
    if (probe->format < 1 || probe->format > formats) probe->format = 1;
    int is_mjpeg = offer->mjpeg_count && probe->format == 1;
    int frames = is_mjpeg ? offer->mjpeg_count : offer->yuyv_count;
    if (probe->frame < 1) probe->frame = 1;
    if (probe->frame > frames) probe->frame = (uint8_t)frames;
    struct size size;
    agreed(offer, probe, &size);
    uint32_t interval = 10000000u / (unsigned)offer->frames_per_second;
    probe->interval = probe->interval > interval ? interval * 2 : interval;
    probe->most_frame = (uint32_t)(size.width * size.height * 2);
    probe->most_payload = PAYLOAD;
    probe->clock = 48000000;
    probe->framing = 3;
    probe->preferred = probe->least_version = probe->most_version = 1;
}

enum encoding agreed(const struct offer *offer, const struct probe *probe, struct size *size) {
    int is_mjpeg = offer->mjpeg_count && probe->format == 1;
    *size = (is_mjpeg ? offer->mjpeg : offer->yuyv)[probe->frame - 1];
    return is_mjpeg ? MJPEG : YUYV;
}
