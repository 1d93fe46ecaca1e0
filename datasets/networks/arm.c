/* SPDX-License-Identifier: MIT
 *
 * Forward kinematics of a planar arm of four joints: in the joints' angles, radians in (-1.5, 1.5),
 * each against the link before; out where the hand is, in (-1, 1), the arm's reach being 1.
 */
#include "../../harness/fixed_math.h"
#include "../../harness/random.h"
#include "network.h"

extern const char embedded_network_arm[];
extern const size_t embedded_network_arm_size;

enum { JOINTS = 4, STREAM_ANGLE = 0x1040 };

static const double lengths[JOINTS] = { 0.4, 0.3, 0.2, 0.1 };

static int sample(uint64_t seed, uint64_t index, float *x, float *target)
{
	double angle = 0, across = 0, up = 0;

	for (int joint = 0; joint < JOINTS; joint++) {
		const uint64_t number = index * JOINTS + (uint64_t)joint;

		x[joint] = (float)(3 * random_uniform(seed, STREAM_ANGLE, number) - 1.5);
		/* of the rounded angle: the target is a function of what the network sees */
		angle += x[joint];
		across += lengths[joint] * fixed_cos(angle);
		up += lengths[joint] * fixed_sin(angle);
	}
	target[0] = (float)across;
	target[1] = (float)up;
	return 0;
}

const struct network network_arm = {
	.value = { .name = "arm",
		   .summary = "from four joint angles to the hand's place: a regression of 9 dense "
			      "layers",
		   .source = "ours: datasets/networks/README.md" },
	.onnx = embedded_network_arm,
	.onnx_size = &embedded_network_arm_size,
	.version = 1,
	.inputs = JOINTS,
	.outputs = 2,
	.sample = sample,
};
