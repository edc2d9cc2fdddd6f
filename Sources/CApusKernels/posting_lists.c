#include "postings.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

enum { BLOCK = 128 };

static inline uint32_t block_size(const apus_list *list, size_t block) {
    return block + 1 < list->blocks ? BLOCK : (uint32_t)(list->count - block * BLOCK);
}

// Decodes a block's docids; returns its packed values and their bits.
static inline const uint8_t *decode(const apus_list *list, size_t block, uint32_t size, uint32_t *docids,
                                    uint32_t *bits) {
    const uint8_t *start = list->postings + list->offsets[block];
    uint32_t previous = block == 0 ? UINT32_MAX : list->lasts[block - 1];
    apus_unpack_docids(start + 2, start[0], size, previous, list->lasts[block], docids);
    *bits = start[1];
    return start + 2 + (size * start[0] + 7) / 8;
}

static inline uint32_t text_share(const apus_list *list, uint32_t tf, uint32_t docid) {
    uint8_t length = list->lengths[docid];
    if (list->table && tf - 1 < APUS_TABLE_FREQUENCIES) return list->table[(tf - 1) * 256 + length];
    return apus_bm25(tf, list->inverses[length], list->bm25_weight, list->scale);
}

// A decoded block.
typedef struct {
    uint32_t docids[BLOCK], values[BLOCK]; // values of text lists only
    const uint8_t *impacts;                // learned lists only
    uint8_t unpacked[BLOCK];
    uint32_t size;
} decoded_block;

// A block's impacts as bytes: where they lie, or unpacked when they have fewer bits.
static inline const uint8_t *impacts_of(const uint8_t *packed, uint32_t bits, uint32_t size, uint8_t *unpacked) {
    if (bits == 8) return packed;
    uint32_t values[BLOCK];
    apus_unpack(packed, bits, size, values);
    for (uint32_t i = 0; i < size; i++) unpacked[i] = (uint8_t)values[i];
    return unpacked;
}

static inline void open_block(const apus_list *list, size_t block, decoded_block *out) {
    uint32_t bits;
    out->size = block_size(list, block);
    out->impacts = decode(list, block, out->size, out->docids, &bits);
    if (list->lengths) apus_unpack(out->impacts, bits, out->size, out->values);
    else out->impacts = impacts_of(out->impacts, bits, out->size, out->unpacked);
}

static inline void scatter(const apus_list *list, const decoded_block *block, uint32_t first, uint32_t end,
                           uint32_t *sums) {
    if (list->lengths) {
        for (uint32_t i = first; i < end; i++)
            sums[block->docids[i]] += text_share(list, block->values[i], block->docids[i]);
    } else {
        uint32_t weight = list->weight;
        for (uint32_t i = first; i < end; i++) sums[block->docids[i]] += weight * block->impacts[i];
    }
}

void apus_list_scatter(const apus_list *list, uint32_t *sums) {
    decoded_block decoded;
    for (size_t block = 0; block < list->blocks; block++) {
        open_block(list, block, &decoded);
        scatter(list, &decoded, 0, decoded.size, sums);
    }
}

// How many docids are smaller than `docid`.
static inline uint32_t place_plain(const decoded_block *block, uint32_t docid) {
    uint32_t place = 0;
    for (uint32_t i = 0; i < block->size; i++) place += block->docids[i] < docid;
    return place;
}

#if defined(__x86_64__)
// All 128 are compared: sixteen steps without a branch take less time than a search with seven unpredictable ones.
__attribute__((target("avx2,popcnt"))) static uint32_t place_avx2(const decoded_block *block, uint32_t docid) {
    if (block->size < BLOCK) return place_plain(block, docid);
    __m256i bound = _mm256_set1_epi32((int)docid), count = _mm256_setzero_si256();
    for (uint32_t i = 0; i < BLOCK; i += 8) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(block->docids + i));
        // Docids stay below 2^31, so the signed comparison is right; −1 for each smaller one.
        count = _mm256_sub_epi32(count, _mm256_cmpgt_epi32(bound, v));
    }
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(count), _mm256_extracti128_si256(count, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(half);
}
#endif

static inline uint32_t place_of(const decoded_block *block, uint32_t docid) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return place_avx2(block, docid);
#endif
    return place_plain(block, docid);
}

