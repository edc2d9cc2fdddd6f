#pragma once
#include <stddef.h>

/// A file of the starter collection, part of the binary.
typedef struct {
    const char *name; // path inside the collection's folder
    const void *bytes;
    size_t count;
} apus_starter_file;

/// The collection's files; the array and all bytes live as long as the process.
const apus_starter_file *apus_starter_files(size_t *count);
