#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `count` bytes, continuing from `seed` (0 to start).
uint32_t apus_crc32c(uint32_t seed, const void *bytes, size_t count);
