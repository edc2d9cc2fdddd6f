#include "page_checksums.h"
#include "crc32c.h"

ptrdiff_t apus_verify_pages(const uint8_t *bytes, size_t count, const uint32_t *sums, uint8_t *states, size_t first,
                            size_t last, int read_only) {
    const uint64_t ones = 0x0101010101010101u;
    for (size_t page = first; page < last; page++) {
        // Long lists lie on hundreds of pages, nearly all of them known: eight states at once.
        if (page % 8 == 0 && page + 8 <= last) {
            uint64_t eight = __atomic_load_n((const uint64_t *)(states + page), __ATOMIC_RELAXED);
            uint64_t open = ~eight & ones;
            if (read_only) open &= eight >> 1;
            if (!open) {
                page += 7;
                continue;
            }
        }
        uint8_t state = __atomic_load_n(&states[page], __ATOMIC_RELAXED);
        if (state & APUS_PAGE_VERIFIED || (read_only && !(state & APUS_PAGE_READ))) continue;
        size_t start = page * APUS_PAGE;
        size_t size = count - start < APUS_PAGE ? count - start : APUS_PAGE;
        if (apus_crc32c(0, bytes + start, size) != sums[page]) return (ptrdiff_t)page;
        __atomic_store_n(&states[page], APUS_PAGE_VERIFIED | APUS_PAGE_READ, __ATOMIC_RELAXED);
    }
    return -1;
}
