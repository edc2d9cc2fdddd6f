// Operations on names: removing, renaming, asking, and reading folders.
#define _GNU_SOURCE
#include "attack.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: what works on names

#define ON_NAME(letter, operation, directory, call)                                                                                      \
    char buffer[PATH_MAX];                                                                                                               \
    const char *full = attack_under_root(directory, path, buffer);                                                                              \
    struct attack_step step = {0, false, false};                                                                                                \
    if (full && !attack_begin(&step, letter, operation, -1, full, NULL)) return -1;                                                             \
    int result = (int)(call);                                                                                                            \
    if (full) attack_end(&step, operation, -1, result, 0, 0, full, NULL, NULL, 0);                                                              \
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
    const char *from = attack_under_root(first_folder, first, one), *to = attack_under_root(second_folder, second, two);
    struct attack_step step = {0, false, false};
    if ((from || to) && !attack_begin(&step, 'n', operation, -1, from ? from : first, to ? to : second)) return -1;
    long result = links ? syscall(SYS_linkat, first_folder, first, second_folder, second, flags)
                        : syscall(SYS_renameat2, first_folder, first, second_folder, second, flags);
    if (from || to) attack_end(&step, operation, -1, result, 0, 0, from ? from : first, to ? to : second, NULL, 0);
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
    const char *full = attack_under_root(AT_FDCWD, path, buffer);
    struct attack_step step = {0, false, false};
    if (full && !attack_begin(&step, 'i', "opendir", -1, full, NULL)) return NULL;
    DIR *folder = REAL(opendir)(path);
    if (full && folder) attack_remember(dirfd(folder), full);
    if (full) attack_end(&step, "opendir", -1, folder ? 0 : -1, 0, 0, full, NULL, NULL, 0);
    return folder;
}
DIR *fdopendir(int descriptor) { return REAL(fdopendir)(descriptor); }
struct dirent *readdir(DIR *folder) {
    const char *path = attack_path_of(dirfd(folder));
    struct attack_step step = {0, false, false};
    if (path && !attack_begin(&step, 'i', "readdir", dirfd(folder), path, NULL)) return NULL;
    struct dirent *result = REAL(readdir)(folder);
    if (path) attack_end(&step, "readdir", dirfd(folder), 0, 0, 0, path, NULL, NULL, 0);
    return result;
}
struct dirent64 *readdir64(DIR *folder) { return (struct dirent64 *)readdir(folder); }
int closedir(DIR *folder) {
    if (attack_active) attack_remember(dirfd(folder), NULL);
    return REAL(closedir)(folder);
}
