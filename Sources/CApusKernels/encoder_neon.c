#include "encoder_variant.h"
#include <math.h>
#include <string.h>

// 64-bit ARM: every such CPU has NEON, so the loops of encoder_body.h are vectorised without more; only tiles are by hand.

#if defined(__aarch64__)
#include <arm_neon.h>

// 4 × 16 outputs in 16 of the 32 registers.
__attribute__((always_inline)) static inline void tile_f32_rows(const int rows, const float *x, size_t stride,
                                                                const float *panel, size_t depth, float *out,
                                                                size_t out_stride) {
    for (int half = 0; half < APUS_PANEL; half += 16) {
        float32x4_t sum[4][4];
        UNROLL
        for (int r = 0; r < rows; r++) {
            UNROLL
            for (int c = 0; c < 4; c++) sum[r][c] = vdupq_n_f32(0);
        }
        for (size_t k = 0; k < depth; k++) {
            float32x4x4_t p = vld1q_f32_x4(panel + k * APUS_PANEL + half);
            UNROLL
            for (int r = 0; r < rows; r++) {
                float32x4_t v = vld1q_dup_f32(x + (size_t)r * stride + k);
                UNROLL
                for (int c = 0; c < 4; c++) sum[r][c] = vfmaq_f32(sum[r][c], v, p.val[c]);
            }
        }
        UNROLL
        for (int r = 0; r < rows; r++) {
            UNROLL
            for (int c = 0; c < 4; c++) vst1q_f32(out + (size_t)r * out_stride + half + 4 * c, sum[r][c]);
        }
    }
}

static void tile_f32(const float *x, size_t stride, size_t rows, const float *panel, size_t depth, float *out,
                     size_t out_stride) {
    for (; rows >= 4; rows -= 4, x += 4 * stride, out += 4 * out_stride)
        tile_f32_rows(4, x, stride, panel, depth, out, out_stride);
    switch (rows) {
    case 3: tile_f32_rows(3, x, stride, panel, depth, out, out_stride); break;
    case 2: tile_f32_rows(2, x, stride, panel, depth, out, out_stride); break;
    case 1: tile_f32_rows(1, x, stride, panel, depth, out, out_stride); break;
    }
}

// Two rows of inputs and a pair of bf16 weights for each of 32 columns. A bf16 is the upper half of an f32, so a shift or a
// mask unpacks it.
__attribute__((always_inline)) static inline void tile_bf16_rows(const int rows, const float *x, size_t stride,
                                                                 const uint16_t *panel, size_t depth, float *out) {
    const uint32x4_t upper = vdupq_n_u32(0xFFFF0000u);
    for (int half = 0; half < APUS_PANEL; half += 16) {
        float32x4_t sum[4][4];
        UNROLL
        for (int r = 0; r < rows; r++) {
            UNROLL
            for (int c = 0; c < 4; c++) sum[r][c] = vdupq_n_f32(0);
        }
        for (size_t k = 0; k < depth; k += 2) {
            const uint16_t *at = panel + (k / 2 * APUS_PANEL + (size_t)half) * 2;
            UNROLL
            for (int c = 0; c < 4; c++) {
                uint32x4_t pairs = vreinterpretq_u32_u16(vld1q_u16(at + 8 * c));
                float32x4_t p = vreinterpretq_f32_u32(vshlq_n_u32(pairs, 16));
                float32x4_t q = vreinterpretq_f32_u32(vandq_u32(pairs, upper));
                UNROLL
                for (int r = 0; r < rows; r++) {
                    const float *in = x + (size_t)r * stride + k;
                    sum[r][c] = vfmaq_n_f32(sum[r][c], p, in[0]);
                    if (k + 1 < depth) sum[r][c] = vfmaq_n_f32(sum[r][c], q, in[1]);
                }
            }
        }
        UNROLL
        for (int r = 0; r < rows; r++) {
            UNROLL
            for (int c = 0; c < 4; c++) vst1q_f32(out + (size_t)r * APUS_PANEL + half + 4 * c, sum[r][c]);
        }
    }
}

static void tile_bf16(const apus_rows *rows_of, size_t first, size_t rows, const uint16_t *panel, size_t depth,
                      float *out) {
    size_t stride = rows_of->stride;
    const float *x = rows_of->values + first * stride;
    for (; rows >= 4; rows -= 4, x += 4 * stride, out += 4 * APUS_PANEL)
        tile_bf16_rows(4, x, stride, panel, depth, out);
    for (; rows > 0; rows--, x += stride, out += APUS_PANEL) tile_bf16_rows(1, x, stride, panel, depth, out);
}

// A product of u8 and s8 fits 16 bits and two neighbours are added into 32, so nothing saturates. A register of sums holds
// two columns, a pair each for the even and the odd products: the pairs are added at the end.
__attribute__((always_inline)) static inline void tile_s8_rows(const int rows, const uint8_t *x, size_t stride,
                                                               const int8_t *panel, size_t depth, int32_t *out) {
    for (int column = 0; column < APUS_PANEL; column += 8) {
        int32x4_t sum[4][4];
        UNROLL
        for (int r = 0; r < rows; r++) {
            UNROLL
            for (int c = 0; c < 4; c++) sum[r][c] = vdupq_n_s32(0);
        }
        const int8_t *at = panel + column * 4;
        for (size_t k = 0; k < depth; k += 4, at += 4 * APUS_PANEL) {
            int16x8_t w[4];
            UNROLL
            for (int c = 0; c < 4; c++) w[c] = vmovl_s8(vld1_s8(at + 8 * c));
            UNROLL
            for (int r = 0; r < rows; r++) {
                uint32_t four;
                memcpy(&four, x + (size_t)r * stride + k, 4);
                int16x8_t v = vreinterpretq_s16_u16(vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four))));
                UNROLL
                for (int c = 0; c < 4; c++) sum[r][c] = vpadalq_s16(sum[r][c], vmulq_s16(v, w[c]));
            }
        }
        UNROLL
        for (int r = 0; r < rows; r++) {
            int32_t *to = out + (size_t)r * APUS_PANEL + column;
            vst1q_s32(to, vpaddq_s32(sum[r][0], sum[r][1]));
            vst1q_s32(to + 4, vpaddq_s32(sum[r][2], sum[r][3]));
        }
    }
}

static void tile_s8(const uint8_t *x, size_t stride, size_t rows, const int8_t *panel, size_t depth,
                    encoder_units units, float *out) {
    int32_t sums[ENCODER_TILE_ROWS * APUS_PANEL], *to = sums;
    size_t left = rows;
    for (; left >= 4; left -= 4, x += 4 * stride, to += 4 * APUS_PANEL) tile_s8_rows(4, x, stride, panel, depth, to);
    for (; left > 0; left--, x += stride, to += APUS_PANEL) tile_s8_rows(1, x, stride, panel, depth, to);
    encoder_dequantise(sums, rows, units, out);
}

#define ENCODER_VARIANT encoder_neon
#include "encoder_body.h"
#endif
