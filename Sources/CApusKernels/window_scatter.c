#include "posting_block.h"
#include "windows.h"

#pragma STDC FP_CONTRACT OFF

// Every function here is part of one for each instruction set.
#define PART static inline __attribute__((always_inline))

// A block that reaches beyond a window, with its shares, for the windows to come.
PART void hold(const apus_list *list, size_t number, apus_window_cursor *cursor) {
    posting_block block;
    posting_block_open(list, number, &block);
    cursor->at = 0;
    cursor->size = block.size;
    if (list->lengths || !block.narrow) {
        for (uint32_t i = 0; i < block.size; i++) {
            uint32_t docid = docid_at(&block, i);
            cursor->docids[i] = docid;
            cursor->shares[i] = share_at(list, &block, i, docid);
        }
        return;
    }
    // Narrow blocks are full ones.
    uint32_t weight = list->weight;
    for (uint32_t i = 0; i < BLOCK; i++) cursor->docids[i] = block.base + block.offsets[i];
    for (uint32_t i = 0; i < BLOCK; i++) cursor->shares[i] = weight * block.impacts[i];
}

// A block whose documents are all in the window.
PART void add_whole(const apus_list *list, size_t block, uint32_t first, uint32_t *window) {
    posting_block decoded;
    posting_block_open(list, block, &decoded);
    uint32_t weight = list->weight;
    if (list->lengths) {
        for (uint32_t i = 0; i < decoded.size; i++) {
            uint32_t docid = docid_at(&decoded, i);
            window[docid - first] += text_share(list, decoded.values[i], docid);
        }
    } else if (decoded.narrow) {
        // A full block's loop has a constant end.
        uint32_t *from = window + (decoded.base - first);
#pragma clang loop unroll_count(8)
        for (uint32_t i = 0; i < BLOCK; i++) from[decoded.offsets[i]] += weight * decoded.impacts[i];
    } else {
        for (uint32_t i = 0; i < decoded.size; i++) window[decoded.docids[i] - first] += weight * decoded.impacts[i];
    }
}

// Two blocks ahead: where lists take turns, the memory's own guess comes late.
enum { AHEAD = 256 };

PART size_t scatter(const apus_list *lists, size_t count, apus_window_cursor *cursors, uint32_t first, uint32_t end,
                    uint32_t *window) {
    size_t blocks = 0;
    for (size_t t = 0; t < count; t++) {
        const apus_list *list = lists + t;
        apus_window_cursor *cursor = cursors + t;
        for (;;) {
            uint32_t at = cursor->at, size = cursor->size;
            if (at < size) {
                while (at < size && cursor->docids[at] < first) at++;
                const uint32_t *docids = cursor->docids, *shares = cursor->shares;
                for (; at < size && docids[at] < end; at++) window[docids[at] - first] += shares[at];
                cursor->at = at;
                if (at < size) break;
            }
            size_t block = cursor->block;
            if (block < list->blocks && list->lasts[block] < first) block = apus_list_seek(list, block, first);
            if (block == list->blocks || block_lowest(list, block) >= end) {
                cursor->block = block;
                break;
            }
            blocks++;
            cursor->block = block + 1;
            const uint8_t *start = list->postings + list->offsets[block];
            if (list->lasts[block] < end && block_lowest(list, block) >= first) {
                fetch_block(start + AHEAD);
                add_whole(list, block, first, window);
            } else {
                hold(list, block, cursor);
                if (block + 1 < list->blocks) fetch_block(list->postings + list->offsets[block + 1]);
            }
        }
    }
    return blocks;
}

#if defined(__x86_64__)
AVX2 static size_t scatter_avx2(const apus_list *lists, size_t count, apus_window_cursor *cursors, uint32_t first,
                                uint32_t end, uint32_t *window) {
    return scatter(lists, count, cursors, first, end, window);
}
#endif

size_t apus_window_scatter(const apus_list *lists, size_t count, apus_window_cursor *cursors, uint32_t first,
                           uint32_t end, uint32_t *window) {
#if defined(__x86_64__)
    if (count > 0 && lists[0].level >= APUS_LEVEL_AVX2) return scatter_avx2(lists, count, cursors, first, end, window);
#endif
    return scatter(lists, count, cursors, first, end, window);
}
