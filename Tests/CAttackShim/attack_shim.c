// A library for LD_PRELOAD that counts, logs, fails, shortens or kills at the n-th file operation under some folders.
//
//   APUS_ATTACK_ROOT   absolute path prefixes, joined by ':'; only operations on paths (and descriptors of paths) under them count
//   APUS_ATTACK_MODE   count | log | fail | failforever | kill | short | shortforever | eintr | eintrforever
//   APUS_ATTACK_AT     the operation's number, from 1
//   APUS_ATTACK_ERRNO  the name or number of the error of fail and failforever
//   APUS_ATTACK_OPS    letters of the operations that count (all without it):
//                      o open  r read  w write  y sync  n rename, link  u unlink, rmdir  t truncate  d mkdir  m mmap
//                      l lock  i opendir, readdir  s stat, access
//   APUS_ATTACK_LOG    a file outside the roots, appended to: every operation (count), with its data (log), or the one attacked
//   APUS_ATTACK_UID    become this user and group first: a reader without write permission
//
// An entry of the log is one line of fields joined by tabs, and in log mode a write's bytes and a line end after it:
//
//   number  operation  descriptor  result  created  offset  length  path  second-path
//
// Operations are system calls made here, so that nothing of the C library has to be found first; only streams and folders
// need the library's own functions. In log mode one lock makes the log's order the order in which things happened.
#define _GNU_SOURCE
#include "attack_shim.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum mode { COUNT, LOG, FAIL, FAIL_FOREVER, KILL, SHORT, SHORT_FOREVER, EINTR_ONCE, EINTR_FOREVER };
enum { DESCRIPTORS = 1 << 16 };

static enum mode mode = COUNT;
static long target = 0;
static int failure = EIO;
static char roots[8][PATH_MAX];
static int root_count = 0;
static bool counted[256];
static int log_descriptor = -1;
static bool active = false;
static _Atomic long counter = 0;
static _Atomic(char *) paths[DESCRIPTORS];
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static __thread bool interrupted = false;

// The C library's own function, found when first needed: other libraries' constructors may run before this one's.
#define REAL(name) (*(typeof(&name))dlsym(RTLD_NEXT, #name))
// MARK: settings

