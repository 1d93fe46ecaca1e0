/* SPDX-License-Identifier: MIT
 *
 * The table of embedded networks: add your line here, your NAME.c and NAME.onnx beside it.
 */
#include "network.h"

#define NETWORKS(X) X(glyphs) X(arm)

#define DECLARE(name) extern const struct network network_##name;
NETWORKS(DECLARE)

#define POINT(name) &network_##name.value,
const struct value *const network_values[] = { NETWORKS(POINT) NULL };
