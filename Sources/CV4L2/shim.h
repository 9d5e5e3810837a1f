#pragma once
#include <errno.h>
#include <libv4l2.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

// What Swift cannot do: variadic functions, the _IOWR request macros, MAP_FAILED. Calls answer with 0 or an errno.

/// A request through libv4l2, repeated when a signal interrupts it.
static inline int cv4l2_ioctl(int fd, unsigned long request, void *argument) {
    int status;
    do status = v4l2_ioctl(fd, request, argument);
    while (status < 0 && errno == EINTR);
    return status < 0 ? errno : 0;
}

/// The same past libv4l2, for descriptors that it has not taken on: it writes to standard error about non-cameras.
static inline int cv4l2_plain_ioctl(int fd, unsigned long request, void *argument) {
    int status;
    do status = ioctl(fd, request, argument);
    while (status < 0 && errno == EINTR);
    return status < 0 ? errno : 0;
}

/// Keeps libv4l2 from writing a line to standard error for each time that no frame is ready; call it once, before all else.
static inline void cv4l2_silence(void) {
    if (!v4l2_log_file) v4l2_log_file = fopen("/dev/null", "we");
}

/// Hands an open descriptor to libv4l2, which converts odd formats; `v4l2_close` closes it then.
static inline int cv4l2_adopt(int fd) { return v4l2_fd_open(fd, 0) < 0 ? errno : 0; }

/// Maps a driver's buffer.
static inline int cv4l2_map(int fd, size_t length, int64_t offset, void **memory) {
    *memory = v4l2_mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    return *memory == MAP_FAILED ? errno : 0;
}

/// An event that `poll` can wait for; -1 and errno when there is none.
static inline int cv4l2_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Names the calling thread, for `top -H`; the kernel keeps 15 bytes.
static inline void cv4l2_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

static const unsigned long CV4L2_QUERYCAP = VIDIOC_QUERYCAP;
static const unsigned long CV4L2_ENUM_FMT = VIDIOC_ENUM_FMT;
static const unsigned long CV4L2_ENUM_FRAMESIZES = VIDIOC_ENUM_FRAMESIZES;
static const unsigned long CV4L2_ENUM_FRAMEINTERVALS = VIDIOC_ENUM_FRAMEINTERVALS;
static const unsigned long CV4L2_S_FMT = VIDIOC_S_FMT;
static const unsigned long CV4L2_G_PARM = VIDIOC_G_PARM;
static const unsigned long CV4L2_S_PARM = VIDIOC_S_PARM;
static const unsigned long CV4L2_REQBUFS = VIDIOC_REQBUFS;
static const unsigned long CV4L2_QUERYBUF = VIDIOC_QUERYBUF;
static const unsigned long CV4L2_QBUF = VIDIOC_QBUF;
static const unsigned long CV4L2_DQBUF = VIDIOC_DQBUF;
static const unsigned long CV4L2_STREAMON = VIDIOC_STREAMON;
static const unsigned long CV4L2_STREAMOFF = VIDIOC_STREAMOFF;
static const unsigned long CV4L2_QUERYCTRL = VIDIOC_QUERYCTRL;
static const unsigned long CV4L2_QUERYMENU = VIDIOC_QUERYMENU;
static const unsigned long CV4L2_G_CTRL = VIDIOC_G_CTRL;
static const unsigned long CV4L2_S_CTRL = VIDIOC_S_CTRL;

// Function-like or cast macros, each as a constant of the type it is used with.
static const uint32_t CV4L2_CTRL_FLAG_NEXT_CTRL = V4L2_CTRL_FLAG_NEXT_CTRL;
static const uint32_t CV4L2_CTRL_FLAG_NEXT_COMPOUND = V4L2_CTRL_FLAG_NEXT_COMPOUND;
