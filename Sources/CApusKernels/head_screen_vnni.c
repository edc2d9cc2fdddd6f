#include "head_screen_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), \
                             apply_to = function)

enum { SCREEN_LANES = APUS_PANEL, SCREEN_ROWS = ENCODER_TILE_ROWS, SCREEN_HALF = 127 };
#define SCREEN_MAX screen_max_vnni

// As tile_s8_rows; what is left of the sums is one bit a term.
__attribute__((always_inline)) static inline size_t tile_rows(const int rows, const uint8_t *x, size_t stride,
                                                              const int8_t *panel, size_t rank,
                                                              const int32_t *thresholds, const uint32_t *order,
                                                              size_t first, screen_pair *pairs) {
    __m512i a[SCREEN_ROWS], b[SCREEN_ROWS];
    const uint8_t *group[4] = {x, x + 3 * stride, x + 6 * stride, x + 9 * stride};
    UNROLL
    for (int r = 0; r < rows; r++) a[r] = b[r] = _mm512_setzero_si512();
    size_t width = rank + APUS_SCREEN_NORMS;
    for (size_t k = 0; k < width; k += 4) {
        _mm_prefetch((const char *)panel + (width + k) * APUS_PANEL, _MM_HINT_T0); // the next panel
        _mm_prefetch((const char *)panel + (width + k) * APUS_PANEL + 64, _MM_HINT_T0);
        __m512i p = _mm512_loadu_si512(panel + k * APUS_PANEL), q = _mm512_loadu_si512(panel + k * APUS_PANEL + 64);
        UNROLL
        for (int r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, group[r / 3] + (size_t)(r % 3) * stride + k, 4);
            __m512i v = _mm512_set1_epi32(four);
            a[r] = _mm512_dpbusd_epi32(a[r], v, p);
            b[r] = _mm512_dpbusd_epi32(b[r], v, q);
        }
    }
    __m512i limit_a = _mm512_loadu_si512(thresholds), limit_b = _mm512_loadu_si512(thresholds + 16);
    uint32_t left[SCREEN_ROWS], any = 0;
    UNROLL
    for (int r = 0; r < rows; r++) {
        left[r] = _mm512_cmpgt_epi32_mask(a[r], limit_a) | (uint32_t)_mm512_cmpgt_epi32_mask(b[r], limit_b) << 16;
        any |= left[r];
    }
    if (!any) return 0;
    size_t found = 0;
    for (int r = 0; r < rows; r++)
        for (uint32_t bits = left[r]; bits; bits &= bits - 1)
            pairs[found++] = (screen_pair){(uint32_t)first + (uint32_t)r, order[__builtin_ctz(bits)]};
    return found;
}

static size_t screen_tile(size_t rows, const uint8_t *x, size_t stride, const int8_t *panel, size_t rank,
                          const int32_t *thresholds, const uint32_t *order, size_t first, screen_pair *pairs) {
    switch (rows) {
    case 12: return tile_rows(12, x, stride, panel, rank, thresholds, order, first, pairs);
    case 11: return tile_rows(11, x, stride, panel, rank, thresholds, order, first, pairs);
    case 10: return tile_rows(10, x, stride, panel, rank, thresholds, order, first, pairs);
    case 9: return tile_rows(9, x, stride, panel, rank, thresholds, order, first, pairs);
    case 8: return tile_rows(8, x, stride, panel, rank, thresholds, order, first, pairs);
    case 7: return tile_rows(7, x, stride, panel, rank, thresholds, order, first, pairs);
    case 6: return tile_rows(6, x, stride, panel, rank, thresholds, order, first, pairs);
    case 5: return tile_rows(5, x, stride, panel, rank, thresholds, order, first, pairs);
    case 4: return tile_rows(4, x, stride, panel, rank, thresholds, order, first, pairs);
    case 3: return tile_rows(3, x, stride, panel, rank, thresholds, order, first, pairs);
    case 2: return tile_rows(2, x, stride, panel, rank, thresholds, order, first, pairs);
    default: return tile_rows(1, x, stride, panel, rank, thresholds, order, first, pairs);
    }
}

static inline int32_t screen_dot(const uint8_t *q, const int8_t *w, size_t depth) {
    __m512i a = _mm512_setzero_si512(), b = a;
    size_t k = 0;
    for (; k + 128 <= depth; k += 128) {
        a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(q + k), _mm512_loadu_si512(w + k));
        b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(q + k + 64), _mm512_loadu_si512(w + k + 64));
    }
    for (; k < depth; k += 64) {
        __mmask64 mask = depth - k >= 64 ? ~0ULL : (1ULL << (depth - k)) - 1;
        a = _mm512_dpbusd_epi32(a, _mm512_maskz_loadu_epi8(mask, q + k), _mm512_maskz_loadu_epi8(mask, w + k));
    }
    return _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
}

// As encoder_tile_s8_avx512.h.
static inline float screen_logit(const screen_work *work, int32_t sum, float unit, int32_t zero, size_t term) {
    return unit * __builtin_fmaf(-(float)zero, work->full->sums[term], (float)sum * work->full->scales[term]);
}

#include "head_screen_body.h"
#pragma clang attribute pop
#endif
