#include "encoder_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), \
                             apply_to = function)

#include "encoder_tile_avx512.h"
#define tile_bf16 tile_widened

// Widened to 16 bits, as on AVX2, with twice the width.
__attribute__((always_inline)) static inline void tile_s8_rows(const int rows, const uint8_t *x, size_t stride,
                                                               const int8_t *panel, size_t depth, int32_t *out) {
    __m512i sums[4][4];
    UNROLL
    for (int r = 0; r < rows; r++)
        UNROLL
        for (int i = 0; i < 4; i++) sums[r][i] = _mm512_setzero_si512();
    for (size_t k = 0; k < depth; k += 4) {
        const __m256i *p = (const __m256i *)(panel + k * APUS_PANEL);
        __m512i w[4];
        UNROLL
        for (int i = 0; i < 4; i++) w[i] = _mm512_cvtepi8_epi16(_mm256_loadu_si256(p + i));
        UNROLL
        for (int r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, x + r * stride + k, 4);
            __m512i v = _mm512_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(four)));
            UNROLL
            for (int i = 0; i < 4; i++) sums[r][i] = _mm512_add_epi32(sums[r][i], _mm512_madd_epi16(v, w[i]));
        }
    }
    UNROLL
    for (int r = 0; r < rows; r++)
        UNROLL
        for (int i = 0; i < 4; i++) { // a column's sum is in two neighbouring lanes
            __m512i pairs = _mm512_add_epi32(sums[r][i], _mm512_srli_epi64(sums[r][i], 32));
            _mm256_storeu_si256((__m256i *)(out + r * APUS_PANEL + i * 8), _mm512_cvtepi64_epi32(pairs));
        }
}

static void tile_s8(const uint8_t *x, size_t stride, size_t rows, const int8_t *panel, size_t depth,
                    encoder_units units, float *out) {
    int32_t sums[ENCODER_TILE_ROWS * APUS_PANEL];
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) tile_s8_rows(4, x + r * stride, stride, panel, depth, sums + r * APUS_PANEL);
    for (; r < rows; r++) tile_s8_rows(1, x + r * stride, stride, panel, depth, sums + r * APUS_PANEL);
    encoder_dequantise(sums, rows, units, out);
}

#define ENCODER_VARIANT encoder_avx512
#include "encoder_body.h"
#pragma clang attribute pop
#endif
