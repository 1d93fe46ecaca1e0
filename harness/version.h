/* SPDX-License-Identifier: MIT
 *
 * What this build is: stored with every run.
 */
#ifndef QS_VERSION_H
#define QS_VERSION_H

extern const char version_number[], version_compiler[], version_build[];

#endif
