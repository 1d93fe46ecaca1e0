/* SPDX-License-Identifier: MIT
 *
 * For loops that are made once for each constant they are called with.
 */
#ifndef QS_INLINE_H
#define QS_INLINE_H

#define INLINE static inline __attribute__((always_inline))

#endif