static int errno_named(const char *name) {
    static const struct { const char *name; int code; } known[] = {
        {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EMFILE", EMFILE}, {"ENFILE", ENFILE}, {"EACCES", EACCES},
        {"ENOMEM", ENOMEM}, {"EINTR", EINTR}, {"EROFS", EROFS}, {"EDQUOT", EDQUOT}, {"ENOENT", ENOENT}, {"EPERM", EPERM},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0) return known[i].code;
    return atoi(name);
}

__attribute__((constructor)) static void attack_start(void) {
    static const char *const modes[] = {"count", "log", "fail", "failforever", "kill", "short", "shortforever", "eintr",
                                        "eintrforever"};
    const char *value = getenv("APUS_ATTACK_MODE");
    for (int i = 0; value && i < 9; i++)
        if (strcmp(value, modes[i]) == 0) mode = (enum mode)i;
    if ((value = getenv("APUS_ATTACK_AT"))) target = atol(value);
    if ((value = getenv("APUS_ATTACK_ERRNO"))) failure = errno_named(value);
    const char *letters = getenv("APUS_ATTACK_OPS");
    for (const char *letter = letters && *letters ? letters : "orwynutdmlis"; *letter; letter++)
        counted[(unsigned char)*letter] = true;
    if ((value = getenv("APUS_ATTACK_LOG"))) {
        int opened = (int)syscall(SYS_openat, AT_FDCWD, value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        log_descriptor = fcntl(opened, F_DUPFD_CLOEXEC, 1000);
        if (log_descriptor < 0) log_descriptor = opened;
        else syscall(SYS_close, opened);
    }
    const char *root = getenv("APUS_ATTACK_ROOT");
    while (root && *root && root_count < 8) {
        size_t length = strcspn(root, ":");
        if (length > 0 && length < PATH_MAX) {
            memcpy(roots[root_count], root, length);
            roots[root_count++][length] = 0;
        }
        root += length + (root[length] == ':');
    }
    if ((value = getenv("APUS_ATTACK_UID"))) {
        uid_t user = (uid_t)atol(value);
        if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0) _exit(99);
    }
    active = root_count > 0;
}

// MARK: paths

// The absolute path, written into `result`, or null when it is under none of the roots.
static const char *under_root(int directory, const char *path, char *result) {
    if (!active || !path) return NULL;
    if (path[0] == '/') {
        snprintf(result, PATH_MAX, "%s", path);
    } else {
        char base[PATH_MAX] = "";
        char *known = directory >= 0 && directory < DESCRIPTORS ? atomic_load(&paths[directory]) : NULL;
        if (directory == AT_FDCWD) {
            if (syscall(SYS_getcwd, base, sizeof base) < 0) return NULL;
        } else if (known) {
            snprintf(base, sizeof base, "%s", known);
        } else {
            return NULL;
        }
        while (path[0] == '.' && path[1] == '/') path += 2;
        if (snprintf(result, PATH_MAX, "%s/%s", base, strcmp(path, ".") == 0 ? "" : path) >= PATH_MAX) return NULL;
    }
    for (size_t length = strlen(result); length > 1 && result[length - 1] == '/'; length--) result[length - 1] = 0;
    for (int i = 0; i < root_count; i++) {
        size_t length = strlen(roots[i]);
        if (strncmp(result, roots[i], length) == 0 && (result[length] == 0 || result[length] == '/')) return result;
    }
    return NULL;
}

static const char *path_of(int descriptor) {
    return active && descriptor >= 0 && descriptor < DESCRIPTORS ? atomic_load(&paths[descriptor]) : NULL;
}

// Forgotten paths are not freed: another thread may read them, and attacked processes are short.
static void remember(int descriptor, const char *path) {
    if (descriptor >= 0 && descriptor < DESCRIPTORS) atomic_store(&paths[descriptor], path ? strdup(path) : NULL);
}

// MARK: the attack

struct step {
    long number;
    bool logs;
    bool shortens;
};

static void write_log(const struct iovec *parts, int count) {
    ssize_t ignored = syscall(SYS_writev, log_descriptor, parts, count);
    (void)ignored;
}

static void entry(
    long number, const char *operation, int descriptor, long result, int created, long offset, const char *path, const char *second,
    const void *data, size_t length) {
    if (log_descriptor < 0) return;
    char line[2 * PATH_MAX + 256];
    int size = snprintf(
        line, sizeof line, "%ld\t%s\t%d\t%ld\t%d\t%ld\t%zu\t%s\t%s\n", number, operation, descriptor, result, created, offset, length,
        path, second ? second : "");
    struct iovec parts[3] = {{line, (size_t)size}, {(void *)data, length}, {"\n", 1}};
    write_log(parts, data ? 3 : 1);
}

// Called before every operation on a path under a root. False: errno is set and the operation must fail.
static bool begin(struct step *step, char letter, const char *operation, int descriptor, const char *path, const char *second) {
    *step = (struct step){0, false, false};
    if (!counted[(unsigned char)letter]) {
        if (mode == LOG) {
            pthread_mutex_lock(&order);
            step->logs = true;
        }
        return true;
    }
    step->number = atomic_fetch_add(&counter, 1) + 1;
    bool reached = step->number == target, passed = step->number >= target;
    bool retryable = strchr("orwyl", letter) != NULL;
    switch (mode) {
    case COUNT: entry(step->number, operation, descriptor, 0, 0, 0, path, second, NULL, 0); return true;
    case LOG:
        pthread_mutex_lock(&order);
        step->logs = true;
        return true;
    case KILL:
        if (!reached) return true;
        entry(step->number, operation, descriptor, -1, 0, 0, path, second, NULL, 0);
        syscall(SYS_kill, getpid(), SIGKILL);
        for (;;) pause();
    case FAIL:
    case FAIL_FOREVER:
        if (mode == FAIL ? !reached : !passed) return true;
        if (reached) entry(step->number, operation, descriptor, -1, 0, 0, path, second, NULL, 0);
        errno = failure;
        return false;
    case EINTR_ONCE:
    case EINTR_FOREVER:
        // For ever means every other time: who asks again gets on.
        if (!retryable || (mode == EINTR_ONCE ? !reached : !passed)) return true;
        interrupted = !interrupted;
        if (!interrupted) return true;
        if (reached) entry(step->number, operation, descriptor, -1, 0, 0, path, second, NULL, 0);
        errno = EINTR;
        return false;
    case SHORT:
    case SHORT_FOREVER:
        if (mode == SHORT ? !reached : !passed) return true;
        if (reached) entry(step->number, operation, descriptor, -1, 0, 0, path, second, NULL, 0);
        step->shortens = true;
        return true;
    }
    return true;
}

static void end(
    struct step *step, const char *operation, int descriptor, long result, int created, long offset, const char *path, const char *second,
    const void *data, size_t length) {
    if (!step->logs) return;
    int code = errno;
    entry(step->number, operation, descriptor, result, created, offset, path, second, data, length);
    pthread_mutex_unlock(&order);
    errno = code;
}

// MARK: open

static int attacked_open(int directory, const char *path, int flags, mode_t permissions) {
    char buffer[PATH_MAX];
    const char *full = under_root(directory, path, buffer);
    if (!full) {
        int descriptor = (int)syscall(SYS_openat, directory, path, flags, permissions);
        if (active) remember(descriptor, NULL);
        return descriptor;
    }
    struct step step;
    if (!begin(&step, 'o', flags & O_CREAT ? "create" : "open", -1, full, NULL)) return -1;
    bool existed = !step.logs || syscall(SYS_faccessat, AT_FDCWD, full, F_OK) == 0;
    int descriptor = (int)syscall(SYS_openat, directory, path, flags, permissions);
    if (descriptor >= 0) remember(descriptor, full);
    // 1: made anew, 2: emptied.
    end(&step, flags & O_CREAT ? "create" : "open", descriptor, descriptor, !existed ? 1 : flags & O_TRUNC ? 2 : 0, 0, full, NULL, NULL, 0);
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
    const char *full = under_root(AT_FDCWD, path, buffer);
    if (!full) return REAL(fopen)(path, how);
    int flags = strchr(how, '+') ? O_RDWR : how[0] == 'r' ? O_RDONLY : O_WRONLY;
    if (how[0] == 'w') flags |= O_CREAT | O_TRUNC;
    if (how[0] == 'a') flags |= O_CREAT | O_APPEND;
    int descriptor = attacked_open(AT_FDCWD, path, flags, 0666);
    return descriptor < 0 ? NULL : fdopen(descriptor, how);
}
FILE *fopen64(const char *path, const char *how) { return fopen(path, how); }

int close(int descriptor) {
    if (descriptor == log_descriptor && descriptor >= 0) return 0;
    if (active && descriptor >= 0 && descriptor < DESCRIPTORS) atomic_store(&paths[descriptor], NULL);
    return (int)syscall(SYS_close, descriptor);
}

// MARK: read

static size_t halved(struct step *step, size_t count) { return step->shortens && count > 1 ? count / 2 : count; }

#define READ(call)                                                                                                                       \
    const char *path = path_of(descriptor);                                                                                              \
    struct step step = {0, false, false};                                                                                                \
    if (path && !begin(&step, 'r', "read", descriptor, path, NULL)) return -1;                                                           \
    ssize_t result = call;                                                                                                               \
    if (path) end(&step, "read", descriptor, result, 0, 0, path, NULL, NULL, 0);                                                         \
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
    const char *path = path_of(descriptor);
    struct step step = {0, false, false};
    if (path && !begin(&step, 'w', "write", descriptor, path, NULL)) return -1;
    if (step.logs && !positioned) {
        offset = syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
        if (syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND) offset = syscall(SYS_lseek, descriptor, 0, SEEK_END);
    }
    size_t size = halved(&step, count);
    ssize_t result =
        positioned ? syscall(SYS_pwrite64, descriptor, bytes, size, offset) : syscall(SYS_write, descriptor, bytes, size);
    if (path) end(&step, "write", descriptor, result, 0, offset, path, NULL, result > 0 ? bytes : NULL, result > 0 ? (size_t)result : 0);
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
    if (!path_of(descriptor)) return syscall(SYS_writev, descriptor, parts, count);
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
    const char *path = path_of(descriptor);                                                                                              \
    struct step step = {0, false, false};                                                                                                \
    if (path && !begin(&step, letter, operation, descriptor, path, NULL)) return -1;                                                     \
    int result = (int)(call);                                                                                                            \
    if (path) end(&step, operation, descriptor, result, 0, number, path, NULL, NULL, 0);                                                 \
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
    const char *path = path_of(descriptor);
    struct step step = {0, false, false};
    if (path && !begin(&step, 'l', "lock", descriptor, path, NULL)) return -1;
    if (step.logs) end(&step, "lock", descriptor, 0, 0, operation, path, NULL, NULL, 0);
    return (int)syscall(SYS_flock, descriptor, operation);
}

