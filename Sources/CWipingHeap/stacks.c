// Overwrites what calls left behind on the stacks of all threads.
//
// Swift keeps a text of at most 15 bytes within the value that holds it: an external id lies on stacks and in no block of
// its own. What a call leaves below the stack pointer stays there until something goes as deep again, and a thread that
// waits for its next request may wait for weeks. Nobody can write to another thread's stack safely but that thread, so each is
// sent a signal whose handler runs on top of it.

#define _GNU_SOURCE
#include "CWipingHeap.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Dispatch, and with it Swift's own threads, block every signal but those of faults and this one.
#define WIPE_SIGNAL SIGPROF

enum { MOST_STACKS = 1024, NEAR = 4096, FRAME = 2048, PATIENCE_MS = 1000 };

// From the lowest address that may be written to the end of the mapping.
struct stack {
    uintptr_t low, high;
};

static struct stack stacks[MOST_STACKS];
static size_t stack_count;
static uintptr_t page_size;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
// The table may be read only while it is open; a signal that comes late finds it closed.
static atomic_int is_open, running, answered;

static void overwrite(uintptr_t from, uintptr_t to)
{
    for (volatile char *byte = (volatile char *)from; byte < (volatile char *)to; byte++)
        *byte = 0;
}

// What lies directly below the caller, where it calls itself.
__attribute__((noinline)) static void overwrite_near(void)
{
    volatile char room[NEAR];
    for (size_t index = 0; index < sizeof room; index++)
        room[index] = 0;
}

// Everything from the stack's low end up to this frame: whole pages are given back and come again as zeros.
static void overwrite_below(uintptr_t frame)
{
    for (size_t index = 0; index < stack_count; index++) {
        if (frame < stacks[index].low || frame >= stacks[index].high)
            continue;
        uintptr_t end = frame - FRAME, low = stacks[index].low, boundary = end / page_size * page_size;
        if (end <= low)
            return;
        if (boundary > low && syscall(SYS_madvise, low, boundary - low, MADV_DONTNEED) == 0)
            low = boundary;
        overwrite(low, end);
        return;
    }
}

static void on_signal(int number)
{
    (void)number;
    int saved = errno;
    atomic_fetch_add(&running, 1);
    if (atomic_load(&is_open)) {
        overwrite_near();
        overwrite_below((uintptr_t)__builtin_frame_address(0));
        atomic_fetch_add(&answered, 1);
    }
    atomic_fetch_sub(&running, 1);
    errno = saved;
}

// Stacks are told from other memory by the page below them that nobody may touch; the first thread's by its name.
static int read_stacks(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL)
        return errno;
    char line[512];
    uintptr_t guard_end = 0;
    stack_count = 0;
    while (fgets(line, sizeof line, maps) != NULL && stack_count < MOST_STACKS) {
        uintptr_t low, high;
        char rights[5];
        if (sscanf(line, "%lx-%lx %4s", &low, &high, rights) != 3)
            continue;
        if (strcmp(rights, "rw-p") == 0 && (low == guard_end || strstr(line, "[stack]") != NULL))
            stacks[stack_count++] = (struct stack){low, high};
        guard_end = strcmp(rights, "---p") == 0 ? high : 0;
    }
    fclose(maps);
    return 0;
}

// How many threads were sent the signal.
static int signal_all(void)
{
    DIR *threads = opendir("/proc/self/task");
    if (threads == NULL)
        return 0;
    int sent = 0;
    for (struct dirent *entry = readdir(threads); entry != NULL; entry = readdir(threads)) {
        long thread = strtol(entry->d_name, NULL, 10);
        if (thread > 0 && syscall(SYS_tgkill, getpid(), thread, WIPE_SIGNAL) == 0)
            sent++;
    }
    closedir(threads);
    return sent;
}

int edged_wipe_stacks(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct timespec moment = {0, 1000000};
    sigemptyset(&action.sa_mask);
    pthread_mutex_lock(&one_at_a_time);
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    int fault = sigaction(WIPE_SIGNAL, &action, NULL) == 0 ? read_stacks() : errno;
    int left = 0;
    if (fault == 0) {
        atomic_store(&answered, 0);
        atomic_store(&is_open, 1);
        int sent = signal_all();
        for (int waited = 0; atomic_load(&answered) < sent && waited < PATIENCE_MS; waited++)
            nanosleep(&moment, NULL);
        atomic_store(&is_open, 0);
        while (atomic_load(&running) > 0)
            nanosleep(&moment, NULL);
        left = sent - atomic_load(&answered);
    }
    pthread_mutex_unlock(&one_at_a_time);
    return fault != 0 ? -fault : left;
}
