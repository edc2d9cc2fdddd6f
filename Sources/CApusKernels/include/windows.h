#pragma once
#include "postings.h"

// The window traversal's kernels. Sparse lists are added up in a window of documents; frequent lists have, beside their blocks, a bit
// for each document and the largest impact of each 16, by which they are bounded, and read only for documents that can still be
// a hit.

/// Documents of a group, and of a chunk of groups.
enum { APUS_GROUP = 16, APUS_CHUNK = 256 };

/// Groups that kernels go through at once; a segment's groups are padded to a multiple.
enum { APUS_GROUPS_AT_ONCE = 64 };

/// Groups that are scored in one call at most.
enum { APUS_GROUPS_SCORED = 256 };

/// A frequent list of impacts of 8 bits, with its query term's weight.
typedef struct {
    const uint8_t *maxima;   // [groups], padded
    const uint16_t *masks;   // [groups]: a bit for each document
    const uint32_t *places;  // [groups / 16, 2]: see apus_frequent_place
    const uint8_t *postings; // where the impacts are
    size_t bytes;            // of `postings`
    uint8_t *pages;          // as in apus_list
    size_t place;            // as in apus_list
    uint32_t weight;
    uint16_t scaled;         // ⌈256 × weight / 2^shift⌉
} apus_frequent;

/// What `places` says of a chunk of 256 documents: where its first impact lies in the postings; and the impacts up to the end of the
/// block, then the bytes between that block's impacts and the next one's, twice, as a chunk lies in at most three blocks: 8,
/// 12 and 12 bits.
static inline uint32_t apus_frequent_place(uint32_t count, uint32_t gap, uint32_t next_gap) {
    return count | gap << 8 | next_gap << 20;
}

/// Where the impact of a list's posting in document `docid` lies; `before`: the list's postings before it in its chunk.
static inline size_t apus_frequent_impact(const uint32_t *places, uint32_t docid, uint32_t before) {
    const uint32_t *chunk = places + (size_t)docid / APUS_CHUNK * 2;
    uint32_t here = chunk[1] & 0xFF, gap = chunk[1] >> 8 & 0xFFF, next_gap = chunk[1] >> 20;
    return (size_t)chunk[0] + before + (before >= here ? gap : 0) + (before >= here + 128 ? next_gap : 0);
}

/// Where a list's adding stands: the next block, and what is left of a block that reaches beyond the window.
typedef struct {
    size_t block;
    uint32_t at, size;
    uint32_t docids[128], shares[128];
} apus_window_cursor;

/// window[docid - first] += share, for the postings with `first` ≤ docid < `end`; each list's cursor moves on to `end`. Windows come
/// in ascending order; cursors of zeros begin at the first document, and documents that no window holds are passed over.
/// Returns the blocks decoded.
size_t apus_window_scatter(const apus_list *lists, size_t count, apus_window_cursor *cursors, uint32_t first,
                           uint32_t end, uint32_t *window);

/// Those of the groups `first..<first + groups`, multiples of APUS_GROUPS_AT_ONCE, whose bound is at least `least`, ascending, into `out`,
/// and their bounds: ⌊largest of the group's sums / 2^shift⌋ + Σ_t ⌊maxima_t × scaled_t / 256⌋. `window` has the sums from group
/// `first` on. No sum, shifted, may exceed 16 bits, nor any bound.
/// Returns how many there are.
size_t apus_window_groups(int32_t level, const apus_frequent *lists, size_t count, const uint32_t *window,
                          size_t first, size_t groups, uint32_t shift, uint32_t least, uint32_t *out,
                          uint16_t *bounds);

/// Adds the shares of the lists to the sums of those documents of the `chosen` groups, at most APUS_GROUPS_SCORED, which the
/// lists' masks leave a bound of at least `bound`, and of which `live` has the bit where it is not null. Those that then reach
/// `least` come into `out`, which has room for 16 of each group, in the order of the groups. `window` has the sums from document
/// `start` on.
/// Returns how many there are; `looked` is raised by the documents that were added up.
size_t apus_groups_score(int32_t level, const apus_frequent *lists, size_t count, const uint32_t *chosen,
                         size_t groups, const uint64_t *live, uint32_t shift, uint32_t bound, uint32_t least,
                         uint32_t start, uint32_t *window, uint32_t *out, size_t *looked);