static int attacked_fcntl(int descriptor, int command, long argument) {
    const char *path = path_of(descriptor);
    struct step step = {0, false, false};
    bool locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    if (path && locks && !begin(&step, 'l', "lock", descriptor, path, NULL)) return -1;
    if (step.logs) end(&step, "lock", descriptor, 0, 0, command, path, NULL, NULL, 0);
    int result = (int)syscall(SYS_fcntl, descriptor, command, argument);
    if (path && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) remember(result, path);
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
    const char *path = flags & MAP_ANONYMOUS ? NULL : path_of(descriptor);
    struct step step = {0, false, false};
    if (path && !begin(&step, 'm', "mmap", descriptor, path, NULL)) return MAP_FAILED;
    void *result = (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
    if (path) end(&step, "mmap", descriptor, result == MAP_FAILED ? -1 : 0, 0, offset, path, NULL, NULL, 0);
    return result;
}
void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off64_t offset) {
    return mmap(address, length, protection, flags, descriptor, offset);
}

// MARK: what works on names

#define ON_NAME(letter, operation, directory, call)                                                                                      \
    char buffer[PATH_MAX];                                                                                                               \
    const char *full = under_root(directory, path, buffer);                                                                              \
    struct step step = {0, false, false};                                                                                                \
    if (full && !begin(&step, letter, operation, -1, full, NULL)) return -1;                                                             \
    int result = (int)(call);                                                                                                            \
    if (full) end(&step, operation, -1, result, 0, 0, full, NULL, NULL, 0);                                                              \
    return result;

