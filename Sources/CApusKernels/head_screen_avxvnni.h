// The screen with four products a lane in registers of 256 bits. Included by head_screen_avxvnni.c and
// head_screen_avxvnni_evex.c, which say by DOT(sums, x, w) how the instruction is encoded, and SCREEN_MAX.

enum { SCREEN_LANES = APUS_PANEL, SCREEN_ROWS = 6, SCREEN_HALF = 127 };

// As tile_s8_rows; what is left of the sums is one bit a term.
__attribute__((always_inline)) static inline size_t tile_rows(const int rows, const uint8_t *x, size_t stride,
                                                              const int8_t *panel, size_t rank,
                                                              const int32_t *thresholds, const uint32_t *order,
                                                              size_t first, screen_pair *pairs) {
    const uint8_t *group[2] = {x, x + 3 * stride};
    size_t width = rank + APUS_SCREEN_NORMS;
    uint32_t left[SCREEN_ROWS] = {0}, any = 0;
    for (int column = 0; column < APUS_PANEL; column += 16) {
        __m256i a[SCREEN_ROWS], b[SCREEN_ROWS];
        UNROLL
        for (int r = 0; r < rows; r++) a[r] = b[r] = _mm256_setzero_si256();
        const int8_t *at = panel + column * 4;
        for (size_t k = 0; k < width; k += 4, at += 4 * APUS_PANEL) {
            _mm_prefetch((const char *)at + width * APUS_PANEL, _MM_HINT_T0); // the next panel
            __m256i p = _mm256_loadu_si256((const __m256i *)at), q = _mm256_loadu_si256((const __m256i *)(at + 32));
            UNROLL
            for (int r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, group[r / 3] + (size_t)(r % 3) * stride + k, 4);
                __m256i v = _mm256_set1_epi32(four);
                a[r] = DOT(a[r], v, p);
                b[r] = DOT(b[r], v, q);
            }
        }
        __m256i limit_a = _mm256_loadu_si256((const __m256i *)(thresholds + column));
        __m256i limit_b = _mm256_loadu_si256((const __m256i *)(thresholds + column + 8));
        UNROLL
        for (int r = 0; r < rows; r++) {
            uint32_t low = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(a[r], limit_a)));
            uint32_t high = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(b[r], limit_b)));
            left[r] |= (low | high << 8) << column;
            any |= left[r];
        }
    }
    if (!any) return 0;
    return screen_append(left, (size_t)rows, order, first, pairs);
}

static size_t screen_tile(size_t rows, const uint8_t *x, size_t stride, const int8_t *panel, size_t rank,
                          const int32_t *thresholds, const uint32_t *order, size_t first, screen_pair *pairs) {
    switch (rows) {
        SCREEN_CASE(6) SCREEN_CASE(5) SCREEN_CASE(4) SCREEN_CASE(3)
        SCREEN_CASE(2) SCREEN_CASE(1)
    default: return 0;
    }
}

#include "head_screen_lanes.h"

static inline int32_t screen_dot(const uint8_t *q, const int8_t *w, size_t depth) {
    __m256i a = _mm256_setzero_si256(), b = a;
    size_t k = 0;
    for (; k + 64 <= depth; k += 64) {
        a = DOT(a, _mm256_loadu_si256((const __m256i *)(q + k)), _mm256_loadu_si256((const __m256i *)(w + k)));
        b = DOT(b, _mm256_loadu_si256((const __m256i *)(q + k + 32)), _mm256_loadu_si256((const __m256i *)(w + k + 32)));
    }
    int32_t sum = sum_of_lanes(_mm256_add_epi32(a, b));
    for (; k < depth; k++) sum += (int32_t)q[k] * w[k];
    return sum;
}

// As encoder_dequantise.
static inline float screen_logit(const screen_work *work, int32_t sum, float unit, int32_t zero, size_t term) {
    return unit * ((float)sum * work->full->scales[term] - (float)zero * work->full->sums[term]);
}

#include "head_screen_body.h"
