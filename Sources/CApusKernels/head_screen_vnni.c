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
    return screen_append(left, (size_t)rows, order, first, pairs);
}

static size_t screen_tile(size_t rows, const uint8_t *x, size_t stride, const int8_t *panel, size_t rank,
                          const int32_t *thresholds, const uint32_t *order, size_t first, screen_pair *pairs) {
    switch (rows) {
        SCREEN_CASE(12) SCREEN_CASE(11) SCREEN_CASE(10) SCREEN_CASE(9)
        SCREEN_CASE(8) SCREEN_CASE(7) SCREEN_CASE(6) SCREEN_CASE(5)
        SCREEN_CASE(4) SCREEN_CASE(3) SCREEN_CASE(2) SCREEN_CASE(1)
    default: return 0;
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
