#include "posting_block.h"

#pragma STDC FP_CONTRACT OFF

static void scatter(const apus_list *list, const posting_block *block, uint32_t *sums) {
    uint32_t size = block->size, weight = list->weight;
    uint32_t *from = sums + block->base;
    if (!list->lengths) {
        // A full block's loop has a constant end.
        if (block->narrow)
            for (uint32_t i = 0; i < BLOCK; i++) from[block->offsets[i]] += weight * block->impacts[i];
        else
            for (uint32_t i = 0; i < size; i++) sums[block->docids[i]] += weight * block->impacts[i];
    } else if (block->narrow) {
        for (uint32_t i = 0; i < BLOCK; i++)
            from[block->offsets[i]] += text_share(list, block->values[i], block->base + block->offsets[i]);
    } else {
        for (uint32_t i = 0; i < size; i++)
            sums[block->docids[i]] += text_share(list, block->values[i], block->docids[i]);
    }
}

size_t apus_list_seek(const apus_list *list, size_t block, uint32_t docid) {
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

static inline int is_chosen(const uint64_t *chosen, uint32_t docid) {
    uint32_t range = docid / APUS_RANGE;
    return chosen[range / 64] >> range % 64 & 1;
}

// The postings of blocks `first..<end` that lie in chosen ranges.
static void scatter_chosen(const apus_list *list, size_t first, size_t end, const uint64_t *chosen, uint32_t *sums) {
    posting_block decoded;
    for (size_t block = first; block < end; block++) {
        posting_block_open(list, block, &decoded);
        // Few are, so a branch is right most of the time.
        if (decoded.narrow)
            for (uint32_t i = 0; i < BLOCK; i++) {
                uint32_t docid = decoded.base + decoded.offsets[i];
                if (is_chosen(chosen, docid)) sums[docid] += share_at(list, &decoded, i, docid);
            }
        else
            for (uint32_t i = 0; i < decoded.size; i++) {
                uint32_t docid = decoded.docids[i];
                if (is_chosen(chosen, docid)) sums[docid] += share_at(list, &decoded, i, docid);
            }
    }
}

// One range of one block.
static void scatter_range(const apus_list *list, size_t block, uint32_t range, uint32_t *sums) {
    posting_block decoded;
    posting_block_open(list, block, &decoded);
    for (uint32_t i = 0; i < decoded.size; i++) {
        uint32_t docid = docid_at(&decoded, i);
        if (docid / APUS_RANGE == range) sums[docid] += share_at(list, &decoded, i, docid);
    }
}

#if defined(__x86_64__)
static inline uint32_t value_at(const uint8_t *packed, uint32_t bits, uint32_t i) {
    if (bits == 8) return packed[i];
    uint64_t word;
    __builtin_memcpy(&word, packed + (i * bits >> 3), 8);
    return (uint32_t)(word >> (i * bits & 7) & ((1ull << bits) - 1));
}

// The same for a narrow block, which is read up to the range and not further.
AVX2 static void scatter_range_narrow(const apus_list *list, size_t block, uint32_t range, uint32_t *sums) {
    const uint8_t *start = list->postings + list->offsets[block];
    note_block(list, start);
    const uint8_t *values = start + 2 + BLOCK / 8 * start[0];
    uint32_t base = block_lowest(list, block);
    int32_t from = (int32_t)(range * APUS_RANGE - base);
    // Gaps that are damaged must not lead beyond the last document, which has the last length.
    int32_t left = (int32_t)(list->lasts[block] - base) - from;
    if (left < 0) return;
    narrow_gaps gaps = narrow_gaps_of(start[0]);
    const __m256i lowest = _mm256_set1_epi16((int16_t)from);
    const __m256i most = _mm256_set1_epi16((int16_t)(left < APUS_RANGE - 1 ? left : APUS_RANGE - 1));
    __m256i before = _mm256_set1_epi16(-1);
    for (uint32_t i = 0; i < BLOCK; i += 16) {
        __m256i v = narrow_next(gaps, start + 2 + i / 8 * gaps.bits, &before);
        __m256i inside = _mm256_sub_epi16(v, lowest);
        inside = _mm256_cmpeq_epi16(_mm256_min_epu16(inside, most), inside);
        uint32_t found = (uint32_t)_mm256_movemask_epi8(inside) & 0x55555555u;
        if (found) {
            uint16_t offsets[16];
            _mm256_storeu_si256((__m256i *)offsets, v);
            for (; found; found &= found - 1) {
                uint32_t lane = (uint32_t)__builtin_ctz(found) / 2, docid = base + offsets[lane];
                uint32_t value = value_at(values, value_bits(start), i + lane);
                sums[docid] += list->lengths ? text_share(list, value, docid) : list->weight * value;
            }
        }
        if ((int32_t)(uint16_t)_mm256_extract_epi16(before, 0) >= from + APUS_RANGE - 1) return;
    }
}
#endif

// Ranges in one block from which on the whole block is added, with no search for its parts.
enum { CROWDED = 4 };

// Pairs of a range and a block that are looked up, and fetched from memory, before the first is read.
enum { PAIRS = 256 };

typedef struct {
    size_t block;
    uint32_t range;
} range_in_block;

static void scatter_pairs(const apus_list *list, const range_in_block *pairs, size_t count, size_t shared,
                          uint32_t *sums, size_t *blocks) {
    posting_block decoded;
    for (size_t i = 0; i < count;) {
        size_t block = pairs[i].block, end = i + 1;
        while (end < count && pairs[end].block == block) end++;
        ++*blocks;
        // A block that other calls have pairs of too is never added as a whole: some would count twice.
        if (end - i >= CROWDED && block != shared && block != pairs[count].block) {
            posting_block_open(list, block, &decoded);
            scatter(list, &decoded, sums);
            i = end;
            continue;
        }
        for (; i < end; i++) {
#if defined(__x86_64__)
            if (list->level >= APUS_LEVEL_AVX2 &&
                is_narrow(list, block, gap_bits(list->postings + list->offsets[block]))) {
                scatter_range_narrow(list, block, pairs[i].range, sums);
                continue;
            }
#endif
            scatter_range(list, block, pairs[i].range, sums);
        }
    }
}

size_t apus_list_scatter_ranges(const apus_list *list, size_t *cursor, const uint32_t *ranges, size_t count,
                                const uint64_t *chosen, uint32_t *sums) {
    if (count == 0) return 0;
    size_t block = apus_list_seek(list, *cursor, ranges[0] * APUS_RANGE), blocks = 0;
    *cursor = block;
    if (block == list->blocks) return 0;
    // About a nanosecond for each posting between the first and the last range, against some thirty for each range.
    size_t last = apus_list_seek(list, block, ranges[count - 1] * APUS_RANGE + APUS_RANGE - 1), met = count;
    size_t end = last < list->blocks ? last + 1 : last;
    if (list->maxima) {
        met = 0;
        for (size_t i = 0; i < count; i++) met += list->maxima[ranges[i]] != 0;
    }
    if ((end - block) * BLOCK < met * APUS_RANGE) {
        // Where every fourth range or more is wanted, adding all is cheaper than asking.
        if ((ranges[count - 1] - ranges[0]) / 4 < count) {
            posting_block decoded;
            for (size_t b = block; b < end; b++) {
                posting_block_open(list, b, &decoded);
                scatter(list, &decoded, sums);
            }
        } else {
            scatter_chosen(list, block, end, chosen, sums);
        }
        *cursor = last;
        return end - block;
    }
    range_in_block pairs[PAIRS + 3];
    size_t held = 0, shared = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        uint32_t range = ranges[i], from = range * APUS_RANGE;
        if (list->maxima && !list->maxima[range]) continue;
        block = apus_list_seek(list, block, from);
        if (block == list->blocks) break;
        // A range may go on in the next block.
        for (size_t b = block; b < list->blocks && block_lowest(list, b) < from + APUS_RANGE; b++) {
            pairs[held++] = (range_in_block){b, range};
            fetch_block(list->postings + list->offsets[b]);
        }
        if (held >= PAIRS) {
            // What the next call holds is not known yet, so the last block counts as shared.
            pairs[held].block = pairs[held - 1].block;
            scatter_pairs(list, pairs, held, shared, sums, &blocks);
            shared = pairs[held].block;
            held = 0;
        }
    }
    pairs[held].block = SIZE_MAX;
    scatter_pairs(list, pairs, held, shared, sums, &blocks);
    *cursor = block;
    return blocks;
}
