#include "page_checksums.h"
#include "crc32c.h"

ptrdiff_t apus_verify_pages(const uint8_t *bytes, size_t count, const uint32_t *sums, uint8_t *flags, size_t first,
                            size_t last) {
    for (size_t page = first; page < last; page++) {
        if (__atomic_load_n(&flags[page], __ATOMIC_RELAXED)) continue;
        size_t start = page * APUS_PAGE;
        size_t size = count - start < APUS_PAGE ? count - start : APUS_PAGE;
        if (apus_crc32c(0, bytes + start, size) != sums[page]) return (ptrdiff_t)page;
        __atomic_store_n(&flags[page], 1, __ATOMIC_RELAXED);
    }
    return -1;
}
