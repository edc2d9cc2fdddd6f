#pragma once
#include <stddef.h>
#include <stdint.h>

/// Unpacks `count` unsigned integers of `bits` bits each (0…32), packed from the low end of each byte.
/// Reads up to 8 bytes beyond the packed data.
void apus_unpack(const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t *out);

/// Unpacks docid gaps (gap − 1 each) and sums them up from `previous`, the last docid before them (UINT32_MAX: none).
/// They end at `last`; if they do not, the data is damaged and every docid becomes `last`.
void apus_unpack_docids(const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t previous, uint32_t last,
                        uint32_t *out);

/// BM25's share of one posting in integer units: round(scale × (weight − weight / (1 + tf × inverse))).
/// The same bits on every CPU: no fused multiply-add.
uint32_t apus_bm25(uint32_t tf, float inverse, float weight, double scale);

/// accumulators[docids[i]] += weight × values[i]
void apus_scatter_impacts(const uint32_t *docids, const uint32_t *values, uint32_t count, uint32_t weight,
                          uint32_t *accumulators);

/// accumulators[docids[i]] += apus_bm25(values[i], inverses[lengths[docids[i]]], weight, scale)
void apus_scatter_bm25(const uint32_t *docids, const uint32_t *values, uint32_t count, const uint8_t *lengths,
                       const float *inverses, float weight, double scale, uint32_t *accumulators);

/// The first index at or after `start` whose value is at least `threshold`, or `count`.
size_t apus_find_at_least(const uint32_t *values, size_t start, size_t count, uint32_t threshold);
