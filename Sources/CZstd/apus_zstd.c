// libzstd's stable interface (zstd.h since 1.4), loaded at run time. Its header need not be installed: these are the declarations
// that its manual gives.
#include "apus_zstd.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct {
    const void *bytes;
    size_t size, position;
} input_buffer;

typedef struct {
    void *bytes;
    size_t size, position;
} output_buffer;

struct apus_zstd {
    void *context;
};

static struct {
    void *(*create)(void);
    size_t (*free)(void *);
    size_t (*step)(void *, output_buffer *, input_buffer *);
    unsigned (*is_error)(size_t);
    const char *(*error_name)(size_t);
    size_t (*set_parameter)(void *, int, int);
    int is_there;
} library;

// ZSTD_d_windowLogMax. What `zstd --long=31` wrote is read, too.
enum { window_log_maximum = 100, longest_window = 31 };

static void load(void) {
    static const char *const names[] = {"libzstd.so.1", "libzstd.so", "libzstd.1.dylib"};
    void *handle = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !handle; i++) handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!handle) return;
    *(void **)&library.create = dlsym(handle, "ZSTD_createDCtx");
    *(void **)&library.free = dlsym(handle, "ZSTD_freeDCtx");
    *(void **)&library.step = dlsym(handle, "ZSTD_decompressStream");
    *(void **)&library.is_error = dlsym(handle, "ZSTD_isError");
    *(void **)&library.error_name = dlsym(handle, "ZSTD_getErrorName");
    *(void **)&library.set_parameter = dlsym(handle, "ZSTD_DCtx_setParameter");
    library.is_there = library.create && library.free && library.step && library.is_error && library.error_name &&
                       library.set_parameter;
}

int apus_zstd_is_there(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return library.is_there;
}

apus_zstd *apus_zstd_new(void) {
    if (!apus_zstd_is_there()) return NULL;
    apus_zstd *stream = malloc(sizeof *stream);
    if (!stream) return NULL;
    stream->context = library.create();
    if (!stream->context) {
        free(stream);
        return NULL;
    }
    library.set_parameter(stream->context, window_log_maximum, longest_window);
    return stream;
}

void apus_zstd_free(apus_zstd *stream) {
    if (!stream) return;
    library.free(stream->context);
    free(stream);
}

int apus_zstd_step(
    apus_zstd *stream, const void *input, size_t input_count, size_t *taken, void *output, size_t output_count, size_t *made,
    const char **fault) {
    input_buffer in = {input, input_count, 0};
    output_buffer out = {output, output_count, 0};
    size_t code = library.step(stream->context, &out, &in);
    *taken = in.position;
    *made = out.position;
    if (library.is_error(code)) {
        *fault = library.error_name(code);
        return -1;
    }
    return code != 0;
}
