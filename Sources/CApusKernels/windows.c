#include "posting_block.h"
#include "windows.h"

// A posting of a frequent list: the document, the list, and the list's postings before it in its chunk.
typedef struct {
    uint32_t docid;
    uint16_t list, before;
} frequent_posting;

// Impacts that are looked up, and fetched from memory, before the first is read.
enum { POSTINGS = 512 };

static void add_postings(const apus_frequent *lists, const frequent_posting *postings, size_t count, uint32_t start,
                         uint32_t *window) {
    size_t places[POSTINGS];
    for (size_t i = 0; i < count; i++) {
        const apus_frequent *list = lists + postings[i].list;
        places[i] = apus_frequent_impact(list->places, postings[i].docid, postings[i].before);
        __builtin_prefetch(list->postings + places[i]);
    }
    for (size_t i = 0; i < count; i++) {
        const apus_frequent *list = lists + postings[i].list;
        // A damaged array must not lead outside the segment.
        if (places[i] >= list->bytes) continue;
        note_byte(list->pages, list->place + places[i]);
        window[postings[i].docid - start] += list->weight * list->postings[places[i]];
    }
}

static inline uint32_t may_reach_plain(const apus_frequent *lists, size_t count, uint32_t group, const uint32_t *sums,
                                       uint32_t shift, uint32_t bound) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < APUS_GROUP; i++) {
        uint32_t most = sums[i] >> shift;
        for (size_t t = 0; t < count; t++)
            if (lists[t].masks[group] >> i & 1) most += (uint32_t)lists[t].maxima[group] * lists[t].scaled >> 8;
        found |= (uint32_t)(most >= bound) << i;
    }
    return found;
}

static size_t groups_plain(const apus_frequent *lists, size_t count, const uint32_t *window, size_t first, size_t groups,
                           uint32_t shift, uint32_t least, uint32_t *out, uint16_t *bounds) {
    size_t found = 0;
    for (size_t group = first; group < first + groups; group++) {
        const uint32_t *sums = window + (group - first) * APUS_GROUP;
        uint32_t largest = 0;
        for (size_t i = 0; i < APUS_GROUP; i++) largest = sums[i] > largest ? sums[i] : largest;
        uint32_t bound = largest >> shift;
        for (size_t t = 0; t < count; t++) bound += (uint32_t)lists[t].maxima[group] * lists[t].scaled >> 8;
        if (bound < least) continue;
        out[found] = (uint32_t)group;
        bounds[found++] = (uint16_t)(bound < UINT16_MAX ? bound : UINT16_MAX);
    }
    return found;
}