int unlinkat(int folder, const char *path, int flags) {
    ON_NAME('u', flags & AT_REMOVEDIR ? "rmdir" : "unlink", folder, syscall(SYS_unlinkat, folder, path, flags))
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    int result = unlink(path);
    return result != 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : result;
}
int mkdirat(int folder, const char *path, mode_t permissions) {
    ON_NAME('d', "mkdir", folder, syscall(SYS_mkdirat, folder, path, permissions))
}
int mkdir(const char *path, mode_t permissions) { return mkdirat(AT_FDCWD, path, permissions); }
int truncate(const char *path, off_t length) { ON_NAME('t', "truncate-name", AT_FDCWD, syscall(SYS_truncate, path, length)) }
int fchmodat(int folder, const char *path, mode_t permissions, int flags) {
    (void)flags;
    ON_NAME('s', "chmod", folder, syscall(SYS_fchmodat, folder, path, permissions))
}
int chmod(const char *path, mode_t permissions) { return fchmodat(AT_FDCWD, path, permissions, 0); }
int faccessat(int folder, const char *path, int how, int flags) {
    (void)flags;
    ON_NAME('s', "access", folder, syscall(SYS_faccessat, folder, path, how))
}
int access(const char *path, int how) { return faccessat(AT_FDCWD, path, how, 0); }
int fstatat(int folder, const char *path, struct stat *status, int flags) {
    if (!*path && (flags & AT_EMPTY_PATH)) return fstat(folder, status);
    ON_NAME('s', "stat", folder, syscall(SYS_newfstatat, folder, path, status, flags))
}
int fstatat64(int folder, const char *path, struct stat64 *status, int flags) {
    return fstatat(folder, path, (struct stat *)status, flags);
}
int stat(const char *path, struct stat *status) { return fstatat(AT_FDCWD, path, status, 0); }
int stat64(const char *path, struct stat64 *status) { return fstatat(AT_FDCWD, path, (struct stat *)status, 0); }
int lstat(const char *path, struct stat *status) { return fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW); }
int lstat64(const char *path, struct stat64 *status) { return fstatat(AT_FDCWD, path, (struct stat *)status, AT_SYMLINK_NOFOLLOW); }
int statx(int folder, const char *path, int flags, unsigned mask, struct statx *status) {
    ON_NAME('s', "stat", folder, syscall(SYS_statx, folder, path, flags, mask, status))
}

