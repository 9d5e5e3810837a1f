// uvcfake: a USB camera made of software. It sits on the kernel's own USB bus for programs (raw_gadget on dummy_hcd), and
// the real uvcvideo driver takes it for a webcam. Ending the program is pulling the plug.
//
//   uvcfake [-u BUS] [-s SERIAL] [-p PRODUCT] [-m WxH[,WxH]] [-y WxH[,WxH]] [-f FPS] [-d DIRECTORY] [-t EVERY] [-x STEP]
//
// -m and -y: the sizes in MJPEG and YUYV, `-` for none; -d: JPEG files to show (or UVCFAKE_FRAMES); -t: as the command
// `cut`; -x: leaves in the middle of being opened, at `probe` or at `commit`. Lines on standard input change what it does:
//   cut N      every N-th picture is cut off in its middle (0: none)     corrupt N   every N-th has rubbish in it
//   empty N    every N-th has no bytes                                   fps N       the real rate, whatever was agreed
//   pause, go  no picture comes any more, and comes again                freeze, black, film: what is seen
#include "descriptors.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/raw_gadget.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum scene { FILM, FROZEN, DARK };

static struct offer offer = {
    .mjpeg = {{640, 360}, {640, 480}, {1280, 720}},
    .yuyv = {{640, 480}, {320, 240}},
    .mjpeg_count = 3,
    .yuyv_count = 2,
    .frames_per_second = 30,
};
static const char *serial = "EDGED0001", *product = "Software Camera", *leaves_at = "";
static int bus, gadget, endpoint = -1;
static uint8_t configuration[1024];
static int configuration_length;
static struct probe wished;
static int16_t controls[3] = {0, 32, 16}; // brightness, contrast, gain
static pthread_t streamer;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct { // under the lock
    struct probe stream;
    atomic_uint generation; // grows with each stream; read without the lock
    unsigned cut, corrupt, empty, frames_per_second;
    int is_paused;
    enum scene scene;
} now;

struct transfer {
    struct usb_raw_ep_io header;
    uint8_t bytes[PAYLOAD];
};

// --- the stream

// One picture in transfers that the driver puts together again; it ends where a new stream begins.
static void send_picture(const uint8_t *bytes, size_t length, uint8_t frame_id) {
    static struct transfer transfer;
    size_t at = 0;
    unsigned generation = now.generation;
    do {
        size_t part = length - at < PAYLOAD - 2 ? length - at : PAYLOAD - 2;
        size_t whole = part + 2;
        transfer.header.ep = (uint16_t)endpoint;
        transfer.header.flags = whole % 512 == 0 && whole < PAYLOAD ? USB_RAW_IO_FLAGS_ZERO : 0;
        transfer.header.length = (uint32_t)whole;
        transfer.bytes[0] = 2;
        transfer.bytes[1] = (uint8_t)(0x80 | frame_id | (at + part == length ? 2 : 0)); // end of header, of the picture
        memcpy(transfer.bytes + 2, bytes + at, part);
        if (ioctl(gadget, USB_RAW_IOCTL_EP_WRITE, &transfer) < 0) return;
        at += part;
    } while (at < length && generation == now.generation);
}

static int is_nth(unsigned number, unsigned every) { return every && number % every == 0; }

static void show(const struct film *film, unsigned number, uint8_t frame_id) {
    static uint8_t *rubbish;
    static size_t rubbish_room;
    pthread_mutex_lock(&lock);
    int is_cut = is_nth(number, now.cut), is_corrupt = is_nth(number, now.corrupt), is_empty = is_nth(number, now.empty);
    enum scene scene = now.scene;
    pthread_mutex_unlock(&lock);
    int index = scene == DARK ? film->count : scene == FROZEN ? 0 : (int)(number % (unsigned)film->count);
    struct picture picture = film->pictures[index];
    if (is_empty) picture.length = 0;
    if (is_cut) picture.length /= 2;
    if (is_corrupt && picture.length) {
        if (rubbish_room < picture.length) rubbish = realloc(rubbish, rubbish_room = picture.length);
        if (!rubbish) exit(1);
        memcpy(rubbish, picture.bytes, picture.length);
        for (size_t i = picture.length / 3; i < picture.length * 2 / 3; i++) rubbish[i] = (uint8_t)(rubbish[i] * 31 + 7);
        picture.bytes = rubbish;
    }
    send_picture(picture.bytes, picture.length, frame_id);
}

