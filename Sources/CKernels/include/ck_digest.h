#pragma once
#include <stddef.h>
#include <stdint.h>

// A 64-bit digest of bytes: equal bytes give equal digests, others hardly ever.
//
// It tells a repeated picture from a new one and keeps no secret: whoever can change a picture can change its digest.
uint64_t ck_digest64(const uint8_t *bytes, size_t count, uint64_t seed);
