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

// a, b += x[…, k] · 16 weights, for one of a pair of bf16 inputs. A bf16 is the upper half of an f32, so a shift or a mask unpacks it.
#define BF16_STEP(k, unpack)                                                                       \
    do {                                                                                           \
        __m256 p = _mm256_castsi256_ps(unpack(_mm256_loadu_si256(at)));                            \
        __m256 q = _mm256_castsi256_ps(unpack(_mm256_loadu_si256(at + 1)));                        \
        UNROLL                                                                                     \
        for (int r = 0; r < rows; r++) {                                                           \
            __m256 v = _mm256_broadcast_ss(x + r * stride + (k));                                  \
            a[r] = _mm256_fmadd_ps(v, p, a[r]);                                                    \
            b[r] = _mm256_fmadd_ps(v, q, b[r]);                                                    \
        }                                                                                          \
    } while (0)
#define BF16_LOWER(pair) _mm256_slli_epi32(pair, 16)
#define BF16_UPPER(pair) _mm256_and_si256(pair, upper)

// As tile_f32 on half as many bytes; unpacking takes the registers of two rows.
__attribute__((always_inline)) static inline void tile_bf16_rows(const int rows, const float *x, size_t stride,
                                                                 const uint16_t *panel, size_t depth, float *out) {
    const __m256i upper = _mm256_set1_epi32((int32_t)0xFFFF0000);
    for (int half = 0; half < APUS_PANEL; half += 16) {
        __m256 a[4], b[4];
        UNROLL
        for (int r = 0; r < rows; r++) a[r] = b[r] = _mm256_setzero_ps();
        const __m256i *at = (const __m256i *)(panel + 2 * (size_t)half);
        size_t k = 0;
        for (; k + 2 <= depth; k += 2, at += 2 * APUS_PANEL * sizeof(uint16_t) / sizeof *at) {
            BF16_STEP(k, BF16_LOWER);
            BF16_STEP(k + 1, BF16_UPPER);
        }
        if (k < depth) BF16_STEP(k, BF16_LOWER);
        UNROLL
        for (int r = 0; r < rows; r++) {
            _mm256_storeu_ps(out + r * APUS_PANEL + half, a[r]);
            _mm256_storeu_ps(out + r * APUS_PANEL + half + 8, b[r]);
        }
    }
}

static void tile_bf16(const apus_rows *rows_of, size_t first, size_t rows, const uint16_t *panel, size_t depth,
                      float *out) {
    size_t stride = rows_of->stride;
    const float *x = rows_of->values + first * stride;
    for (; rows >= 4; rows -= 4, x += 4 * stride, out += 4 * APUS_PANEL)
        tile_bf16_rows(4, x, stride, panel, depth, out);
    switch (rows) {
    case 3: tile_bf16_rows(3, x, stride, panel, depth, out); break;
    case 2: tile_bf16_rows(2, x, stride, panel, depth, out); break;
    case 1: tile_bf16_rows(1, x, stride, panel, depth, out); break;
    }
}

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
    size_t left = rows;
    for (; left >= 4; left -= 4, x += 4 * stride, to += 4 * APUS_PANEL) tile_s8_rows(4, x, stride, panel, depth, to);
    switch (left) {
    case 3: tile_s8_rows(3, x, stride, panel, depth, to); break;
    case 2: tile_s8_rows(2, x, stride, panel, depth, to); break;
    case 1: tile_s8_rows(1, x, stride, panel, depth, to); break;
    }
    encoder_dequantise(sums, rows, units, out);
}

#define ENCODER_VARIANT encoder_avx2
#include "encoder_body.h"
#pragma clang attribute pop
#endif