static void wait_until(struct timespec *time, uint64_t step) {
    struct timespec clock;
    clock_gettime(CLOCK_MONOTONIC, &clock);
    uint64_t next = (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec + step;
    uint64_t current = (uint64_t)clock.tv_sec * 1000000000u + (uint64_t)clock.tv_nsec;
    if (next < current) next = current;
    time->tv_sec = (time_t)(next / 1000000000u);
    time->tv_nsec = (long)(next % 1000000000u);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, time, NULL);
}

static void *stream(void *unused) {
    (void)unused;
    unsigned seen = 0, number = 0;
    const struct film *film = NULL;
    struct timespec time = {0};
    for (uint8_t frame_id = 0;;) {
        pthread_mutex_lock(&lock);
        struct probe agreement = now.stream;
        unsigned generation = now.generation;
        uint64_t step = now.frames_per_second ? 1000000000u / now.frames_per_second : agreement.interval * 100ull;
        int is_paused = now.is_paused;
        pthread_mutex_unlock(&lock);
        if (!generation || endpoint < 0 || is_paused) {
            usleep(2000);
            continue;
        }
        if (generation != seen) {
            struct size size;
            enum encoding encoding = agreed(&offer, &agreement, &size);
            film = pictures_at(encoding, size.width, size.height);
            clock_gettime(CLOCK_MONOTONIC, &time);
            seen = generation;
        }
        show(film, ++number, frame_id);
        frame_id ^= 1;
        wait_until(&time, step);
    }
    return NULL;
}

// --- requests of the host

static void answer(const void *bytes, int length, int wanted) {
    struct transfer transfer = {.header = {.length = (uint32_t)(length < wanted ? length : wanted)}};
    memcpy(transfer.bytes, bytes, transfer.header.length);
    ioctl(gadget, USB_RAW_IOCTL_EP0_WRITE, &transfer);
}

static int take(void *bytes, int length) {
    struct transfer transfer = {.header = {.length = (uint32_t)length}};
    int count = ioctl(gadget, USB_RAW_IOCTL_EP0_READ, &transfer);
    if (count > 0 && bytes) memcpy(bytes, transfer.bytes, (size_t)count);
    return count;
}

static void refuse(void) { ioctl(gadget, USB_RAW_IOCTL_EP0_STALL, 0); }

static void tell_string(int index, int wanted) {
    static const char *texts[] = {"", "edged tests"};
    uint8_t bytes[128] = {4, USB_DT_STRING, 9, 4}; // which languages: English
    int length = 4;
    if (index) {
        length = 2;
        for (const char *text = index == 1 ? texts[1] : index == 2 ? product : serial; *text && length < 126; text++) {
            bytes[length++] = (uint8_t)*text;
            bytes[length++] = 0;
        }
        bytes[0] = (uint8_t)length;
    }
    answer(bytes, length, wanted);
}

static void tell_descriptor(const struct usb_ctrlrequest *request) {
    static const struct usb_device_descriptor device = {
        .bLength = 18, .bDescriptorType = 1, .bcdUSB = 0x200, .bDeviceClass = 0xef, .bDeviceSubClass = 2, .bDeviceProtocol = 1,
        .bMaxPacketSize0 = 64, .idVendor = 0x1d6b, .idProduct = 0x0102, .bcdDevice = 0x100, .iManufacturer = 1, .iProduct = 2,
        .iSerialNumber = 3, .bNumConfigurations = 1};
    static const uint8_t other_speed[10] = {10, 6, 0, 2, 0xef, 2, 1, 64, 1, 0};
    switch (request->wValue >> 8) {
    case USB_DT_DEVICE: answer(&device, 18, request->wLength); break;
    case USB_DT_DEVICE_QUALIFIER: answer(other_speed, 10, request->wLength); break;
    case USB_DT_CONFIG: answer(configuration, configuration_length, request->wLength); break;
    case USB_DT_STRING: tell_string(request->wValue & 255, request->wLength); break;
    default: refuse();
    }
}

