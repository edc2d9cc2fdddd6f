#include "posting_block.h"

#if defined(__x86_64__)
#define AT(bits, i) ((bits) * (i) >> 3), ((bits) * (i) >> 3) + 1
#define SHUFFLE(b) {AT(b, 0), AT(b, 1), AT(b, 2), AT(b, 3), AT(b, 4), AT(b, 5), AT(b, 6), AT(b, 7)}
#define BY(bits, i) (uint16_t)(1u << (16 - (bits) - ((bits) * (i) & 7)))
#define MULTIPLIER(b) {BY(b, 0), BY(b, 1), BY(b, 2), BY(b, 3), BY(b, 4), BY(b, 5), BY(b, 6), BY(b, 7)}

const uint8_t narrow_shuffles[NARROW_BITS + 1][16] = {SHUFFLE(0), SHUFFLE(1), SHUFFLE(2), SHUFFLE(3), SHUFFLE(4),
                                                      SHUFFLE(5), SHUFFLE(6), SHUFFLE(7), SHUFFLE(8), SHUFFLE(9)};
const uint16_t narrow_multipliers[NARROW_BITS + 1][8] = {
    {0},           MULTIPLIER(1), MULTIPLIER(2), MULTIPLIER(3), MULTIPLIER(4),
    MULTIPLIER(5), MULTIPLIER(6), MULTIPLIER(7), MULTIPLIER(8), MULTIPLIER(9)};

// Returns the last offset.
AVX2 static uint32_t narrow_offsets(const uint8_t *packed, uint32_t bits, uint16_t *offsets) {
    narrow_gaps gaps = narrow_gaps_of(bits);
    __m256i before = _mm256_set1_epi16(-1);
    for (uint32_t i = 0; i < BLOCK; i += 16)
        _mm256_storeu_si256((__m256i *)(offsets + i), narrow_next(gaps, packed + i / 8 * bits, &before));
    return (uint16_t)_mm256_extract_epi16(before, 0);
}
#endif

// A block's impacts as bytes: where they lie, or unpacked when they have fewer bits.
static const uint8_t *impacts_of(int32_t level, const uint8_t *packed, uint32_t bits, uint32_t size, uint8_t *unpacked) {
    if (bits == 8) return packed;
    uint32_t values[BLOCK];
    apus_unpack(level, packed, bits, size, values);
    for (uint32_t i = 0; i < size; i++) unpacked[i] = (uint8_t)values[i];
    return unpacked;
}

void posting_block_open(const apus_list *list, size_t block, posting_block *out) {
    const uint8_t *start = list->postings + list->offsets[block];
    uint32_t size = block_size(list, block), last = list->lasts[block], bits = gap_bits(start);
    note_block(list, start);
    out->size = size;
    out->base = block_lowest(list, block);
    out->narrow = 0;
#if defined(__x86_64__)
    // A damaged block ends elsewhere; the other way of reading it stays inside the segment.
    if (is_narrow(list, block, bits) && list->level >= APUS_LEVEL_AVX2)
        out->narrow = narrow_offsets(start + 2, bits, out->offsets) == last - out->base;
#endif
    if (!out->narrow) apus_unpack_docids(list->level, start + 2, bits, size, out->base - 1, last, out->docids);
    const uint8_t *values = start + 2 + (size * bits + 7) / 8;
    if (list->lengths) apus_unpack(list->level, values, value_bits(start), size, out->values);
    else out->impacts = impacts_of(list->level, values, value_bits(start), size, out->unpacked);
}
