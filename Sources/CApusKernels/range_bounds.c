#include "posting_block.h"
#include <string.h>

#pragma STDC FP_CONTRACT OFF

// The largest shares of the runs of postings that lie in the same range.
typedef struct {
    uint32_t ranges[BLOCK + 1];
    uint16_t largest[BLOCK + 1];
} range_runs;

// Appends a block's runs behind run 0, which goes on where it ended before; returns the number of the last one. No
// branch depends on where runs end: they are short, and guessing wrong would cost more than all the rest.
static size_t collect_runs(const posting_block *block, const uint16_t *shares, range_runs *runs) {
    uint32_t range = runs->ranges[0], largest = runs->largest[0];
    size_t run = 0;
    for (uint32_t i = 0; i < block->size; i++) {
        uint32_t at = docid_at(block, i) / APUS_RANGE;
        uint32_t held = largest & -(uint32_t)(at == range); // nothing, in a new range
        largest = held > shares[i] ? held : shares[i];
        run += at != range;
        range = at;
        runs->ranges[run] = range;
        runs->largest[run] = (uint16_t)largest;
    }
    return run;
}

size_t apus_list_bounds(const apus_list *list, uint64_t factor, size_t first, size_t end, uint16_t *bounds) {
    posting_block decoded;
    range_runs runs;
    uint16_t scaled[256], shares[BLOCK];
    if (!list->lengths)
        for (uint32_t v = 0; v < 256; v++) scaled[v] = (uint16_t)((uint64_t)list->weight * v * factor >> 32);
    runs.ranges[0] = UINT32_MAX;
    runs.largest[0] = 0;
    size_t start = apus_list_seek(list, 0, (uint32_t)first * APUS_RANGE), block = start;
    for (; block < list->blocks && block_lowest(list, block) < end * APUS_RANGE; block++) {
        posting_block_open(list, block, &decoded);
        if (list->lengths) {
            for (uint32_t i = 0; i < decoded.size; i++) {
                uint32_t share = text_share(list, decoded.values[i], docid_at(&decoded, i));
                shares[i] = (uint16_t)(share * factor >> 32);
            }
        } else {
            for (uint32_t i = 0; i < decoded.size; i++) shares[i] = scaled[decoded.impacts[i]];
        }
        uint16_t counted = runs.largest[0];
        size_t last = collect_runs(&decoded, shares, &runs);
        // Of the run that goes on, what it had is in the bound already.
        if (runs.ranges[0] >= first && runs.ranges[0] < end) bounds[runs.ranges[0]] += (uint16_t)(runs.largest[0] - counted);
        for (size_t i = 1; i <= last; i++)
            if (runs.ranges[i] >= first && runs.ranges[i] < end) bounds[runs.ranges[i]] += runs.largest[i];
        runs.ranges[0] = runs.ranges[last];
        runs.largest[0] = runs.largest[last];
    }
    return block - start;
}

// A tile of bounds stays in the first cache while all terms are added.
enum { TILE = 1024 };

static void add_dense_plain(const uint8_t *maxima, uint16_t weight, size_t count, uint16_t *bounds) {
    for (size_t i = 0; i < count; i++) bounds[i] += (uint16_t)((uint32_t)maxima[i] * weight >> 8);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void add_dense_avx2(const uint8_t *maxima, uint16_t weight, size_t count,
                                                           uint16_t *bounds) {
    __m256i w = _mm256_set1_epi16((int16_t)weight);
    for (size_t i = 0; i < count; i += 16) {
        __m256i m = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(maxima + i)));
        __m256i sum = _mm256_add_epi16(_mm256_loadu_si256((const __m256i *)(bounds + i)),
                                       _mm256_mulhi_epu16(_mm256_slli_epi16(m, 8), w));
        _mm256_storeu_si256((__m256i *)(bounds + i), sum);
    }
}

__attribute__((target("avx512f,avx512bw"))) static void add_dense_avx512(const uint8_t *maxima, uint16_t weight,
                                                                         size_t count, uint16_t *bounds) {
    __m512i w = _mm512_set1_epi16((int16_t)weight);
    for (size_t i = 0; i < count; i += 32) {
        __m512i m = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(maxima + i)));
        __m512i sum = _mm512_add_epi16(_mm512_loadu_si512(bounds + i), _mm512_mulhi_epu16(_mm512_slli_epi16(m, 8), w));
        _mm512_storeu_si512(bounds + i, sum);
    }
}
#endif

void apus_dense_bounds(int32_t level, const uint8_t *const *maxima, const uint16_t *weights, size_t terms, size_t first,
                       size_t end, uint16_t *bounds) {
    void (*add)(const uint8_t *, uint16_t, size_t, uint16_t *) = add_dense_plain;
#if defined(__x86_64__)
    if (level >= APUS_LEVEL_AVX512) add = add_dense_avx512;
    else if (level >= APUS_LEVEL_AVX2) add = add_dense_avx2;
#endif
    for (; first < end; first += TILE) {
        size_t size = end - first < TILE ? end - first : TILE;
        memset(bounds + first, 0, size * sizeof *bounds);
        for (size_t t = 0; t < terms; t++) add(maxima[t] + first, weights[t], size, bounds + first);
    }
}

size_t apus_ranges_between(const uint16_t *bounds, size_t first, size_t end, uint32_t least, uint32_t limit,
                           uint32_t *out) {
    size_t count = 0;
    for (; first < end; first += 64) {
        size_t size = end - first < 64 ? end - first : 64;
        uint16_t largest = 0;
        for (size_t i = 0; i < size; i++) largest = bounds[first + i] > largest ? bounds[first + i] : largest;
        if (largest < least) continue;
        for (size_t i = 0; i < size; i++) {
            out[count] = (uint32_t)(first + i);
            count += bounds[first + i] >= least && bounds[first + i] < limit;
        }
    }
    return count;
}
