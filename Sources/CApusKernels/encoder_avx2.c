#include "encoder_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "encoder_tile_avx2.h"

// Products of pairs are summed in 16 bits; apus_pair_limit keeps 255 · 128 inside them. 8 of the 16 registers hold sums: more would
// leave none for what is between a broadcast and a sum.
#define DOT(sums, x, w) \
    _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)))
#define TILE_S8_ROWS 4
#define TILE_S8_AHEAD(panel) ((void)0)
#include "encoder_tile_s8_avx2.h"

#define ENCODER_VARIANT encoder_avx2
#include "encoder_body.h"
#pragma clang attribute pop
#endif
