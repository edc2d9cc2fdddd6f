// What the attacked operations share: which paths count, and what happens before and after each.
#ifndef APUS_ATTACK_H
#define APUS_ATTACK_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

// Hidden: nothing here may take the place of a function of the attacked program.
#pragma GCC visibility push(hidden)

struct attack_step {
    long number;
    bool logs;
    bool shortens;
};

// Whether there are roots.
extern bool attack_active;

// The absolute path, written into `result` (PATH_MAX bytes), or null when it is under none of the roots.
const char *attack_under_root(int directory, const char *path, char *result);
// The path of a descriptor that was opened under a root, or null.
const char *attack_path_of(int descriptor);
void attack_remember(int descriptor, const char *path);
bool attack_is_log(int descriptor);

// Called before every operation on a path under a root. False: errno is set and the operation must fail.
bool attack_begin(struct attack_step *step, char letter, const char *operation, int descriptor, const char *path, const char *second);
// Called after it.
void attack_end(
    struct attack_step *step, const char *operation, int descriptor, long result, int created, long offset, const char *path,
    const char *second, const void *data, size_t length);

#pragma GCC visibility pop

// The C library's own function, found when first needed: other libraries' constructors may run before this one's.
#define REAL(name) (*(typeof(&name))dlsym(RTLD_NEXT, #name))

#endif
