#include "posting_block.h"
#include "windows.h"

#include <string.h>

typedef struct {
    uint32_t before; // postings of the list before the group
    uint32_t mask;   // a bit for each of its documents
} frequent_group;

// Where a group's postings are in the list: those of the chunk before it are counted in its masks.
static inline frequent_group group_of(const apus_frequent *list, size_t group) {
    const uint8_t *chunk = list->chunks + group / 16 * APUS_CHUNK_BYTES;
    uint64_t words[4];
    frequent_group found;
    uint32_t place = group % 16;
    __builtin_memcpy(&found.before, chunk, 4);
    __builtin_memcpy(words, chunk + 4, 32);
    for (uint32_t i = 0; i < place / 4; i++) found.before += (uint32_t)__builtin_popcountll(words[i]);
    uint64_t word = words[place / 4];
    uint32_t bit = place % 4 * 16;
    found.before += (uint32_t)__builtin_popcountll(word & ((1ull << bit) - 1));
    found.mask = (uint32_t)(word >> bit) & 0xFFFF;
    return found;
}

// The impacts of a group, in `room` where they lie in two blocks; 16 bytes can be read. A damaged chunk leads to zeros.
static inline const uint8_t *impacts_of(const apus_list *list, uint32_t first, uint32_t count, uint8_t *room) {
    size_t block = first / BLOCK, place = first % BLOCK;
    if ((size_t)first + count > list->count || block >= list->blocks) return memset(room, 0, 16);
    const uint8_t *start = list->postings + list->offsets[block];
    uint32_t size = block_size(list, block);
    note_block(list, start);
    const uint8_t *values = start + 2 + (size * gap_bits(start) + 7) / 8;
    if (place + count <= size) return values + place;
    uint32_t here = size - (uint32_t)place;
    const uint8_t *next = list->postings + list->offsets[block + 1];
    note_block(list, next);
    const uint8_t *others = next + 2 + (block_size(list, block + 1) * gap_bits(next) + 7) / 8;
    for (uint32_t i = 0; i < 16; i++) room[i] = i < here ? values[place + i] : i < count ? others[i - here] : 0;
    return room;
}

static inline void fetch_group(const apus_frequent *lists, size_t count, size_t group) {
    for (size_t i = 0; i < count; i++) __builtin_prefetch(lists[i].chunks + group / 16 * APUS_CHUNK_BYTES);
}

static void add_plain(const apus_frequent *lists, size_t count, size_t group, uint32_t *sums) {
    uint8_t room[16];
    for (size_t i = 0; i < count; i++) {
        frequent_group found = group_of(lists + i, group);
        const uint8_t *impacts = impacts_of(lists[i].list, found.before, (uint32_t)__builtin_popcount(found.mask), room);
        for (uint32_t mask = found.mask; mask; mask &= mask - 1)
            sums[__builtin_ctz(mask)] += lists[i].weight * *impacts++;
    }
}

static uint32_t largest_plain(const uint32_t *sums) {
    uint32_t largest = 0;
    for (size_t i = 0; i < APUS_GROUP; i++) largest = sums[i] > largest ? sums[i] : largest;
    return largest;
}

static uint32_t reaching_plain(const uint32_t *sums, uint32_t least) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < APUS_GROUP; i++) found |= (uint32_t)(sums[i] >= least) << i;
    return found;
}

static size_t groups_plain(const apus_frequent *lists, size_t count, const uint32_t *sums, size_t first, size_t groups,
                           uint32_t shift, uint32_t least, uint32_t *out) {
    size_t found = 0;
    for (size_t group = first; group < first + groups; group++) {
        uint32_t bound = largest_plain(sums + group * APUS_GROUP) >> shift;
        for (size_t i = 0; i < count; i++) bound += (uint32_t)lists[i].maxima[group] * lists[i].scaled >> 8;
        if (bound >= least) out[found++] = (uint32_t)group;
    }
    return found;
}

#if defined(__x86_64__)
// Where the bits of a byte of a mask go: byte i is the place of the i-th document's impact, or none.
static const uint8_t expansion[256][8] = {
#define PLACE(m, i) ((m) >> (i) & 1 ? __builtin_popcount((m) & ((1 << (i)) - 1)) : 0x80)
#define ROW(m) {PLACE(m, 0), PLACE(m, 1), PLACE(m, 2), PLACE(m, 3), PLACE(m, 4), PLACE(m, 5), PLACE(m, 6), PLACE(m, 7)}
#define ROWS4(m) ROW(m), ROW((m) + 1), ROW((m) + 2), ROW((m) + 3)
#define ROWS16(m) ROWS4(m), ROWS4((m) + 4), ROWS4((m) + 8), ROWS4((m) + 12)
#define ROWS64(m) ROWS16(m), ROWS16((m) + 16), ROWS16((m) + 32), ROWS16((m) + 48)
    ROWS64(0), ROWS64(64), ROWS64(128), ROWS64(192)};

