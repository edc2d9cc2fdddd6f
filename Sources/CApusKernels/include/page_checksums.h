#pragma once
#include <stddef.h>
#include <stdint.h>

/// Bytes that one checksum of a page covers.
enum { APUS_PAGE = 4096 };

/// Compares pages `first` … `last` − 1 of `bytes` with their CRC-32C; a page whose flag is set was compared before and is passed
/// over. Several threads may call it at once: a flag only ever goes from 0 to 1.
///
/// Returns the first page that differs, or −1.
ptrdiff_t apus_verify_pages(const uint8_t *bytes, size_t count, const uint32_t *sums, uint8_t *flags, size_t first,
                            size_t last);
