#pragma once
#include "page_checksums.h"
#include "postings.h"

// How the kernels of this folder read a block of postings.

enum { BLOCK = 128 };

// Up to this many bits per gap, and in a block of at most this span, docids are 16-bit offsets from the first docid
// that is possible: twice as many fit a register.
enum { NARROW_BITS = 9, NARROW_SPAN = 65504 };

// A decoded block.
typedef struct {
    uint32_t size, base;
    int narrow;             // docids are base + offsets[i], else docids[i]
    uint16_t offsets[BLOCK];
    uint32_t docids[BLOCK];
    uint32_t values[BLOCK]; // text lists only
    const uint8_t *impacts; // learned lists only
    uint8_t unpacked[BLOCK];
} posting_block;

void posting_block_open(const apus_list *list, size_t block, posting_block *out);

// Bits of a gap and of a value. Headers are not looked at before a block is read; a damaged one does not lead outside
// the file, because no block is followed by fewer than APUS_LONGEST_BLOCK bytes or else it was checked.
static inline uint32_t gap_bits(const uint8_t *start) { return start[0] < 32 ? start[0] : 32; }
static inline uint32_t value_bits(const uint8_t *start) { return start[1] < 32 ? start[1] : 32; }

// Notes that a block is read. It is compared with its checksum afterwards, so that only what a query needs is ever read.
static inline void note_block(const apus_list *list, const uint8_t *start) {
    if (!list->pages) return;
    size_t first = list->place + (size_t)(start - list->postings);
    size_t last = first + 1 + BLOCK / 8 * (gap_bits(start) + value_bits(start));
    for (size_t page = first / APUS_PAGE; page <= last / APUS_PAGE; page++)
        if (!__atomic_load_n(&list->pages[page], __ATOMIC_RELAXED))
            __atomic_store_n(&list->pages[page], APUS_PAGE_READ, __ATOMIC_RELAXED);
}

// The same of a single byte.
static inline void note_byte(uint8_t *pages, size_t place) {
    if (pages && !__atomic_load_n(&pages[place / APUS_PAGE], __ATOMIC_RELAXED))
        __atomic_store_n(&pages[place / APUS_PAGE], APUS_PAGE_READ, __ATOMIC_RELAXED);
}

static inline uint32_t block_size(const apus_list *list, size_t block) {
    return block + 1 < list->blocks ? BLOCK : (uint32_t)(list->count - block * BLOCK);
}

// No docid of the block is smaller.
static inline uint32_t block_lowest(const apus_list *list, size_t block) {
    return block == 0 ? 0 : list->lasts[block - 1] + 1;
}

static inline int is_narrow(const apus_list *list, size_t block, uint32_t bits) {
    return bits > 0 && bits <= NARROW_BITS && block_size(list, block) == BLOCK &&
           list->lasts[block] - block_lowest(list, block) < NARROW_SPAN;
}

static inline uint32_t docid_at(const posting_block *block, uint32_t i) {
    return block->narrow ? block->base + block->offsets[i] : block->docids[i];
}

static inline uint32_t text_share(const apus_list *list, uint32_t tf, uint32_t docid) {
    uint8_t length = list->lengths[docid];
    if (list->table && tf - 1 < APUS_TABLE_FREQUENCIES) return list->table[(tf - 1) * 256 + length];
    return apus_bm25(tf, list->inverses[length], list->bm25_weight, list->scale);
}

static inline uint32_t share_at(const apus_list *list, const posting_block *block, uint32_t i, uint32_t docid) {
    return list->lengths ? text_share(list, block->values[i], docid) : list->weight * block->impacts[i];
}

// Asks the memory for a block; most end within four lines.
static inline void fetch_block(const uint8_t *start) {
    for (size_t i = 0; i < 4; i++) __builtin_prefetch(start + 64 * i);
}

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))

// Sixteen gaps of up to nine bits: the two bytes that each lies in, shifted to the left by a product, which drops the
// bits of its neighbour above, and back to the right.
typedef struct {
    __m256i shuffle, multiplier;
    __m128i shift;
    uint32_t bits;
} narrow_gaps;

extern const uint8_t narrow_shuffles[NARROW_BITS + 1][16];
extern const uint16_t narrow_multipliers[NARROW_BITS + 1][8];

AVX2 static inline narrow_gaps narrow_gaps_of(uint32_t bits) {
    return (narrow_gaps){
        _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)narrow_shuffles[bits])),
        _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)narrow_multipliers[bits])),
        _mm_cvtsi32_si128((int)(16 - bits)), bits};
}

// The offsets of the gaps at `packed`; `before` holds the offset before them in every lane, −1 at first, and moves on.
AVX2 static inline __m256i narrow_next(narrow_gaps gaps, const uint8_t *packed, __m256i *before) {
    const __m256i last = _mm256_set1_epi16(0x0F0E);
    __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)packed)),
                                        _mm_loadu_si128((const __m128i *)(packed + gaps.bits)), 1);
    v = _mm256_srl_epi16(_mm256_mullo_epi16(_mm256_shuffle_epi8(v, gaps.shuffle), gaps.multiplier), gaps.shift);
    v = _mm256_add_epi16(v, _mm256_set1_epi16(1));
    v = _mm256_add_epi16(v, _mm256_slli_si256(v, 2));
    v = _mm256_add_epi16(v, _mm256_slli_si256(v, 4));
    v = _mm256_add_epi16(v, _mm256_slli_si256(v, 8));
    __m256i halves = _mm256_shuffle_epi8(v, last); // each half's sum
    v = _mm256_add_epi16(v, _mm256_permute2x128_si256(halves, halves, 0x08));
    v = _mm256_add_epi16(v, *before);
    *before = _mm256_add_epi16(*before, _mm256_add_epi16(halves, _mm256_permute2x128_si256(halves, halves, 0x01)));
    return v;
}
#endif
