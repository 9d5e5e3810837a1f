// Overwrites heap memory when it is freed.
//
// A name or a template that was erased must not live on in memory that nobody uses any more: in a core, in a swapped page, in
// a later buffer that is sent somewhere. Keys wipe themselves; but a name passes through strings and buffers of half a dozen
// libraries, none of which wipes. So the heap does it for all of them.
//
// The program's own `free` and `realloc` take the place of glibc's for every library in the process, also those loaded later.
// Blocks stay glibc's: it allocates them, and `__libc_free` takes them back.

#include "CWipingHeap.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

extern void __libc_free(void *block);

// Without the barrier a compiler may leave out writes to memory that is freed next.
static void wipe(void *block, size_t size)
{
    memset(block, 0, size);
    __asm__ __volatile__("" : : "r"(block) : "memory");
}

void free(void *block)
{
    if (block == NULL)
        return;
    // A caller reads errno after a free that follows a failed call.
    int saved = errno;
    wipe(block, malloc_usable_size(block));
    __libc_free(block);
    errno = saved;
}

void *realloc(void *block, size_t size)
{
    if (block == NULL)
        return malloc(size);
    if (size == 0) {
        free(block);
        return NULL;
    }
    size_t present = malloc_usable_size(block);
    // What fits and is not much too large stays where it is; what no longer belongs to the block is wiped at its end.
    if (size <= present && size >= present / 2) {
        wipe((char *)block + size, present - size);
        return block;
    }
    void *moved = malloc(size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, present < size ? present : size);
    free(block);
    return moved;
}

int edged_forbid_core_dumps(void)
{
    int fault = 0;
    struct rlimit none = {0, 0};
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        fault = errno;
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        fault = errno;
    return fault;
}

void edged_bound_heap(void)
{
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    mallopt(M_ARENA_MAX, 4);
}

void edged_return_unused_memory(void) { malloc_trim(0); }
