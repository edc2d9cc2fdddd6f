#pragma once
#include <stddef.h>
#include <stdint.h>

/// Bytes that one checksum of a page covers.
enum { APUS_PAGE = 4096 };

/// States of a page: bits.
enum { APUS_PAGE_VERIFIED = 1, APUS_PAGE_READ = 2 };

/// Compares pages `first` … `last` − 1 of `bytes` with their CRC-32C; a page that was compared before is passed over. With
/// `read_only` also one that nobody has read. Several threads may call it at once: at worst a page is compared twice.
/// `states` is aligned to eight bytes.
///
/// Returns the first page that differs, or −1.
ptrdiff_t apus_verify_pages(const uint8_t *bytes, size_t count, const uint32_t *sums, uint8_t *states, size_t first,
                            size_t last, int read_only);
