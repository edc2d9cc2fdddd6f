#include "encoder_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

// 6 × 16 outputs in 12 of the 16 registers.
__attribute__((always_inline)) static inline void tile_f32_rows(const int rows, const float *x, size_t stride,
                                                                const float *panel, size_t depth, float *out,
                     size_t out_stride) {
    for (int half = 0; half < APUS_PANEL; half += 16) {
        __m256 a[6], b[6];
        UNROLL
        for (int r = 0; r < rows; r++) a[r] = b[r] = _mm256_setzero_ps();
        for (size_t k = 0; k < depth; k++) {
            __m256 p = _mm256_loadu_ps(panel + k * APUS_PANEL + half);
            __m256 q = _mm256_loadu_ps(panel + k * APUS_PANEL + half + 8);
            UNROLL
            for (int r = 0; r < rows; r++) {
                __m256 v = _mm256_broadcast_ss(x + r * stride + k);
                a[r] = _mm256_fmadd_ps(v, p, a[r]);
                b[r] = _mm256_fmadd_ps(v, q, b[r]);
            }
        }
        UNROLL
        for (int r = 0; r < rows; r++) {
            _mm256_storeu_ps(out + r * out_stride + half, a[r]);
            _mm256_storeu_ps(out + r * out_stride + half + 8, b[r]);
        }
    }
}

static void tile_f32(const float *x, size_t stride, size_t rows, const float *panel, size_t depth, float *out,
                     size_t out_stride) {
    for (; rows >= 6; rows -= 6, x += 6 * stride, out += 6 * out_stride)
        tile_f32_rows(6, x, stride, panel, depth, out, out_stride);
    switch (rows) {
    case 5: tile_f32_rows(5, x, stride, panel, depth, out, out_stride); break;
    case 4: tile_f32_rows(4, x, stride, panel, depth, out, out_stride); break;
    case 3: tile_f32_rows(3, x, stride, panel, depth, out, out_stride); break;
    case 2: tile_f32_rows(2, x, stride, panel, depth, out, out_stride); break;
    case 1: tile_f32_rows(1, x, stride, panel, depth, out, out_stride); break;
    }
}

// Widened to 16 bits: pmaddubsw would saturate on 255 · 127 · 2. Eight columns by two rows at a time; each column's sum
// lives in two neighbouring lanes until the end.
__attribute__((always_inline)) static inline void tile_s8_rows(const int rows, const uint8_t *x, size_t stride,
                                                               const int8_t *panel, size_t depth, int32_t *out) {
    for (int column = 0; column < APUS_PANEL; column += 16) {
        __m256i sums[2][4];
        UNROLL
        for (int r = 0; r < rows; r++)
            UNROLL
            for (int i = 0; i < 4; i++) sums[r][i] = _mm256_setzero_si256();
        for (size_t k = 0; k < depth; k += 4) {
            const __m128i *p = (const __m128i *)(panel + k * APUS_PANEL + column * 4);
            __m256i w[4];
            UNROLL
            for (int i = 0; i < 4; i++) w[i] = _mm256_cvtepi8_epi16(_mm_loadu_si128(p + i));
            UNROLL
            for (int r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, x + r * stride + k, 4);
                __m256i v = _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(four)));
                UNROLL
                for (int i = 0; i < 4; i++) sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(v, w[i]));
            }
        }
        UNROLL
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < 4; i += 2) {
                __m256i pairs = _mm256_hadd_epi32(sums[r][i], sums[r][i + 1]); // columns 0 1 4 5 | 2 3 6 7
                _mm256_storeu_si256((__m256i *)(out + r * APUS_PANEL + column + i * 4),
                                    _mm256_permute4x64_epi64(pairs, 0xD8));
            }
    }
}

static void tile_s8(const uint8_t *x, size_t stride, size_t rows, const int8_t *panel, size_t depth,
                    encoder_units units, float *out) {
    int32_t sums[ENCODER_TILE_ROWS * APUS_PANEL];
    size_t r = 0;
    for (; r + 2 <= rows; r += 2) tile_s8_rows(2, x + r * stride, stride, panel, depth, sums + r * APUS_PANEL);
    for (; r < rows; r++) tile_s8_rows(1, x + r * stride, stride, panel, depth, sums + r * APUS_PANEL);
    encoder_dequantise(sums, rows, units, out);
}

#define ENCODER_VARIANT encoder_avx2
#include "encoder_body.h"
#pragma clang attribute pop
#endif
