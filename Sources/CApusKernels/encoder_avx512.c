#include "encoder_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), \
                             apply_to = function)

#include "encoder_tile_avx512.h"
#define tile_bf16 tile_widened
// Pairs in 16 bits, as on AVX2.
#define DOT(sums, x, w) \
    _mm512_add_epi32(sums, _mm512_madd_epi16(_mm512_maddubs_epi16(x, w), _mm512_set1_epi16(1)))
#include "encoder_tile_s8_avx512.h"

#define ENCODER_VARIANT encoder_avx512
#include "encoder_body.h"
#pragma clang attribute pop
#endif