static int attacked_pair(
    const char *operation, int first_folder, const char *first, int second_folder, const char *second, long flags, bool links) {
    char one[PATH_MAX], two[PATH_MAX];
    const char *from = under_root(first_folder, first, one), *to = under_root(second_folder, second, two);
    struct step step = {0, false, false};
    if ((from || to) && !begin(&step, 'n', operation, -1, from ? from : first, to ? to : second)) return -1;
    long result = links ? syscall(SYS_linkat, first_folder, first, second_folder, second, flags)
                        : syscall(SYS_renameat2, first_folder, first, second_folder, second, flags);
    if (from || to) end(&step, operation, -1, result, 0, 0, from ? from : first, to ? to : second, NULL, 0);
    return (int)result;
}
int rename(const char *from, const char *to) { return attacked_pair("rename", AT_FDCWD, from, AT_FDCWD, to, 0, false); }
int renameat(int first, const char *from, int second, const char *to) { return attacked_pair("rename", first, from, second, to, 0, false); }
int renameat2(int first, const char *from, int second, const char *to, unsigned flags) {
    return attacked_pair(flags & RENAME_EXCHANGE ? "exchange" : "rename", first, from, second, to, flags, false);
}
int link(const char *from, const char *to) { return attacked_pair("link", AT_FDCWD, from, AT_FDCWD, to, 0, true); }
int linkat(int first, const char *from, int second, const char *to, int flags) {
    return attacked_pair("link", first, from, second, to, flags, true);
}

// MARK: folders

DIR *opendir(const char *path) {
    char buffer[PATH_MAX];
    const char *full = under_root(AT_FDCWD, path, buffer);
    struct step step = {0, false, false};
    if (full && !begin(&step, 'i', "opendir", -1, full, NULL)) return NULL;
    DIR *folder = REAL(opendir)(path);
    if (full && folder) remember(dirfd(folder), full);
    if (full) end(&step, "opendir", -1, folder ? 0 : -1, 0, 0, full, NULL, NULL, 0);
    return folder;
}
DIR *fdopendir(int descriptor) { return REAL(fdopendir)(descriptor); }
struct dirent *readdir(DIR *folder) {
    const char *path = path_of(dirfd(folder));
    struct step step = {0, false, false};
    if (path && !begin(&step, 'i', "readdir", dirfd(folder), path, NULL)) return NULL;
    struct dirent *result = REAL(readdir)(folder);
    if (path) end(&step, "readdir", dirfd(folder), 0, 0, 0, path, NULL, NULL, 0);
    return result;
}
struct dirent64 *readdir64(DIR *folder) { return (struct dirent64 *)readdir(folder); }
int closedir(DIR *folder) {
    if (active) remember(dirfd(folder), NULL);
    return REAL(closedir)(folder);
}