static void standard_request(const struct usb_ctrlrequest *request) {
    switch (request->bRequest) {
    case USB_REQ_GET_DESCRIPTOR: tell_descriptor(request); break;
    case USB_REQ_SET_CONFIGURATION: {
        int enabled = endpoint < 0 ? ioctl(gadget, USB_RAW_IOCTL_EP_ENABLE, &video_endpoint) : endpoint;
        ioctl(gadget, USB_RAW_IOCTL_VBUS_DRAW, 250);
        ioctl(gadget, USB_RAW_IOCTL_CONFIGURE, 0);
        take(NULL, 0);
        endpoint = enabled;
        break;
    }
    case USB_REQ_SET_INTERFACE: take(NULL, 0); break;
    case USB_REQ_GET_CONFIGURATION:
    case USB_REQ_GET_INTERFACE: answer("\0", 1, request->wLength); break;
    case USB_REQ_GET_STATUS: answer("\0\0", 2, request->wLength); break;
    default: refuse();
    }
}

static void begin_stream(const struct probe *agreement) {
    pthread_mutex_lock(&lock);
    now.stream = *agreement;
    now.generation++;
    pthread_mutex_unlock(&lock);
    pthread_kill(streamer, SIGUSR1); // what the last stream left in the endpoint goes away
}

// The host proposes, is told what it would get, and commits to that.
static void negotiate(const struct usb_ctrlrequest *request) {
    int is_commit = request->wValue >> 8 == 2;
    if (request->bRequestType & USB_DIR_IN) {
        struct probe probe = wished;
        if (request->bRequest != 0x81) { // not the current one
            memset(&probe, 0, sizeof probe);
            settle(&offer, &probe);
        }
        if (request->bRequest == 0x86) answer("\3", 1, request->wLength);
        else if (request->bRequest == 0x85) answer("\42\0", 2, request->wLength); // 34 bytes long
        else answer(&probe, sizeof probe, request->wLength);
        return;
    }
    if (!strcmp(leaves_at, is_commit ? "commit" : "probe")) _exit(0);
    struct probe probe = wished;
    if (take(&probe, request->wLength) < 0) return;
    settle(&offer, &probe);
    if (is_commit) begin_stream(&probe);
    else wished = probe;
}

static void set_or_tell_control(const struct usb_ctrlrequest *request, int which) {
    static const int16_t least[] = {-64, 0, 0}, standard[] = {0, 32, 16};
    uint8_t bytes[64] = {0};
    int16_t value = controls[which];
    if (!(request->bRequestType & USB_DIR_IN)) {
        if (take(bytes, request->wLength) >= 0) controls[which] = (int16_t)(bytes[0] | bytes[1] << 8);
        return;
    }
    switch (request->bRequest) {
    case 0x82: value = least[which]; break;
    case 0x83: value = 64; break; // the greatest
    case 0x84: value = 1; break;  // the step
    case 0x85: value = 2; break;  // the length
    case 0x86: value = 3; break;  // it can be read and set
    case 0x87: value = standard[which]; break;
    }
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
    answer(bytes, request->bRequest == 0x86 ? 1 : 2, request->wLength);
}

static void video_request(const struct usb_ctrlrequest *request) {
    int selector = request->wValue >> 8, unit = request->wIndex >> 8, interface = request->wIndex & 255;
    if (interface == 1 && (selector == 1 || selector == 2)) negotiate(request);
    else if (interface == 0 && unit == 2 && selector >= 2 && selector <= 4) set_or_tell_control(request, selector - 2);
    else if (interface == 0 && unit == 0 && selector == 2) answer("\6", 1, request->wLength); // the last error: no such control
    else refuse();
}

