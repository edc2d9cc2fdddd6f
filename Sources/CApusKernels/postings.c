#include "postings.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

static void unpack_plain(const uint8_t *packed, uint32_t bits, uint32_t start, uint32_t count, uint32_t *out) {
    const uint64_t mask = (1ull << bits) - 1;
    uint64_t at = (uint64_t)start * bits;
    for (uint32_t i = start; i < count; i++, at += bits) {
        uint64_t word;
        memcpy(&word, packed + (at >> 3), 8);
        out[i] = (uint32_t)(word >> (at & 7) & mask);
    }
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

// Eight integers take `bits` bytes: two loads, one byte shuffle that gives each lane the four bytes its integer lies in,
// one shift. Up to 25 bits, because 7 + 25 = 32.
typedef struct {
    __m256i shuffle, shift, mask;
    uint32_t bits, upper;
} unpacker;

AVX2 static inline unpacker make_unpacker(uint32_t bits) {
    uint32_t phase = 4 * bits & 7;
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 0, 1, 2, 3);
    __m256i at = _mm256_add_epi32(_mm256_mullo_epi32(lane, _mm256_set1_epi32((int)bits)),
                                  _mm256_setr_epi32(0, 0, 0, 0, (int)phase, (int)phase, (int)phase, (int)phase));
    __m256i byte = _mm256_mullo_epi32(_mm256_srli_epi32(at, 3), _mm256_set1_epi32(0x01010101));
    return (unpacker){_mm256_add_epi32(byte, _mm256_set1_epi32(0x03020100)),
                      _mm256_and_si256(at, _mm256_set1_epi32(7)),
                      _mm256_set1_epi32((int)((1u << bits) - 1)), bits, 4 * bits >> 3};
}

AVX2 static inline __m256i unpack_eight(unpacker u, const uint8_t *at) {
    __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)at)),
                                        _mm_loadu_si128((const __m128i *)(at + u.upper)), 1);
    return _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(v, u.shuffle), u.shift), u.mask);
}

AVX2 static void unpack_avx2(const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t *out) {
    unpacker u = make_unpacker(bits);
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) _mm256_storeu_si256((__m256i *)(out + i), unpack_eight(u, packed + i / 8 * bits));
    unpack_plain(packed, bits, i, count, out);
}

// Returns the docid after the last one of the whole eights; at most 24 bits, so that 32-bit sums cannot wrap around.
AVX2 static uint32_t docids_avx2(const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t next, uint32_t *out) {
    unpacker u = make_unpacker(bits);
    __m256i base = _mm256_set1_epi32((int)(next - 1)), one = _mm256_set1_epi32(1);
    const __m256i top = _mm256_set1_epi32(7), third = _mm256_set1_epi32(3);
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i v = _mm256_add_epi32(unpack_eight(u, packed + i / 8 * bits), one);
        v = _mm256_add_epi32(v, _mm256_slli_si256(v, 4));
        v = _mm256_add_epi32(v, _mm256_slli_si256(v, 8));
        __m256i low = _mm256_permutevar8x32_epi32(v, third); // the lower half's sum, for the upper half
        v = _mm256_add_epi32(v, _mm256_blend_epi32(_mm256_setzero_si256(), low, 0xF0));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_add_epi32(v, base));
        base = _mm256_add_epi32(base, _mm256_permutevar8x32_epi32(v, top)); // the only step that waits for the one before
    }
    return (uint32_t)_mm256_cvtsi256_si32(base) + 1;
}
#endif

void apus_unpack(int32_t level, const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t *out) {
    if (bits == 0) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    if (bits == 8) {
        for (uint32_t i = 0; i < count; i++) out[i] = packed[i];
        return;
    }
#if defined(__x86_64__)
    if (bits <= 25 && level >= APUS_LEVEL_AVX2) {
        unpack_avx2(packed, bits, count, out);
        return;
    }
#endif
    unpack_plain(packed, bits, 0, count, out);
}

void apus_unpack_docids(int32_t level, const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t previous,
                        uint32_t last, uint32_t *out) {
    uint64_t docid = (uint64_t)(previous + 1);
    uint32_t first = 0;
    if (bits == 0) {
        for (uint32_t i = 0; i < count; i++) out[i] = (uint32_t)(docid + i);
        docid += count;
        first = count;
    }
#if defined(__x86_64__)
    if (bits > 0 && bits <= 24 && level >= APUS_LEVEL_AVX2) {
        first = count / 8 * 8;
        if (first > 0) docid = docids_avx2(packed, bits, first, (uint32_t)docid, out);
    }
#endif
    if (first < count) unpack_plain(packed, bits, first, count, out);
    for (uint32_t i = first; i < count; i++) {
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

void apus_bm25_table(const float *inverses, float weight, double scale, uint32_t *shares) {
    for (uint32_t tf = 1; tf <= APUS_TABLE_FREQUENCIES; tf++)
        for (uint32_t length = 0; length < 256; length++)
            shares[(tf - 1) * 256 + length] = apus_bm25(tf, inverses[length], weight, scale);
}

static size_t collect_plain(const uint32_t *values, size_t start, size_t end, uint32_t least, uint32_t *out) {
    size_t count = 0;
    for (; start < end; start++) {
        out[count] = (uint32_t)start;
        count += values[start] >= least;
    }
    return count;
}

#if defined(__x86_64__)
AVX2 static size_t collect_avx2(const uint32_t *values, size_t start, size_t end, uint32_t least, uint32_t *out) {
    const __m256i bound = _mm256_set1_epi32((int)least);
    size_t count = 0;
    for (; start + 32 <= end; start += 32) {
        __m256i at_least[4];
        for (int i = 0; i < 4; i++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(values + start + 8 * i));
            at_least[i] = _mm256_cmpeq_epi32(_mm256_max_epu32(v, bound), v);
        }
        // Bytes in the order 0 2 1 3 of the halves, put right by one permutation each.
        __m256i low = _mm256_packs_epi32(at_least[0], at_least[1]), high = _mm256_packs_epi32(at_least[2], at_least[3]);
        low = _mm256_permute4x64_epi64(low, 0xD8);
        high = _mm256_permute4x64_epi64(high, 0xD8);
        __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xD8);
        for (uint32_t found = (uint32_t)_mm256_movemask_epi8(bytes); found; found &= found - 1)
            out[count++] = (uint32_t)start + (uint32_t)__builtin_ctz(found);
    }
    return count + collect_plain(values, start, end, least, out + count);
}
#endif

size_t apus_collect_at_least(int32_t level, const uint32_t *values, size_t start, size_t end, uint32_t least,
                             uint32_t *out) {
#if defined(__x86_64__)
    if (level >= APUS_LEVEL_AVX2) return collect_avx2(values, start, end, least, out);
#endif
    return collect_plain(values, start, end, least, out);
}

void apus_sort_descending(uint64_t *keys, size_t count, uint64_t *room) {
    for (uint32_t shift = 32; shift < 64; shift += 8) {
        size_t starts[257] = {0};
        for (size_t i = 0; i < count; i++) starts[256 - (keys[i] >> shift & 255)]++;
        for (size_t i = 1; i < 257; i++) starts[i] += starts[i - 1];
        for (size_t i = 0; i < count; i++) room[starts[255 - (keys[i] >> shift & 255)]++] = keys[i];
        memcpy(keys, room, count * sizeof *keys);
    }
}
