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
#include "attack.h"
#include "attack_shim.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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
bool attack_active = false;
static _Atomic long counter = 0;
static _Atomic(char *) paths[DESCRIPTORS];
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static __thread bool interrupted = false;

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
    attack_active = root_count > 0;
}

// MARK: paths

const char *attack_under_root(int directory, const char *path, char *result) {
    if (!attack_active || !path) return NULL;
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

const char *attack_path_of(int descriptor) {
    return attack_active && descriptor >= 0 && descriptor < DESCRIPTORS ? atomic_load(&paths[descriptor]) : NULL;
}

// Forgotten paths are not freed: another thread may read them, and attacked processes are short.
void attack_remember(int descriptor, const char *path) {
    if (descriptor >= 0 && descriptor < DESCRIPTORS) atomic_store(&paths[descriptor], path ? strdup(path) : NULL);
}

// MARK: the attack

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

bool attack_begin(struct attack_step *step, char letter, const char *operation, int descriptor, const char *path, const char *second) {
    *step = (struct attack_step){0, false, false};
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

void attack_end(
    struct attack_step *step, const char *operation, int descriptor, long result, int created, long offset, const char *path, const char *second,
    const void *data, size_t length) {
    if (!step->logs) return;
    int code = errno;
    entry(step->number, operation, descriptor, result, created, offset, path, second, data, length);
    pthread_mutex_unlock(&order);
    errno = code;
}

bool attack_is_log(int descriptor) { return descriptor == log_descriptor && descriptor >= 0; }