// --- the program

static void obey(char *line) {
    char word[16] = "";
    unsigned number = 0;
    sscanf(line, "%15s %u", word, &number);
    pthread_mutex_lock(&lock);
    if (!strcmp(word, "cut")) now.cut = number;
    else if (!strcmp(word, "corrupt")) now.corrupt = number;
    else if (!strcmp(word, "empty")) now.empty = number;
    else if (!strcmp(word, "fps")) now.frames_per_second = number;
    else if (!strcmp(word, "pause") || !strcmp(word, "go")) now.is_paused = *word == 'p';
    else if (!strcmp(word, "freeze")) now.scene = FROZEN;
    else if (!strcmp(word, "black")) now.scene = DARK;
    else if (!strcmp(word, "film")) now.scene = FILM;
    else fprintf(stderr, "uvcfake: what is %s?\n", word);
    pthread_mutex_unlock(&lock);
}

static void *listen(void *unused) {
    (void)unused;
    char line[64];
    while (fgets(line, sizeof line, stdin)) obey(line);
    return NULL;
}

static int read_sizes(const char *text, struct size *sizes) {
    int count = 0, used;
    while (count < MOST_SIZES && sscanf(text, "%dx%d%n", &sizes[count].width, &sizes[count].height, &used) == 2) {
        count++;
        text += used;
        if (*text++ != ',') break;
    }
    return count;
}

static const char *read_options(int argc, char **argv) {
    const char *directory = getenv("UVCFAKE_FRAMES");
    for (int option; (option = getopt(argc, argv, "u:s:p:m:y:f:d:t:x:")) > 0;) switch (option) {
        case 'u': bus = atoi(optarg); break;
        case 's': serial = optarg; break;
        case 'p': product = optarg; break;
        case 'm': offer.mjpeg_count = read_sizes(optarg, offer.mjpeg); break;
        case 'y': offer.yuyv_count = read_sizes(optarg, offer.yuyv); break;
        case 'f': offer.frames_per_second = atoi(optarg); break;
        case 'd': directory = optarg; break;
        case 't': now.cut = (unsigned)atoi(optarg); break;
        case 'x': leaves_at = optarg; break;
        default: exit(2);
        }
    return directory;
}

static void plug_in(void) {
    gadget = open("/dev/raw-gadget", O_RDWR);
    struct usb_raw_init init = {.speed = USB_SPEED_HIGH};
    strcpy((char *)init.driver_name, "dummy_udc");
    snprintf((char *)init.device_name, sizeof init.device_name, "dummy_udc.%d", bus);
    if (gadget < 0 || ioctl(gadget, USB_RAW_IOCTL_INIT, &init) < 0 || ioctl(gadget, USB_RAW_IOCTL_RUN, 0) < 0) {
        perror("uvcfake: raw_gadget");
        exit(1);
    }
}

static void nothing(int signal) { (void)signal; }

int main(int argc, char **argv) {
    pictures_load(read_options(argc, argv));
    configuration_length = describe_configuration(&offer, configuration);
    settle(&offer, &wished);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = nothing}, NULL); // without SA_RESTART: it must end a write
    plug_in();
    pthread_t listener;
    pthread_create(&streamer, NULL, stream, NULL);
    pthread_create(&listener, NULL, listen, NULL);
    for (;;) {
        struct {
            struct usb_raw_event header;
            struct usb_ctrlrequest request;
        } event = {.header = {.length = sizeof event.request}};
        if (ioctl(gadget, USB_RAW_IOCTL_EVENT_FETCH, &event) < 0) {
            if (errno == EINTR) continue;
            perror("uvcfake: event");
            return 1;
        }
        if (event.header.type != USB_RAW_EVENT_CONTROL) continue;
        int type = event.request.bRequestType & USB_TYPE_MASK;
        if (type == USB_TYPE_STANDARD) standard_request(&event.request);
        else if (type == USB_TYPE_CLASS) video_request(&event.request);
        else refuse();
    }
}
