#include "encoder_variant.h"
#include <math.h>
#include <string.h>

// The same instructions as CPUs with AVX-512 encode them, so that the level can be tested and timed there.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512vnni,prefer-256-bit,avx2,fma,f16c"))), apply_to = function)

#define DOT(sums, x, w) _mm256_dpbusd_epi32(sums, x, w)
#define ENCODER_VARIANT encoder_avxvnni_evex
#include "encoder_avxvnni.h"
#pragma clang attribute pop
#endif
