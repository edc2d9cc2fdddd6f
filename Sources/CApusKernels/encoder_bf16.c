#include "encoder_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16,avx2,fma,f16c"))), \
                             apply_to = function)

#include "encoder_tile_avx512.h"
#define DOT(sums, x, w) _mm512_dpbusd_epi32(sums, x, w)
#include "encoder_tile_s8_avx512.h"

// As tile_s8, with two products of bf16 × bf16 per lane and step, summed as f32.
__attribute__((always_inline)) static inline void tile_bf16_rows(const int rows, const uint8_t *x, size_t stride,
                                                                 const uint16_t *panel, size_t steps, float *out,
                                                                 size_t out_stride) {
    __m512 a[ENCODER_TILE_ROWS], b[ENCODER_TILE_ROWS];
    const uint8_t *group[4] = {x, x + 3 * stride, x + 6 * stride, x + 9 * stride};
    UNROLL
    for (int r = 0; r < rows; r++) a[r] = b[r] = _mm512_setzero_ps();
    for (size_t k = 0; k < steps; k++) {
        const uint16_t *at = panel + k * 2 * APUS_PANEL;
        _mm_prefetch((const char *)(at + steps * 2 * APUS_PANEL), _MM_HINT_T0);
        _mm_prefetch((const char *)(at + steps * 2 * APUS_PANEL + 32), _MM_HINT_T0);
        __m512bh p = (__m512bh)_mm512_loadu_si512(at), q = (__m512bh)_mm512_loadu_si512(at + 32);
        UNROLL
        for (int r = 0; r < rows; r++) {
            int32_t two;
            memcpy(&two, group[r / 3] + (size_t)(r % 3) * stride + 4 * k, 4);
            __m512bh v = (__m512bh)_mm512_set1_epi32(two);
            a[r] = _mm512_dpbf16_ps(a[r], v, p);
            b[r] = _mm512_dpbf16_ps(b[r], v, q);
        }
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        _mm512_storeu_ps(out + r * out_stride, a[r]);
        _mm512_storeu_ps(out + r * out_stride + 16, b[r]);
    }
}

static void tile_rounded(const uint8_t *x, size_t stride, size_t rows, const uint16_t *panel, size_t steps, float *out,
                         size_t out_stride) {
    switch (rows) {
    case 12: tile_bf16_rows(12, x, stride, panel, steps, out, out_stride); break;
    case 11: tile_bf16_rows(11, x, stride, panel, steps, out, out_stride); break;
    case 10: tile_bf16_rows(10, x, stride, panel, steps, out, out_stride); break;
    case 9: tile_bf16_rows(9, x, stride, panel, steps, out, out_stride); break;
    case 8: tile_bf16_rows(8, x, stride, panel, steps, out, out_stride); break;
    case 7: tile_bf16_rows(7, x, stride, panel, steps, out, out_stride); break;
    case 6: tile_bf16_rows(6, x, stride, panel, steps, out, out_stride); break;
    case 5: tile_bf16_rows(5, x, stride, panel, steps, out, out_stride); break;
    case 4: tile_bf16_rows(4, x, stride, panel, steps, out, out_stride); break;
    case 3: tile_bf16_rows(3, x, stride, panel, steps, out, out_stride); break;
    case 2: tile_bf16_rows(2, x, stride, panel, steps, out, out_stride); break;
    case 1: tile_bf16_rows(1, x, stride, panel, steps, out, out_stride); break;
    }
}

static void tile_bf16(const apus_rows *rows_of, size_t first, size_t rows, const uint16_t *panel, size_t depth,
                      float *out) {
    size_t stride = rows_of->quantised_stride;
    tile_rounded((const uint8_t *)rows_of->quantised + first * stride, stride, rows, panel, (depth + 1) / 2, out, APUS_PANEL);
}

#define ENCODER_ROUNDED_ATTENTION bf16_attention
static void bf16_attention(const float *queries, const float *all_keys, const float *all_values, size_t stride,
                           size_t tokens, size_t heads, size_t key_heads, size_t head_size, apus_view view,
                           float *context, size_t context_stride, float *scratch);

#define ENCODER_VARIANT encoder_bf16
#include "encoder_body.h"
#include "encoder_attention_bf16.h"
#pragma clang attribute pop
#endif
