#include "encoder_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "encoder_tile_avx2.h"

// Products of pairs are summed in 16 bits; apus_pair_limit keeps 255 · 128 inside them. 4 × 16 outputs in 8 of the 16
// registers: more would leave none for what is between a broadcast and a sum.
__attribute__((always_inline)) static inline void tile_s8_rows(const int rows, const uint8_t *x, size_t stride,
                                                               const int8_t *panel, size_t depth, int32_t *out) {
    const __m256i ones = _mm256_set1_epi16(1);
    for (int column = 0; column < APUS_PANEL; column += 16) {
        __m256i a[4], b[4];
        UNROLL
        for (int r = 0; r < rows; r++) a[r] = b[r] = _mm256_setzero_si256();
        const int8_t *at = panel + column * 4;
        for (size_t k = 0; k < depth; k += 4, at += 4 * APUS_PANEL) {
            __m256i p = _mm256_loadu_si256((const __m256i *)at), q = _mm256_loadu_si256((const __m256i *)(at + 32));
            UNROLL
            for (int r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, x + (size_t)r * stride + k, 4);
                __m256i v = _mm256_set1_epi32(four);
                a[r] = _mm256_add_epi32(a[r], _mm256_madd_epi16(_mm256_maddubs_epi16(v, p), ones));
                b[r] = _mm256_add_epi32(b[r], _mm256_madd_epi16(_mm256_maddubs_epi16(v, q), ones));
            }
        }
        UNROLL
        for (int r = 0; r < rows; r++) {
            _mm256_storeu_si256((__m256i *)(out + r * APUS_PANEL + column), a[r]);
            _mm256_storeu_si256((__m256i *)(out + r * APUS_PANEL + column + 8), b[r]);
        }
    }
}

static void tile_s8(const uint8_t *x, size_t stride, size_t rows, const int8_t *panel, size_t depth,
                    encoder_units units, float *out) {
    int32_t sums[ENCODER_TILE_ROWS * APUS_PANEL], *to = sums;
    for (size_t left = rows, part; left > 0; left -= part, x += part * stride, to += part * APUS_PANEL) {
        part = encoder_part(left, 4);
        switch (part) {
        case 4: tile_s8_rows(4, x, stride, panel, depth, to); break;
        case 3: tile_s8_rows(3, x, stride, panel, depth, to); break;
        case 2: tile_s8_rows(2, x, stride, panel, depth, to); break;
        default: tile_s8_rows(1, x, stride, panel, depth, to);
        }
    }
    encoder_dequantise(sums, rows, units, out);
}

#define ENCODER_VARIANT encoder_avx2
#include "encoder_body.h"
#pragma clang attribute pop
#endif
