// Operations on descriptors: reading, writing, syncing, locking, mapping.
#define _GNU_SOURCE
#include "attack.h"
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// MARK: read

static size_t halved(struct attack_step *step, size_t count) { return step->shortens && count > 1 ? count / 2 : count; }

#define READ(call)                                                                                                                       \
    const char *path = attack_path_of(descriptor);                                                                                              \
    struct attack_step step = {0, false, false};                                                                                                \
    if (path && !attack_begin(&step, 'r', "read", descriptor, path, NULL)) return -1;                                                           \
    ssize_t result = call;                                                                                                               \
    if (path) attack_end(&step, "read", descriptor, result, 0, 0, path, NULL, NULL, 0);                                                         \
    return result;

ssize_t read(int descriptor, void *bytes, size_t count) { READ(syscall(SYS_read, descriptor, bytes, halved(&step, count))) }
ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    READ(syscall(SYS_pread64, descriptor, bytes, halved(&step, count), offset))
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) { return pread(descriptor, bytes, count, offset); }
ssize_t readv(int descriptor, const struct iovec *parts, int count) { READ(syscall(SYS_readv, descriptor, parts, count)) }
ssize_t __read_chk(int descriptor, void *bytes, size_t count, size_t size) {
    (void)size;
    return read(descriptor, bytes, count);
}
ssize_t __pread_chk(int descriptor, void *bytes, size_t count, off_t offset, size_t size) {
    (void)size;
    return pread(descriptor, bytes, count, offset);
}
ssize_t __pread64_chk(int descriptor, void *bytes, size_t count, off_t offset, size_t size) {
    (void)size;
    return pread(descriptor, bytes, count, offset);
}

// MARK: write

static ssize_t attacked_write(int descriptor, const void *bytes, size_t count, bool positioned, off_t offset) {
    const char *path = attack_path_of(descriptor);
    struct attack_step step = {0, false, false};
    if (path && !attack_begin(&step, 'w', "write", descriptor, path, NULL)) return -1;
    if (step.logs && !positioned) {
        offset = syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
        if (syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND) offset = syscall(SYS_lseek, descriptor, 0, SEEK_END);
    }
    size_t size = halved(&step, count);
    ssize_t result =
        positioned ? syscall(SYS_pwrite64, descriptor, bytes, size, offset) : syscall(SYS_write, descriptor, bytes, size);
    if (path) attack_end(&step, "write", descriptor, result, 0, offset, path, NULL, result > 0 ? bytes : NULL, result > 0 ? (size_t)result : 0);
    return result;
}

ssize_t write(int descriptor, const void *bytes, size_t count) { return attacked_write(descriptor, bytes, count, false, 0); }
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return attacked_write(descriptor, bytes, count, true, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return attacked_write(descriptor, bytes, count, true, offset);
}
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    if (!attack_path_of(descriptor)) return syscall(SYS_writev, descriptor, parts, count);
    ssize_t total = 0;
    for (int i = 0; i < count; i++) {
        ssize_t result = attacked_write(descriptor, parts[i].iov_base, parts[i].iov_len, false, 0);
        if (result < 0) return total > 0 ? total : -1;
        total += result;
        if ((size_t)result < parts[i].iov_len) break;
    }
    return total;
}

// MARK: what works on descriptors

#define ON_DESCRIPTOR(letter, operation, number, call)                                                                                   \
    const char *path = attack_path_of(descriptor);                                                                                              \
    struct attack_step step = {0, false, false};                                                                                                \
    if (path && !attack_begin(&step, letter, operation, descriptor, path, NULL)) return -1;                                                     \
    int result = (int)(call);                                                                                                            \
    if (path) attack_end(&step, operation, descriptor, result, 0, number, path, NULL, NULL, 0);                                                 \
    return result;

int fsync(int descriptor) { ON_DESCRIPTOR('y', "sync", 0, syscall(SYS_fsync, descriptor)) }
int fdatasync(int descriptor) { ON_DESCRIPTOR('y', "sync", 0, syscall(SYS_fdatasync, descriptor)) }
int ftruncate(int descriptor, off_t length) { ON_DESCRIPTOR('t', "truncate", length, syscall(SYS_ftruncate, descriptor, length)) }
int ftruncate64(int descriptor, off64_t length) { return ftruncate(descriptor, length); }
int fstat(int descriptor, struct stat *status) { ON_DESCRIPTOR('s', "stat", 0, syscall(SYS_fstat, descriptor, status)) }
int fstat64(int descriptor, struct stat64 *status) { return fstat(descriptor, (struct stat *)status); }
int fchmod(int descriptor, mode_t permissions) { ON_DESCRIPTOR('s', "chmod", 0, syscall(SYS_fchmod, descriptor, permissions)) }

// No lock of the log is held here: a lock may wait.
int flock(int descriptor, int operation) {
    const char *path = attack_path_of(descriptor);
    struct attack_step step = {0, false, false};
    if (path && !attack_begin(&step, 'l', "lock", descriptor, path, NULL)) return -1;
    if (step.logs) attack_end(&step, "lock", descriptor, 0, 0, operation, path, NULL, NULL, 0);
    return (int)syscall(SYS_flock, descriptor, operation);
}

static int attacked_fcntl(int descriptor, int command, long argument) {
    const char *path = attack_path_of(descriptor);
    struct attack_step step = {0, false, false};
    bool locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    if (path && locks && !attack_begin(&step, 'l', "lock", descriptor, path, NULL)) return -1;
    if (step.logs) attack_end(&step, "lock", descriptor, 0, 0, command, path, NULL, NULL, 0);
    int result = (int)syscall(SYS_fcntl, descriptor, command, argument);
    if (path && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) attack_remember(result, path);
    return result;
}
#define FCNTL(name)                                                                                                                      \
    int name(int descriptor, int command, ...) {                                                                                         \
        va_list list;                                                                                                                    \
        va_start(list, command);                                                                                                         \
        long argument = va_arg(list, long);                                                                                              \
        va_end(list);                                                                                                                    \
        return attacked_fcntl(descriptor, command, argument);                                                                            \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    const char *path = flags & MAP_ANONYMOUS ? NULL : attack_path_of(descriptor);
    struct attack_step step = {0, false, false};
    if (path && !attack_begin(&step, 'm', "mmap", descriptor, path, NULL)) return MAP_FAILED;
    void *result = (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
    if (path) attack_end(&step, "mmap", descriptor, result == MAP_FAILED ? -1 : 0, 0, offset, path, NULL, NULL, 0);
    return result;
}
void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off64_t offset) {
    return mmap(address, length, protection, flags, descriptor, offset);
}
