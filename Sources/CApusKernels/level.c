#include "level.h"
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const char *const level_names[APUS_LEVELS] = {"plain", "avx2", "avxvnni", "avx512", "vnni", "bf16", "neon"};

const char *apus_level_name(int32_t level) { return level_names[level]; }

int32_t apus_encodes_avx_vnni;

int32_t apus_level_of_cpu(void) {
#if defined(__x86_64__)
    if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")))
        return APUS_LEVEL_PLAIN;
    if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")))
        return apus_encodes_avx_vnni ? APUS_LEVEL_AVXVNNI : APUS_LEVEL_AVX2;
    if (!__builtin_cpu_supports("avx512vnni")) return APUS_LEVEL_AVX512;
    return __builtin_cpu_supports("avx512bf16") ? APUS_LEVEL_BF16 : APUS_LEVEL_VNNI;
#elif defined(__aarch64__)
    return APUS_LEVEL_NEON;
#else
    return APUS_LEVEL_PLAIN;
#endif
}

int apus_has_level(int32_t level) {
    int32_t highest = apus_level_of_cpu();
    if (level == APUS_LEVEL_AVXVNNI && highest == APUS_LEVEL_AVX512) return 0;
    return level == APUS_LEVEL_PLAIN || level == highest || (highest != APUS_LEVEL_NEON && level >= 0 && level < highest);
}

// Set before main, so that no kernel pays for more than a load.
int32_t apus_chosen_level;
static const char *refused_level;

__attribute__((constructor)) static void choose_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    unsigned a = 0, b, c, d;
    // Asked once: in a virtual machine each question costs as much as a short text.
    apus_encodes_avx_vnni = __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 1 << 4) != 0;
#endif
    const char *name = getenv("APUS_LEVEL");
    if (!name) name = getenv("APUS_KERNELS"); // its name in release 1
    apus_chosen_level = apus_level_of_cpu();
    if (!name || !*name) return;
    for (int32_t level = 0; level < APUS_LEVELS; level++)
        if (apus_has_level(level) && strcmp(name, level_names[level]) == 0) {
            apus_chosen_level = level;
            return;
        }
    refused_level = name;
}

const char *apus_refused_level(void) { return refused_level; }
