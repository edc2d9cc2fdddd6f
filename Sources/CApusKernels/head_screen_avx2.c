#include "head_screen_variant.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

enum { SCREEN_LANES = 8, SCREEN_ROWS = 6, SCREEN_HALF = 63 };
#define SCREEN_MAX screen_max_avx2

// s[r] += four products of each lane, in 16 bits: apus_screen_rows sees to it that four steps fit.
#define SCREEN_STEP(step)                                                                          \
    do {                                                                                           \
        __m256i p = _mm256_loadu_si256(at + (step));                                               \
        UNROLL                                                                                     \
        for (int r = 0; r < rows; r++) {                                                           \
            int32_t four;                                                                          \
            memcpy(&four, group[r / 3] + (size_t)(r % 3) * stride + k + 4 * (step), 4);            \
            __m256i v = _mm256_maddubs_epi16(_mm256_set1_epi32(four), p);                          \
            s[r] = (step) == 0 ? v : _mm256_add_epi16(s[r], v);                                    \
        }                                                                                          \
    } while (0)

__attribute__((always_inline)) static inline size_t tile_rows(const int rows, const uint8_t *x, size_t stride,
                                                              const int8_t *panel, size_t rank,
                                                              const int32_t *thresholds, const uint32_t *order,
                                                              size_t first, screen_pair *pairs) {
    const __m256i ones = _mm256_set1_epi16(1);
    const uint8_t *group[2] = {x, x + 3 * stride};
    const __m256i *at = (const __m256i *)panel;
    __m256i sums[SCREEN_ROWS], s[SCREEN_ROWS];
    UNROLL
    for (int r = 0; r < rows; r++) sums[r] = _mm256_setzero_si256();
    size_t k = 0;
    for (; k < rank; k += 16, at += 4) {
        _mm_prefetch((const char *)at + 8 * (rank + APUS_SCREEN_NORMS), _MM_HINT_T0); // the next panel
        _mm_prefetch((const char *)at + 8 * (rank + APUS_SCREEN_NORMS) + 64, _MM_HINT_T0);
        SCREEN_STEP(0);
        SCREEN_STEP(1);
        SCREEN_STEP(2);
        SCREEN_STEP(3);
        UNROLL
        for (int r = 0; r < rows; r++) sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(s[r], ones));
    }
    SCREEN_STEP(0); // the norms
    __m256i limits = _mm256_loadu_si256((const __m256i *)thresholds), any = _mm256_setzero_si256();
    UNROLL
    for (int r = 0; r < rows; r++) {
        sums[r] = _mm256_cmpgt_epi32(_mm256_add_epi32(sums[r], _mm256_madd_epi16(s[r], ones)), limits);
        any = _mm256_or_si256(any, sums[r]);
    }
    if (_mm256_testz_si256(any, any)) return 0;
    uint32_t left[SCREEN_ROWS];
    UNROLL
    for (int r = 0; r < rows; r++) left[r] = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(sums[r]));
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

// Pairs fit into 16 bits, see apus_pair_limit.
static inline int32_t screen_dot(const uint8_t *q, const int8_t *w, size_t depth) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i a = _mm256_setzero_si256(), b = a;
    size_t k = 0;
    for (; k + 64 <= depth; k += 64) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(q + k)), y = _mm256_loadu_si256((const __m256i *)(q + k + 32));
        __m256i v = _mm256_loadu_si256((const __m256i *)(w + k)), u = _mm256_loadu_si256((const __m256i *)(w + k + 32));
        a = _mm256_add_epi32(a, _mm256_madd_epi16(_mm256_maddubs_epi16(x, v), ones));
        b = _mm256_add_epi32(b, _mm256_madd_epi16(_mm256_maddubs_epi16(y, u), ones));
    }
    int32_t sum = sum_of_lanes(_mm256_add_epi32(a, b));
    for (; k < depth; k++) sum += (int32_t)q[k] * w[k];
    return sum;
}

// As encoder_dequantise, or as encoder_tile_s8_avx512.h.
static inline float screen_logit(const screen_work *work, int32_t sum, float unit, int32_t zero, size_t term) {
    float scale = work->full->scales[term], weights = work->full->sums[term];
    if (work->level == APUS_LEVEL_AVX512) return unit * __builtin_fmaf(-(float)zero, weights, (float)sum * scale);
    return unit * ((float)sum * scale - (float)zero * weights);
}

#include "head_screen_body.h"
#pragma clang attribute pop
#endif
