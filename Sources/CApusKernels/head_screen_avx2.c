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
    size_t found = 0;
    for (int r = 0; r < rows; r++)
        for (uint32_t left = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(sums[r])); left; left &= left - 1)
            pairs[found++] = (screen_pair){(uint32_t)first + (uint32_t)r, order[__builtin_ctz(left)]};
    return found;
}

static size_t screen_tile(size_t rows, const uint8_t *x, size_t stride, const int8_t *panel, size_t rank,
                          const int32_t *thresholds, const uint32_t *order, size_t first, screen_pair *pairs) {
    switch (rows) {
    case 6: return tile_rows(6, x, stride, panel, rank, thresholds, order, first, pairs);
    case 5: return tile_rows(5, x, stride, panel, rank, thresholds, order, first, pairs);
    case 4: return tile_rows(4, x, stride, panel, rank, thresholds, order, first, pairs);
    case 3: return tile_rows(3, x, stride, panel, rank, thresholds, order, first, pairs);
    case 2: return tile_rows(2, x, stride, panel, rank, thresholds, order, first, pairs);
    default: return tile_rows(1, x, stride, panel, rank, thresholds, order, first, pairs);
    }
}

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
    a = _mm256_add_epi32(a, b);
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    int32_t sum = _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
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
