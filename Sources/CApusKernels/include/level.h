#pragma once
#include <stdint.h>

// The one way to choose, and to force, an instruction set for kernels that have variants: encoder, rotary layers, posting
// lists, checksums. Other architectures than x86-64 have the plain kernels only.

/// Instruction sets. Those of x86-64 contain the ones before them, but that AVX-512 has the 256-bit products of bytes from
/// APUS_LEVEL_VNNI on only; a CPU has plain and those of its own kind.
enum {
    APUS_LEVEL_PLAIN = 0,
    APUS_LEVEL_AVX2 = 1,
    APUS_LEVEL_AVXVNNI = 2, // four products of bytes a lane in 256 bits: client CPUs without AVX-512
    APUS_LEVEL_AVX512 = 3,
    APUS_LEVEL_VNNI = 4,
    APUS_LEVEL_BF16 = 5,
    APUS_LEVEL_NEON = 6, // 64-bit ARM
    APUS_LEVELS = 7,
};

/// The name of a level below APUS_LEVELS: plain, avx2, avxvnni, avx512, vnni, bf16 or neon.
const char *apus_level_name(int32_t level);

/// The highest level of this CPU.
int32_t apus_level_of_cpu(void);

/// Whether this CPU has a level.
int apus_has_level(int32_t level);

/// The level to use: the one that the environment variable APUS_LEVEL names, otherwise this CPU's. The variable is read once.
/// A name that is unknown or that this CPU lacks counts for nothing here; apus_refused_level tells it.
static inline int32_t apus_level(void) {
    extern int32_t apus_chosen_level;
    return apus_chosen_level;
}

/// Whether this CPU has the instructions of APUS_LEVEL_AVXVNNI as CPUs without AVX-512 encode them.
extern int32_t apus_encodes_avx_vnni;

/// What APUS_LEVEL says when it names no level that this CPU has; null otherwise.
const char *apus_refused_level(void);
