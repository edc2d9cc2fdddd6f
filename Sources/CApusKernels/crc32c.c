#include "crc32c.h"
#include "level.h"
#include <string.h>

static uint32_t crc32c_table[8][256];

// What a checksum becomes after as many zero bytes as a stream of the hardware variant has, byte by byte of the checksum.
enum { CRC32C_LONG = 4096, CRC32C_SHORT = 256 };
static uint32_t crc32c_long[4][256], crc32c_short[4][256];

// a · b modulo the polynomial; the highest bit is x^0.
static uint32_t crc32c_multiply(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (int bit = 31; bit >= 0; bit--) {
        if (a >> bit & 1) product ^= b;
        b = b & 1 ? (b >> 1) ^ 0x82F63B78u : b >> 1;
    }
    return product;
}

// x to the power of eight times `count` modulo the polynomial.
static uint32_t crc32c_power(uint64_t count) {
    uint32_t power = 0x80000000u, square = 0x00800000u;
    for (; count; count >>= 1, square = crc32c_multiply(square, square))
        if (count & 1) power = crc32c_multiply(power, square);
    return power;
}

static void crc32c_fill_shift(uint32_t table[4][256], uint64_t count) {
    uint32_t power = crc32c_power(count);
    for (int k = 0; k < 4; k++)
        for (uint32_t i = 1; i < 256; i++) {
            uint32_t low = i & (0u - i);
            table[k][i] = i == low ? crc32c_multiply(power, i << (8 * k)) : table[k][i ^ low] ^ table[k][low];
        }
}

uint32_t apus_crc32c_combine(uint32_t first, uint32_t second, uint64_t second_count) {
    return crc32c_multiply(crc32c_power(second_count), first) ^ second;
}

__attribute__((constructor)) static void crc32c_fill_tables(void) {
    crc32c_fill_shift(crc32c_long, CRC32C_LONG);
    crc32c_fill_shift(crc32c_short, CRC32C_SHORT);
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
#define CRC32C_TARGET __attribute__((target("sse4.2")))
#define CRC32C_EIGHT(c, w) __builtin_ia32_crc32di(c, w)
#define CRC32C_ONE(c, b) __builtin_ia32_crc32qi((uint32_t)(c), b)

static int crc32c_has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#if defined(__clang__)
#define CRC32C_TARGET __attribute__((target("crc")))
#define CRC32C_EIGHT(c, w) __builtin_arm_crc32cd((uint32_t)(c), w)
#define CRC32C_ONE(c, b) __builtin_arm_crc32cb((uint32_t)(c), b)
#else
#define CRC32C_TARGET __attribute__((target("+crc")))
#define CRC32C_EIGHT(c, w) __builtin_aarch64_crc32cx((uint32_t)(c), w)
#define CRC32C_ONE(c, b) __builtin_aarch64_crc32cb((uint32_t)(c), b)
#endif

// The auxiliary vector is in memory: asking it costs a few loads.
static int crc32c_has_instruction(void) { return (getauxval(AT_HWCAP) & 1 << 7) != 0; } // HWCAP_CRC32
#endif

#if defined(CRC32C_TARGET)
static uint32_t crc32c_shift(uint32_t table[4][256], uint32_t c) {
    return table[0][c & 255] ^ table[1][c >> 8 & 255] ^ table[2][c >> 16 & 255] ^ table[3][c >> 24];
}

// The instruction takes three cycles but starts one each cycle, so three streams side by side are three times as fast.
CRC32C_TARGET static uint32_t crc32c_streams(uint32_t seed, const uint8_t *p, size_t length, uint32_t table[4][256]) {
    uint64_t a = seed, b = 0, c = 0;
    for (size_t i = 0; i < length; i += 8) {
        uint64_t x, y, z;
        memcpy(&x, p + i, 8);
        memcpy(&y, p + length + i, 8);
        memcpy(&z, p + 2 * length + i, 8);
        a = CRC32C_EIGHT(a, x);
        b = CRC32C_EIGHT(b, y);
        c = CRC32C_EIGHT(c, z);
    }
    return crc32c_shift(table, crc32c_shift(table, (uint32_t)a) ^ (uint32_t)b) ^ (uint32_t)c;
}

CRC32C_TARGET static uint32_t crc32c_hardware(uint32_t seed, const uint8_t *p, size_t n) {
    for (; n >= 3 * CRC32C_LONG; p += 3 * CRC32C_LONG, n -= 3 * CRC32C_LONG)
        seed = crc32c_streams(seed, p, CRC32C_LONG, crc32c_long);
    for (; n >= 3 * CRC32C_SHORT; p += 3 * CRC32C_SHORT, n -= 3 * CRC32C_SHORT)
        seed = crc32c_streams(seed, p, CRC32C_SHORT, crc32c_short);
    uint64_t c = seed;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        c = CRC32C_EIGHT(c, w);
    }
    for (; n; p++, n--) c = CRC32C_ONE(c, *p);
    return (uint32_t)c;
}
#endif

uint32_t apus_crc32c_at(int32_t level, uint32_t seed, const void *bytes, size_t count) {
#if defined(CRC32C_TARGET)
    if (level != APUS_LEVEL_PLAIN && crc32c_has_instruction()) return ~crc32c_hardware(~seed, bytes, count);
#else
    (void)level;
#endif
    return ~crc32c_plain(~seed, bytes, count);
}

uint32_t apus_crc32c(uint32_t seed, const void *bytes, size_t count) {
    // A CPU without a level of its own may still have the instruction; where plain was asked for, it is not used.
    int32_t level = apus_level();
    if (level == APUS_LEVEL_PLAIN && apus_level_of_cpu() == APUS_LEVEL_PLAIN) level = APUS_LEVELS;
    return apus_crc32c_at(level, seed, bytes, count);
}
