#pragma once
#include "level.h"
#include <stddef.h>
#include <stdint.h>

// Kernels give the same integers at every level; those without a list are told theirs first.

/// Bytes that must be readable behind the last posting block: whole registers are loaded.
enum { APUS_POSTING_PADDING = 32 };

/// No block is longer: two bytes of header, 128 gaps and 128 values of 32 bits.
enum { APUS_LONGEST_BLOCK = 2 + 128 * 8 };

/// Documents of a range, the unit of the range traversal's bounds.
enum { APUS_RANGE = 32 };

/// Frequencies 1…8 have their BM25 shares in a table.
enum { APUS_TABLE_FREQUENCIES = 8 };

/// Unpacks `count` unsigned integers of `bits` bits each (0…32), packed from the low end of each byte.
/// Reads up to APUS_POSTING_PADDING bytes beyond the packed data.
void apus_unpack(int32_t level, const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t *out);

/// Unpacks docid gaps (gap − 1 each) and sums them up from `previous`, the last docid before them (UINT32_MAX: none).
/// They end at `last`; if they do not, the data is damaged and every docid becomes `last`.
void apus_unpack_docids(int32_t level, const uint8_t *packed, uint32_t bits, uint32_t count, uint32_t previous,
                        uint32_t last, uint32_t *out);

/// BM25's share of one posting in integer units: round(scale × (weight − weight / (1 + tf × inverse))).
/// The same bits on every CPU: no fused multiply-add.
uint32_t apus_bm25(uint32_t tf, float inverse, float weight, double scale);

/// The shares of frequencies 1…8 for each of the 256 length bytes, [8, 256].
void apus_bm25_table(const float *inverses, float weight, double scale, uint32_t *shares);

/// One posting list of one segment with its query term's weight. Blocks hold 128 postings, the last one the rest.
typedef struct {
    const uint8_t *postings;
    const uint32_t *offsets;  // [blocks]: first byte of each block: gap bits, value bits, gaps, values
    const uint32_t *lasts;    // [blocks]: last docid of each block
    size_t blocks;
    size_t count;             // postings
    int32_t level;            // instruction set, see level.h
    uint8_t *pages;           // states of the file's pages, see page_checksums.h: what is read is noted; null notes nothing
    size_t place;             // of `postings` in the file
    uint32_t weight;          // learned: a share is weight × impact
    const uint8_t *maxima;    // learned: [ranges]: the largest impact in each; null where none are stored
    const uint8_t *lengths;   // text: [documents]; null for learned
    const float *inverses;    // text: [256]
    const uint32_t *table;    // text: apus_bm25_table, or null
    float bm25_weight;        // text
    double scale;             // text
} apus_list;

/// The first block at or after `block` whose last docid is at least `docid`, or the number of blocks. O(log of the distance).
size_t apus_list_seek(const apus_list *list, size_t block, uint32_t docid);

/// sums[docid] += share, for the postings of the `count` ranges, ascending; what it adds elsewhere means nothing. Blocks
/// without a document of these ranges are skipped. `chosen` has a bit for each range of the segment, set for these alone.
/// `cursor` is the block to begin with and is moved on for a later call with later ranges.
/// Returns the blocks read.
size_t apus_list_scatter_ranges(const apus_list *list, size_t *cursor, const uint32_t *ranges, size_t count,
                                const uint64_t *chosen, uint32_t *sums);

/// bounds[range] += the largest share in the range × factor / 2^32, rounded down, for each of the ranges `first..<end`.
/// Returns the blocks decoded.
size_t apus_list_bounds(const apus_list *list, uint64_t factor, size_t first, size_t end, uint16_t *bounds);

/// bounds[range] = Σ_t weights[t] × maxima[t][range] / 256, each term rounded down, for the ranges `first..<end`, both
/// multiples of 64.
void apus_dense_bounds(int32_t level, const uint8_t *const *maxima, const uint16_t *weights, size_t terms, size_t first,
                       size_t end, uint16_t *bounds);

/// Those of the ranges `first..<end` whose bound is at least `least` and below `limit`, ascending, into `out`.
/// Returns how many there are.
size_t apus_ranges_between(const uint16_t *bounds, size_t first, size_t end, uint32_t least, uint32_t limit,
                           uint32_t *out);

/// The indices `start..<end` whose values are at least `least`, ascending, into `out`, which has room for all of them.
/// Returns how many there are.
size_t apus_collect_at_least(int32_t level, const uint32_t *values, size_t start, size_t end, uint32_t least,
                             uint32_t *out);

/// Sorts by the upper halves of the keys, largest first; equal ones keep their order. `room` is as long as `keys`.
void apus_sort_descending(uint64_t *keys, size_t count, uint64_t *room);

/// Asks the memory for what lies at an address, which will be read soon; any address may be given.
static inline void apus_fetch(const void *address) { __builtin_prefetch(address); }