#define AVX2_POPCNT __attribute__((target("avx2,popcnt")))

// A byte for each of the 16 documents: its impact, or 0.
AVX2_POPCNT static inline __m128i expanded(const apus_frequent *list, size_t group) {
    uint8_t room[16];
    frequent_group found = group_of(list, group);
    uint32_t low = found.mask & 255, high = found.mask >> 8;
    const uint8_t *impacts = impacts_of(list->list, found.before, (uint32_t)__builtin_popcount(found.mask), room);
    __m128i packed = _mm_loadu_si128((const __m128i *)impacts);
    __m128i first = _mm_shuffle_epi8(packed, _mm_loadl_epi64((const __m128i *)expansion[low]));
    __m128i places = _mm_add_epi8(_mm_loadl_epi64((const __m128i *)expansion[high]),
                                  _mm_set1_epi8((char)__builtin_popcount(low)));
    // 0x80 plus at most 8 still has its highest bit.
    return _mm_unpacklo_epi64(first, _mm_shuffle_epi8(packed, places));
}

AVX2_POPCNT static inline void add_avx2(const apus_frequent *lists, size_t count, size_t group, uint32_t *sums) {
    __m256i low = _mm256_loadu_si256((const __m256i *)sums), high = _mm256_loadu_si256((const __m256i *)(sums + 8));
    for (size_t i = 0; i < count; i += 2) {
        __m128i a = expanded(lists + i, group), b = _mm_setzero_si128();
        uint32_t weights = lists[i].weight;
        if (i + 1 < count) {
            b = expanded(lists + i + 1, group);
            weights |= lists[i + 1].weight << 16;
        }
        __m256i w = _mm256_set1_epi32((int)weights);
        low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b)), w));
        high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b)), w));
    }
    _mm256_storeu_si256((__m256i *)sums, low);
    _mm256_storeu_si256((__m256i *)(sums + 8), high);
}

AVX2_POPCNT static inline uint32_t largest_avx2(const uint32_t *sums) {
    __m256i m = _mm256_max_epu32(_mm256_loadu_si256((const __m256i *)sums), _mm256_loadu_si256((const __m256i *)(sums + 8)));
    __m128i x = _mm_max_epu32(_mm256_castsi256_si128(m), _mm256_extracti128_si256(m, 1));
    x = _mm_max_epu32(x, _mm_shuffle_epi32(x, 0x4E));
    x = _mm_max_epu32(x, _mm_shuffle_epi32(x, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(x);
}

AVX2_POPCNT static inline uint32_t reaching_avx2(const uint32_t *sums, uint32_t least) {
    const __m256i bound = _mm256_set1_epi32((int)least);
    uint32_t found = 0;
    for (int half = 0; half < 2; half++) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(sums + 8 * half));
        __m256i at_least = _mm256_cmpeq_epi32(_mm256_max_epu32(v, bound), v);
        found |= (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(at_least)) << 8 * half;
    }
    return found;
}

// The largest of each 16 sums, shifted, of eight groups.
AVX2_POPCNT static inline __m128i maxima_avx2(const uint32_t *sums, __m128i shift) {
    __m256i m[8];
    for (int j = 0; j < 8; j++)
        m[j] = _mm256_max_epu32(_mm256_loadu_si256((const __m256i *)(sums + 16 * j)),
                                _mm256_loadu_si256((const __m256i *)(sums + 16 * j + 8)));
    for (int j = 0; j < 4; j++)
        m[j] = _mm256_max_epu32(_mm256_unpacklo_epi32(m[2 * j], m[2 * j + 1]), _mm256_unpackhi_epi32(m[2 * j], m[2 * j + 1]));
    for (int j = 0; j < 2; j++)
        m[j] = _mm256_max_epu32(_mm256_unpacklo_epi64(m[2 * j], m[2 * j + 1]), _mm256_unpackhi_epi64(m[2 * j], m[2 * j + 1]));
    __m256i largest = _mm256_max_epu32(_mm256_permute2x128_si256(m[0], m[1], 0x20), _mm256_permute2x128_si256(m[0], m[1], 0x31));
    largest = _mm256_srl_epi32(largest, shift);
    return _mm_packus_epi32(_mm256_castsi256_si128(largest), _mm256_extracti128_si256(largest, 1));
}

