// The few functions of ICU's C interface that Apus calls, under names that Swift can see.
//
// ICU's own headers are left out on purpose: Foundation carries a copy of ICU whose enums have the same names, and the
// compiler rejects a program that sees both. So the prototypes are repeated here in plain C types, the numbers of
// the properties (stable by ICU's promise) are named again, and only the version macro that names the functions
// (u_tolower is u_tolower_72 in the library) comes from ICU.
#pragma once
#include <stdint.h>
#include <unicode/uvernum.h>

#define APUS_ICU(name) U_ICU_ENTRY_POINT_RENAME(name)

extern int32_t APUS_ICU(u_getIntPropertyValue)(int32_t c, int32_t property);
extern int8_t APUS_ICU(u_hasBinaryProperty)(int32_t c, int32_t property);
extern int8_t APUS_ICU(u_charType)(int32_t c);
extern int32_t APUS_ICU(u_tolower)(int32_t c);
extern void APUS_ICU(u_charAge)(int32_t c, uint8_t version[4]);
extern void APUS_ICU(u_getVersion)(uint8_t version[4]);
extern int32_t APUS_ICU(u_strToLower)(
    uint16_t *destination, int32_t capacity, const uint16_t *source, int32_t length, const char *locale,
    int32_t *error);
extern const void *APUS_ICU(unorm2_getNFDInstance)(int32_t *error);
extern const void *APUS_ICU(unorm2_getNFCInstance)(int32_t *error);
extern const void *APUS_ICU(unorm2_getNFKCInstance)(int32_t *error);
extern const void *APUS_ICU(unorm2_getNFKDInstance)(int32_t *error);
extern int32_t APUS_ICU(unorm2_normalize)(
    const void *normalizer, const uint16_t *source, int32_t length, uint16_t *destination, int32_t capacity,
    int32_t *error);
extern int32_t APUS_ICU(unorm2_getDecomposition)(
    const void *normalizer, int32_t c, uint16_t *destination, int32_t capacity, int32_t *error);

// UProperty.
static const int32_t apus_WHITE_SPACE = 31;
static const int32_t apus_EMOJI = 57;
static const int32_t apus_EMOJI_MODIFIER = 59;
static const int32_t apus_EXTENDED_PICTOGRAPHIC = 64;
static const int32_t apus_LINE_BREAK = 4104;
static const int32_t apus_SCRIPT = 4106;
static const int32_t apus_WORD_BREAK = 4116;

// UWordBreakValues.
static const int32_t apus_WB_ALETTER = 1;
static const int32_t apus_WB_FORMAT = 2;
static const int32_t apus_WB_KATAKANA = 3;
static const int32_t apus_WB_MIDLETTER = 4;
static const int32_t apus_WB_MIDNUM = 5;
static const int32_t apus_WB_NUMERIC = 6;
static const int32_t apus_WB_EXTENDNUMLET = 7;
static const int32_t apus_WB_EXTEND = 9;
static const int32_t apus_WB_MIDNUMLET = 11;
static const int32_t apus_WB_REGIONAL_INDICATOR = 13;
static const int32_t apus_WB_HEBREW_LETTER = 14;
static const int32_t apus_WB_SINGLE_QUOTE = 15;
static const int32_t apus_WB_DOUBLE_QUOTE = 16;
static const int32_t apus_WB_ZWJ = 21;

// ULineBreak, UScriptCode.
static const int32_t apus_LB_COMPLEX_CONTEXT = 24;
static const int32_t apus_SCRIPT_HAN = 17;
static const int32_t apus_SCRIPT_HIRAGANA = 20;

// UCharCategory.
static const int8_t apus_UNASSIGNED = 0;
static const int8_t apus_OTHER_LETTER = 5;
static const int8_t apus_NON_SPACING_MARK = 6;
static const int8_t apus_CONTROL_CHAR = 15;
static const int8_t apus_FORMAT_CHAR = 16;
static const int8_t apus_PRIVATE_USE_CHAR = 17;
static const int8_t apus_SURROGATE = 18;
static const int8_t apus_DASH_PUNCTUATION = 19;
static const int8_t apus_OTHER_PUNCTUATION = 23;
static const int8_t apus_INITIAL_PUNCTUATION = 28;
static const int8_t apus_FINAL_PUNCTUATION = 29;

static inline int32_t apus_u_getIntPropertyValue(int32_t c, int32_t property) {
    return APUS_ICU(u_getIntPropertyValue)(c, property);
}
static inline _Bool apus_u_hasBinaryProperty(int32_t c, int32_t property) {
    return APUS_ICU(u_hasBinaryProperty)(c, property) != 0;
}
static inline int8_t apus_u_charType(int32_t c) { return APUS_ICU(u_charType)(c); }
static inline int32_t apus_u_tolower(int32_t c) { return APUS_ICU(u_tolower)(c); }
static inline void apus_u_getVersion(uint8_t version[4]) { APUS_ICU(u_getVersion)(version); }

// The first number of the Unicode version that assigned the code point; 0 when none did.
static inline int32_t apus_u_charAge(int32_t c) {
    uint8_t version[4];
    APUS_ICU(u_charAge)(c, version);
    return version[0];
}

// Full lower-casing in the root locale; returns the length it has or would need, -1 on an error.
static inline int32_t apus_u_strToLower(
    uint16_t *destination, int32_t capacity, const uint16_t *source, int32_t length
) {
    int32_t error = 0;
    int32_t needed = APUS_ICU(u_strToLower)(destination, capacity, source, length, "", &error);
    return error > 0 ? -1 : needed;
}

// The full canonical decomposition of one code point; -1 when it is its own.
static inline int32_t apus_canonicalDecomposition(int32_t c, uint16_t *destination, int32_t capacity) {
    int32_t error = 0;
    const void *nfd = APUS_ICU(unorm2_getNFDInstance)(&error);
    if (error > 0) return -1;
    int32_t length = APUS_ICU(unorm2_getDecomposition)(nfd, c, destination, capacity, &error);
    return error > 0 ? -1 : length;
}

// Unicode normalisation of a whole text; returns the length it has or would need, -1 on an error.
static inline int32_t apus_normalize(
    _Bool isCompatible, _Bool isComposed, const uint16_t *source, int32_t length, uint16_t *destination,
    int32_t capacity
) {
    int32_t error = 0;
    const void *form = isCompatible
        ? (isComposed ? APUS_ICU(unorm2_getNFKCInstance)(&error) : APUS_ICU(unorm2_getNFKDInstance)(&error))
        : (isComposed ? APUS_ICU(unorm2_getNFCInstance)(&error) : APUS_ICU(unorm2_getNFDInstance)(&error));
    if (error > 0) return -1;
    int32_t needed = APUS_ICU(unorm2_normalize)(form, source, length, destination, capacity, &error);
    const int32_t isTooSmall = 15; // U_BUFFER_OVERFLOW_ERROR
    return error > 0 && error != isTooSmall ? -1 : needed;
}