// The same for both levels: which documents of a group may reach the bound is the level's own.
#define SCORE(MAY_REACH)                                                                                               \
    frequent_posting postings[POSTINGS];                                                                               \
    size_t held = 0, documents = 0, found = 0;                                                                         \
    for (size_t i = 0; i < groups; i++) {                                                                              \
        uint32_t group = chosen[i];                                                                                    \
        uint32_t may = MAY_REACH(lists, count, group, window + (group * APUS_GROUP - start), shift, bound);            \
        if (live) may &= (uint32_t)(live[group / 4] >> group % 4 * APUS_GROUP);                                        \
        for (; may; may &= may - 1) {                                                                                  \
            uint32_t place = (uint32_t)__builtin_ctz(may), docid = group * APUS_GROUP + place;                         \
            out[documents++] = docid;                                                                                  \
            for (size_t t = 0; t < count; t++) {                                                                       \
                if (!(lists[t].masks[group] >> place & 1)) continue;                                                   \
                if (held == POSTINGS) {                                                                                \
                    add_postings(lists, postings, held, start, window);                                                \
                    held = 0;                                                                                          \
                }                                                                                                      \
                postings[held++] = (frequent_posting){docid, (uint16_t)t, (uint16_t)before(lists[t].masks, docid)};    \
                __builtin_prefetch(lists[t].places + docid / APUS_CHUNK * 2);                                          \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    if (held > 0) add_postings(lists, postings, held, start, window);                                                  \
    *looked += documents;                                                                                              \
    for (size_t i = 0; i < documents; i++) {                                                                           \
        uint32_t docid = out[i];                                                                                       \
        out[found] = docid;                                                                                            \
        found += window[docid - start] >= least;                                                                       \
    }                                                                                                                  \
    return found;

// The list's postings in a document's chunk that come before it.
static inline uint32_t before(const uint16_t *masks, uint32_t docid) {
    uint64_t words[APUS_CHUNK / 64];
    __builtin_memcpy(words, masks + docid / APUS_CHUNK * (APUS_CHUNK / APUS_GROUP), sizeof words);
    uint32_t place = docid % APUS_CHUNK, found = 0;
    for (uint32_t i = 0; i < APUS_CHUNK / 64 - 1; i++)
        found += (uint32_t)__builtin_popcountll(words[i]) & -(uint32_t)(i < place / 64);
    return found + (uint32_t)__builtin_popcountll(words[place / 64] & ((1ull << place % 64) - 1));
}

static size_t score_plain(const apus_frequent *lists, size_t count, const uint32_t *chosen, size_t groups,
                          const uint64_t *live, uint32_t shift, uint32_t bound, uint32_t least, uint32_t start,
                          uint32_t *window, uint32_t *out, size_t *looked) {
    SCORE(may_reach_plain)
}

#if defined(__x86_64__)
#define AVX2_POPCNT __attribute__((target("avx2,popcnt")))

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

AVX2_POPCNT static size_t groups_avx2(const apus_frequent *lists, size_t count, const uint32_t *window, size_t first,
                                      size_t groups, uint32_t shift, uint32_t least, uint32_t *out, uint16_t *bounds) {
    if (least > UINT16_MAX) return 0;
    const __m256i low = _mm256_set1_epi16((int16_t)least);
    const __m128i places = _mm_cvtsi32_si128((int)shift);
    size_t found = 0;
    for (size_t group = first; group < first + groups; group += APUS_GROUPS_AT_ONCE) {
        __m256i x[4];
        for (int j = 0; j < 4; j++) {
            const uint32_t *from = window + (group - first + 16 * (size_t)j) * APUS_GROUP;
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
        if (!bits) continue;
        uint16_t reached[APUS_GROUPS_AT_ONCE];
        for (int j = 0; j < 4; j++) _mm256_storeu_si256((__m256i *)(reached + 16 * j), x[j]);
        for (; bits; bits &= bits - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(bits);
            bounds[found] = reached[i];
            out[found++] = (uint32_t)group + i;
        }
    }
    return found;
}

AVX2_POPCNT static inline uint32_t may_reach_avx2(const apus_frequent *lists, size_t count, uint32_t group,
                                                  const uint32_t *sums, uint32_t shift, uint32_t bound) {
    const __m256i documents = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384,
                                                INT16_MIN);
    if (bound > UINT16_MAX) return 0;
    const __m256i low = _mm256_set1_epi16((int16_t)bound);
    const __m128i places = _mm_cvtsi32_si128((int)shift);
    __m256i a = _mm256_srl_epi32(_mm256_loadu_si256((const __m256i *)sums), places);
    __m256i b = _mm256_srl_epi32(_mm256_loadu_si256((const __m256i *)(sums + 8)), places);
    __m256i most = _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xD8);
    for (size_t t = 0; t < count; t++) {
        __m256i has = _mm256_and_si256(_mm256_set1_epi16((int16_t)lists[t].masks[group]), documents);
        uint32_t share = (uint32_t)lists[t].maxima[group] * lists[t].scaled >> 8;
        __m256i more = _mm256_and_si256(_mm256_set1_epi16((int16_t)share), _mm256_cmpeq_epi16(has, documents));
        most = _mm256_adds_epu16(most, more);
    }
    __m256i reaching = _mm256_cmpeq_epi16(_mm256_max_epu16(most, low), most);
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(reaching), _mm256_extracti128_si256(reaching, 1));
    return (uint32_t)_mm_movemask_epi8(bytes);
}

AVX2_POPCNT static size_t score_avx2(const apus_frequent *lists, size_t count, const uint32_t *chosen, size_t groups,
                                     const uint64_t *live, uint32_t shift, uint32_t bound, uint32_t least,
                                     uint32_t start, uint32_t *window, uint32_t *out, size_t *looked) {
    SCORE(may_reach_avx2)
}
#endif

size_t apus_window_groups(int32_t level, const apus_frequent *lists, size_t count, const uint32_t *window,
                          size_t first, size_t groups, uint32_t shift, uint32_t least, uint32_t *out,
                          uint16_t *bounds) {
#if defined(__x86_64__)
    if (level >= APUS_LEVEL_AVX2)
        return groups_avx2(lists, count, window, first, groups, shift, least, out, bounds);
#endif
    return groups_plain(lists, count, window, first, groups, shift, least, out, bounds);
}

size_t apus_groups_score(int32_t level, const apus_frequent *lists, size_t count, const uint32_t *chosen,
                         size_t groups, const uint64_t *live, uint32_t shift, uint32_t bound, uint32_t least,
                         uint32_t start, uint32_t *window, uint32_t *out, size_t *looked) {
#if defined(__x86_64__)
    if (level >= APUS_LEVEL_AVX2)
        return score_avx2(lists, count, chosen, groups, live, shift, bound, least, start, window, out, looked);
#endif
    return score_plain(lists, count, chosen, groups, live, shift, bound, least, start, window, out, looked);
}
