#include "postings.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

void apus_unpack(const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t *out) {
    if (bits == 0) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    if (bits == 8) {
        for (uint32_t i = 0; i < count; i++) out[i] = packed[i];
        return;
    }
    const uint64_t mask = (1ull << bits) - 1;
    uint64_t at = 0;
    for (uint32_t i = 0; i < count; i++, at += bits) {
        uint64_t word;
        memcpy(&word, packed + (at >> 3), 8);
        out[i] = (uint32_t)(word >> (at & 7) & mask);
    }
}

void apus_unpack_docids(const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t previous, uint32_t last,
                        uint32_t *out) {
    apus_unpack(packed, bits, count, out);
    uint64_t docid = (uint64_t)(previous + 1);
    for (uint32_t i = 0; i < count; i++) {
        docid += out[i];
        out[i] = (uint32_t)docid++;
    }
    // A damaged file must not lead outside the segment: sums only grow, so the last one bounds them all.
    if (docid != (uint64_t)last + 1)
        for (uint32_t i = 0; i < count; i++) out[i] = last;
}

uint32_t apus_bm25(uint32_t tf, float inverse, float weight, double scale) {
    float share = weight - weight / (1.0f + (float)tf * inverse);
    return (uint32_t)((double)share * scale + 0.5);
}

void apus_scatter_impacts(const uint32_t *docids, const uint32_t *values, uint32_t count, uint32_t weight,
                          uint32_t *accumulators) {
    for (uint32_t i = 0; i < count; i++) accumulators[docids[i]] += weight * values[i];
}

void apus_scatter_bm25(const uint32_t *docids, const uint32_t *values, uint32_t count, const uint8_t *lengths,
                       const float *inverses, float weight, double scale, uint32_t *accumulators) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t docid = docids[i];
        accumulators[docid] += apus_bm25(values[i], inverses[lengths[docid]], weight, scale);
    }
}

static size_t find_plain(const uint32_t *values, size_t start, size_t count, uint32_t threshold) {
    while (start < count && values[start] < threshold) start++;
    return start;
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static size_t find_avx512(const uint32_t *values, size_t start, size_t count,
                                                             uint32_t threshold) {
    const __m512i bound = _mm512_set1_epi32((int)threshold);
    for (; start + 16 <= count; start += 16) {
        __mmask16 hits = _mm512_cmpge_epu32_mask(_mm512_loadu_si512(values + start), bound);
        if (hits) return start + (size_t)__builtin_ctz(hits);
    }
    return find_plain(values, start, count, threshold);
}
#endif

size_t apus_find_at_least(const uint32_t *values, size_t start, size_t count, uint32_t threshold) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return find_avx512(values, start, count, threshold);
#endif
    return find_plain(values, start, count, threshold);
}
