#include "crc32c.h"
#include <string.h>

static uint32_t crc32c_table[8][256];

__attribute__((constructor)) static void crc32c_fill_tables(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = (c >> 1) ^ (0x82F63B78u & (0u - (c & 1)));
        crc32c_table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int t = 1; t < 8; t++)
            crc32c_table[t][i] = (crc32c_table[t - 1][i] >> 8) ^ crc32c_table[0][crc32c_table[t - 1][i] & 255];
}

// Slicing-by-8: eight table look-ups for eight bytes; the fallback and the oracle of the hardware variant.
static uint32_t crc32c_plain(uint32_t c, const uint8_t *p, size_t n) {
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        w ^= c;
        c = crc32c_table[7][w & 255] ^ crc32c_table[6][(w >> 8) & 255] ^ crc32c_table[5][(w >> 16) & 255] ^
            crc32c_table[4][(w >> 24) & 255] ^ crc32c_table[3][(w >> 32) & 255] ^ crc32c_table[2][(w >> 40) & 255] ^
            crc32c_table[1][(w >> 48) & 255] ^ crc32c_table[0][w >> 56];
    }
    for (; n; p++, n--) c = (c >> 8) ^ crc32c_table[0][(c ^ *p) & 255];
    return c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t seed, const uint8_t *p, size_t n) {
    uint64_t c = seed;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        c = __builtin_ia32_crc32di(c, w);
    }
    for (; n; p++, n--) c = __builtin_ia32_crc32qi((uint32_t)c, *p);
    return (uint32_t)c;
}
#endif

uint32_t apus_crc32c(uint32_t seed, const void *bytes, size_t count) {
    uint32_t c = ~seed;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~crc32c_sse42(c, bytes, count);
#endif
    return ~crc32c_plain(c, bytes, count);
}
