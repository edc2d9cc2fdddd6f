#pragma once
#include <stddef.h>

/// A file that is part of the binary.
typedef struct {
    const char *name; // path inside the model's folder
    const void *bytes; // on a 64-byte border
    size_t count;
} apus_model_file;

/// The default model's files; the array and all bytes live as long as the process.
const apus_model_file *apus_bundled_model(size_t *count);

/// Likewise, those of the small model.
const apus_model_file *apus_tiny_model(size_t *count);
