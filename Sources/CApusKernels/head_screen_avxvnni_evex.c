#include "head_screen_variant.h"
#include <math.h>
#include <string.h>

// As encoder_avxvnni_evex.c.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512vnni,prefer-256-bit,avx2,fma,f16c"))), apply_to = function)

#define DOT(sums, x, w) _mm256_dpbusd_epi32(sums, x, w)
#define SCREEN_MAX screen_max_avxvnni_evex
#include "head_screen_avxvnni.h"
#pragma clang attribute pop
#endif
