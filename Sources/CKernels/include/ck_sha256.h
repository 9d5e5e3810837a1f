// SHA-256 (FIPS 180-4), for the models' checksums.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Writes the SHA-256 of `size` bytes to `digest`.
void ck_sha256(const void *bytes, size_t size, uint8_t digest[32]);
/// The same without the processor's own instructions; for tests.
void ck_sha256_portable(const void *bytes, size_t size, uint8_t digest[32]);

#ifdef __cplusplus
}
#endif