// The first block at or after `block` whose last docid is at least `docid`.
static inline size_t seek(const apus_list *list, size_t block, uint32_t docid) {
    size_t step = 1, end = list->blocks;
    while (block < end && list->lasts[block] < docid) {
        size_t next = block + step;
        if (next < end && list->lasts[next] < docid) {
            block = next + 1;
            step *= 2;
            continue;
        }
        size_t low = block + 1, high = next < end ? next : end;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (list->lasts[middle] < docid) low = middle + 1;
            else high = middle;
        }
        return low;
    }
    return block;
}

// Ranges in one block from which on the whole block is added, with no search for its parts.
enum { CROWDED = 4 };

size_t apus_list_scatter_ranges(const apus_list *list, size_t *cursor, const uint32_t *ranges, size_t count,
                                uint32_t *sums) {
    decoded_block decoded;
    size_t block = *cursor, opened = SIZE_MAX, i = 0, blocks = 0;
    while (i < count) {
        uint32_t from = ranges[i] * APUS_RANGE;
        block = seek(list, block, from);
        if (block == list->blocks) break;
        uint32_t lowest = block == 0 ? 0 : list->lasts[block - 1] + 1; // no docid of the block is smaller
        if (lowest > from + APUS_RANGE - 1) {
            i++;
            continue;
        }
        if (opened != block) {
            open_block(list, block, &decoded);
            opened = block;
            blocks++;
        }
        uint32_t last = list->lasts[block];
        if (i + CROWDED <= count && ranges[i + CROWDED - 1] * APUS_RANGE + APUS_RANGE - 1 <= last) {
            scatter(list, &decoded, 0, decoded.size, sums);
            while (i < count && ranges[i] * APUS_RANGE + APUS_RANGE - 1 <= last) i++;
            if (i < count && ranges[i] * APUS_RANGE <= last) block++;
            continue;
        }
        // The block's part of this range; what lies behind the block's end follows with the next block.
        uint32_t place = place_of(&decoded, from);
        for (;;) {
            uint32_t end = place;
            while (end < decoded.size && decoded.docids[end] <= from + APUS_RANGE - 1) end++;
            scatter(list, &decoded, place, end, sums);
            if (from + APUS_RANGE - 1 > last) break;
            if (++i == count) break;
            from = ranges[i] * APUS_RANGE;
            if (from > last) break;
            place = place_of(&decoded, from);
        }
        if (i < count && from <= last) block++; // the range goes on in the next block
    }
    *cursor = block;
    return blocks;
}

void apus_list_bounds(const apus_list *list, uint64_t factor, uint16_t *bounds) {
    uint32_t docids[BLOCK], values[BLOCK], bits, range = UINT32_MAX;
    uint16_t largest = 0, scaled[256];
    uint8_t unpacked[BLOCK];
    if (!list->lengths)
        for (uint32_t v = 0; v < 256; v++) scaled[v] = (uint16_t)((uint64_t)list->weight * v * factor >> 32);
    for (size_t block = 0; block < list->blocks; block++) {
        uint32_t size = block_size(list, block);
        const uint8_t *packed = decode(list, block, size, docids, &bits);
        if (list->lengths) apus_unpack(packed, bits, size, values);
        else packed = impacts_of(packed, bits, size, unpacked);
        for (uint32_t i = 0; i < size; i++) {
            uint32_t at = docids[i] / APUS_RANGE;
            uint16_t share = list->lengths ? (uint16_t)(text_share(list, values[i], docids[i]) * factor >> 32)
                                           : scaled[packed[i]];
            largest = at == range ? largest : 0;
            uint16_t more = share > largest ? share - largest : 0;
            bounds[at] += more;
            largest += more;
            range = at;
        }
    }
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

void apus_dense_bounds(const uint8_t *const *maxima, const uint16_t *weights, size_t terms, size_t ranges,
                       uint16_t *bounds) {
    void (*add)(const uint8_t *, uint16_t, size_t, uint16_t *) = add_dense_plain;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw")) add = add_dense_avx512;
    else if (__builtin_cpu_supports("avx2")) add = add_dense_avx2;
#endif
    for (size_t first = 0; first < ranges; first += TILE) {
        size_t size = ranges - first < TILE ? ranges - first : TILE;
        memset(bounds + first, 0, size * sizeof *bounds);
        for (size_t t = 0; t < terms; t++) add(maxima[t] + first, weights[t], size, bounds + first);
    }
}

size_t apus_ranges_between(const uint16_t *bounds, size_t ranges, uint32_t least, uint32_t limit, uint32_t *out) {
    size_t count = 0;
    for (size_t first = 0; first < ranges; first += 64) {
        size_t size = ranges - first < 64 ? ranges - first : 64;
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