AVX2_POPCNT static size_t groups_avx2(const apus_frequent *lists, size_t count, const uint32_t *sums, size_t first,
                                      size_t groups, uint32_t shift, uint32_t least, uint32_t *out) {
    if (least > UINT16_MAX) return 0;
    const __m256i low = _mm256_set1_epi16((int16_t)least);
    const __m128i places = _mm_cvtsi32_si128((int)shift);
    size_t found = 0;
    for (size_t group = first; group < first + groups; group += APUS_GROUPS_AT_ONCE) {
        __m256i x[4];
        for (int j = 0; j < 4; j++) {
            const uint32_t *from = sums + (group + 16 * (size_t)j) * APUS_GROUP;
            x[j] = _mm256_inserti128_si256(_mm256_castsi128_si256(maxima_avx2(from, places)),
                                           maxima_avx2(from + 8 * APUS_GROUP, places), 1);
        }
        for (size_t i = 0; i < count; i++) {
            const __m256i weight = _mm256_set1_epi16((int16_t)lists[i].scaled);
            const uint8_t *maxima = lists[i].maxima + group;
            for (int j = 0; j < 4; j++) {
                __m256i m = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(maxima + 16 * j)));
                x[j] = _mm256_adds_epu16(x[j], _mm256_mulhi_epu16(_mm256_slli_epi16(m, 8), weight));
            }
        }
        uint64_t bits = 0;
        for (int j = 0; j < 4; j += 2) {
            __m256i a = _mm256_cmpeq_epi16(_mm256_max_epu16(x[j], low), x[j]);
            __m256i b = _mm256_cmpeq_epi16(_mm256_max_epu16(x[j + 1], low), x[j + 1]);
            __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xD8);
            bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(both) << 16 * j;
        }
        for (; bits; bits &= bits - 1) out[found++] = (uint32_t)group + (uint32_t)__builtin_ctzll(bits);
    }
    return found;
}
#endif

size_t apus_window_groups(int32_t level, const apus_frequent *lists, size_t count, const uint32_t *sums, size_t first,
                          size_t groups, uint32_t shift, uint32_t least, uint32_t *out) {
#if defined(__x86_64__)
    if (level >= APUS_LEVEL_AVX2) return groups_avx2(lists, count, sums, first, groups, shift, least, out);
#endif
    return groups_plain(lists, count, sums, first, groups, shift, least, out);
}

// The same for both levels: what is added, the largest sum, and which documents reach a sum, are the level's own.
#define SCORE(ADD, LARGEST, REACHING)                                                                                  \
    size_t found = 0;                                                                                                  \
    for (size_t i = 0; i < groups; i++) {                                                                              \
        size_t group = chosen[i];                                                                                      \
        uint32_t *from = sums + group * APUS_GROUP;                                                                    \
        if (i + 2 < groups) fetch_group(lists, count, chosen[i + 2]);                                                  \
        ADD(lists, part, group, from);                                                                                 \
        uint64_t rest = 0;                                                                                             \
        for (size_t t = part; t < count; t++) rest += (uint64_t)lists[t].weight * lists[t].maxima[group];              \
        if (rest + LARGEST(from) < least) continue;                                                                    \
        ADD(lists + part, count - part, group, from);                                                                  \
        ++*whole;                                                                                                      \
        for (uint32_t bits = REACHING(from, least); bits; bits &= bits - 1)                                            \
            out[found++] = (uint32_t)(group * APUS_GROUP) + (uint32_t)__builtin_ctz(bits);                             \
    }                                                                                                                  \
    return found;

static size_t score_plain(const apus_frequent *lists, size_t count, size_t part, const uint32_t *chosen, size_t groups,
                          uint32_t least, uint32_t *sums, uint32_t *out, size_t *whole) {
    SCORE(add_plain, largest_plain, reaching_plain)
}

#if defined(__x86_64__)
AVX2_POPCNT static size_t score_avx2(const apus_frequent *lists, size_t count, size_t part, const uint32_t *chosen,
                                     size_t groups, uint32_t least, uint32_t *sums, uint32_t *out, size_t *whole) {
    SCORE(add_avx2, largest_avx2, reaching_avx2)
}
#endif

size_t apus_groups_score(int32_t level, const apus_frequent *lists, size_t count, size_t part, const uint32_t *chosen,
                         size_t groups, uint32_t least, uint32_t *sums, uint32_t *out, size_t *whole) {
#if defined(__x86_64__)
    if (level >= APUS_LEVEL_AVX2)
        return score_avx2(lists, count, part, chosen, groups, least, sums, out, whole);
#endif
    return score_plain(lists, count, part, chosen, groups, least, sums, out, whole);
}
