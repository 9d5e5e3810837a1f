#define _GNU_SOURCE
#include "CSharedMemory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

/// Shortened memory kills who reads behind its end: whoever maps it wants to know that this cannot be.
static const int SIZE_SEALS = F_SEAL_SHRINK | F_SEAL_GROW;

int csm_create(size_t size, bool is_ours_to_write, void **mapped)
{
    int handle = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (handle < 0) return -errno;
    int reason = 0;
    if (ftruncate(handle, (off_t)size) != 0) reason = errno;
    void *place = MAP_FAILED;
    if (!reason) {
        place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
        if (place == MAP_FAILED) reason = errno;
    }
    // After the mapping, which is the last one that may write.
    int seals = SIZE_SEALS | F_SEAL_SEAL | (is_ours_to_write ? F_SEAL_FUTURE_WRITE : 0);
    if (!reason && fcntl(handle, F_ADD_SEALS, seals) != 0) reason = errno;
    if (!reason) {
        *mapped = place;
        return handle;
    }
    if (place != MAP_FAILED) munmap(place, size);
    close(handle);
    return -reason;
}

int csm_map(int descriptor, size_t most, bool for_writing, void **mapped, size_t *size)
{
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0) return -errno;
    if ((seals & SIZE_SEALS) != SIZE_SEALS) return -EPERM;
    if (!for_writing && !(seals & (F_SEAL_FUTURE_WRITE | F_SEAL_WRITE))) return -EPERM;
    struct stat status;
    if (fstat(descriptor, &status) != 0) return -errno;
    if (status.st_size <= 0) return -EINVAL;
    if ((unsigned long long)status.st_size > most) return -EFBIG;
    int protection = for_writing ? PROT_READ | PROT_WRITE : PROT_READ;
    void *place = mmap(NULL, (size_t)status.st_size, protection, MAP_SHARED, descriptor, 0);
    if (place == MAP_FAILED) return -errno;
    *mapped = place;
    *size = (size_t)status.st_size;
    return 0;
}

void csm_unmap(void *mapped, size_t size)
{
    munmap(mapped, size);
}
