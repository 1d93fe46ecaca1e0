/* SPDX-License-Identifier: MIT
 *
 * Two small embedded networks, and a sweep that has a bit of all: for tests of network_measure.
 */
#ifndef QS_TEST_NETWORK_SWEEPS_H
#define QS_TEST_NETWORK_SWEEPS_H

#include "network_runs.h"

#define ARM "{\"network\":\"builtin:arm\",\"calibration_data\":{\"samples\":32}," \
	    "\"evaluation_data\":{\"samples\":100}}"
#define GLYPHS "{\"network\":\"builtin:glyphs\",\"calibration_data\":{\"samples\":6}," \
	       "\"evaluation_data\":{\"samples\":10}}"

static const char many[] =
	"{\"weights\":{\"bits\":[4,8],\"granularity\":[\"tensor\",{\"group\":32}]},"
	"\"activations\":{\"bits\":8,\"range\":[\"static\",\"dynamic\"]},"
	"\"policy\":[\"all\",\"skip_first_last\"]},"
	"{\"weights\":{\"bits\":8},\"activations\":{\"bits\":[8,\"float\"]},"
	"\"requantization\":[\"float\",\"q31_single\"]},"
	"{\"weights\":{\"bits\":[8,12],\"scheme\":\"asymmetric\"},\"activations\":{\"bits\":8,"
	"\"scheme\":[\"asymmetric\",\"symmetric\"]}},"
	"{\"weights\":{\"bits\":5,\"granularity\":{\"channel\":1}},"
	"\"activations\":{\"bits\":8}},"
	"{\"weights\":{\"bits\":\"float\"},\"activations\":{\"bits\":[8,\"float\"]}}";

#endif
