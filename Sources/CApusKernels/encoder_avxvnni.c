#include "encoder_variant.h"
#include <math.h>
#include <string.h>

// For CPUs without AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avxvnni,avx2,fma,f16c"))), apply_to = function)

#define DOT(sums, x, w) _mm256_dpbusd_avx_epi32(sums, x, w)
#define ENCODER_VARIANT encoder_avxvnni
#include "encoder_avxvnni.h"
#pragma clang attribute pop
#endif
