#pragma once
#include <stddef.h>

// Decompression by the system's libzstd, which is looked for when the first compressed file is read: nothing of it is needed to
// build or to start.

/// One stream of zstd data.
typedef struct apus_zstd apus_zstd;

/// Whether libzstd is there; it is looked for once.
int apus_zstd_is_there(void);

/// A decompressor; null where there is no libzstd or no memory.
apus_zstd *apus_zstd_new(void);

void apus_zstd_free(apus_zstd *stream);

/// Decompresses from `input` into `output`, and says how many bytes of each were used.
///
/// Returns 0 at the end of a frame with all of it put out, 1 where more is to come, -1 for damage, which `fault` then says.
int apus_zstd_step(
    apus_zstd *stream, const void *input, size_t input_count, size_t *taken, void *output, size_t output_count, size_t *made,
    const char **fault);
