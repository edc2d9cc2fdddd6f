// Opening, making and closing files.
#define _GNU_SOURCE
#include "attack.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int attacked_open(int directory, const char *path, int flags, mode_t permissions) {
    char buffer[PATH_MAX];
    const char *full = attack_under_root(directory, path, buffer);
    if (!full) {
        int descriptor = (int)syscall(SYS_openat, directory, path, flags, permissions);
        if (attack_active) attack_remember(descriptor, NULL);
        return descriptor;
    }
    struct attack_step step;
    if (!attack_begin(&step, 'o', flags & O_CREAT ? "create" : "open", -1, full, NULL)) return -1;
    bool existed = !step.logs || syscall(SYS_faccessat, AT_FDCWD, full, F_OK) == 0;
    int descriptor = (int)syscall(SYS_openat, directory, path, flags, permissions);
    if (descriptor >= 0) attack_remember(descriptor, full);
    // 1: made anew, 2: emptied.
    attack_end(&step, flags & O_CREAT ? "create" : "open", descriptor, descriptor, !existed ? 1 : flags & O_TRUNC ? 2 : 0, 0, full, NULL, NULL, 0);
    return descriptor;
}

#define OPEN(name, directory_parameter, directory)                                                                                       \
    int name(directory_parameter const char *path, int flags, ...) {                                                                     \
        mode_t permissions = 0;                                                                                                          \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                                             \
            va_list list;                                                                                                                \
            va_start(list, flags);                                                                                                       \
            permissions = va_arg(list, mode_t);                                                                                          \
            va_end(list);                                                                                                                \
        }                                                                                                                                \
        return attacked_open(directory, path, flags, permissions);                                                                       \
    }
#define FOLDER int folder,
OPEN(open, , AT_FDCWD)
OPEN(open64, , AT_FDCWD)
OPEN(openat, FOLDER, folder)
OPEN(openat64, FOLDER, folder)
int __open_2(const char *path, int flags) { return attacked_open(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return attacked_open(AT_FDCWD, path, flags, 0); }
int __openat_2(int folder, const char *path, int flags) { return attacked_open(folder, path, flags, 0); }
int __openat64_2(int folder, const char *path, int flags) { return attacked_open(folder, path, flags, 0); }
int creat(const char *path, mode_t permissions) { return attacked_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, permissions); }
int creat64(const char *path, mode_t permissions) { return creat(path, permissions); }

// The C library's own does not open through the table of symbols.
int mkostemps(char *pattern, int suffix, int flags) {
    static _Atomic unsigned long made = 0;
    size_t length = strlen(pattern);
    if (length < 6 + (size_t)suffix) {
        errno = EINVAL;
        return -1;
    }
    char *place = pattern + length - 6 - suffix;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (int attempt = 0; attempt < 1000; attempt++) {
        uint64_t mixed = ((uint64_t)now.tv_nsec * 2654435761u) ^ ((uint64_t)getpid() << 20) ^ (atomic_fetch_add(&made, 1) * 40503u);
        for (int i = 0; i < 6; i++, mixed /= 36) place[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[mixed % 36];
        int descriptor = attacked_open(AT_FDCWD, pattern, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
        if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
    return -1;
}
int mkstemp(char *pattern) { return mkostemps(pattern, 0, 0); }
int mkstemp64(char *pattern) { return mkostemps(pattern, 0, 0); }
int mkostemp(char *pattern, int flags) { return mkostemps(pattern, 0, flags); }
int mkstemps(char *pattern, int suffix) { return mkostemps(pattern, suffix, 0); }

FILE *fopen(const char *path, const char *how) {
    char buffer[PATH_MAX];
    const char *full = attack_under_root(AT_FDCWD, path, buffer);
    if (!full) return REAL(fopen)(path, how);
    int flags = strchr(how, '+') ? O_RDWR : how[0] == 'r' ? O_RDONLY : O_WRONLY;
    if (how[0] == 'w') flags |= O_CREAT | O_TRUNC;
    if (how[0] == 'a') flags |= O_CREAT | O_APPEND;
    int descriptor = attacked_open(AT_FDCWD, path, flags, 0666);
    return descriptor < 0 ? NULL : fdopen(descriptor, how);
}
FILE *fopen64(const char *path, const char *how) { return fopen(path, how); }

int close(int descriptor) {
    if (attack_is_log(descriptor)) return 0;
    if (attack_active) attack_remember(descriptor, NULL);
    return (int)syscall(SYS_close, descriptor);
}
