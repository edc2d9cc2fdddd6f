#pragma once
#include <stddef.h>
#include <stdint.h>
#include "level.h"

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `count` bytes, continuing from `seed` (0 to start).
uint32_t apus_crc32c(uint32_t seed, const void *bytes, size_t count);

/// The same with the kernel of a level: every level but plain has the instruction, where the CPU does.
uint32_t apus_crc32c_at(int32_t level, uint32_t seed, const void *bytes, size_t count);

/// The checksum of two texts one after the other, from that of each and the length of the second; O(log `second_count`).
uint32_t apus_crc32c_combine(uint32_t first, uint32_t second, uint64_t second_count);
