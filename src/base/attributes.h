/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#ifndef SPURN_BASE_ATTRIBUTES_H
#define SPURN_BASE_ATTRIBUTES_H

/* What the compiler can check of a contract, under short names. */
#define ATTR_NODISCARD           __attribute__((warn_unused_result))
#define ATTR_NONNULL(...)        __attribute__((nonnull(__VA_ARGS__)))
#define ATTR_NONNULL_ALL         __attribute__((nonnull))
#define ATTR_PRINTF(format, arg) __attribute__((__format__(__printf__, format, arg)))
#define ATTR_NORETURN            __attribute__((noreturn))
#define ATTR_UNUSED              __attribute__((unused))

/* A function that is a part of those that call it, so that it is compiled for their processor and with
 * their constants. */
#define ATTR_ALWAYS_INLINE static inline __attribute__((always_inline))

#define LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Number of elements of an array (not of a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
