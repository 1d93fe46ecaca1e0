# SPDX-License-Identifier: MIT
"""The data of an embedded network, from its C file itself: compiled here and called by ctypes."""
import ctypes
import pathlib
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What the C file wants of the build, and a loop over samples.
SHIM = """
#include "datasets/networks/network.h"
const char embedded_network_NAME[1];
const size_t embedded_network_NAME_size;
extern const struct network network_NAME;
void samples(uint64_t seed, uint64_t first, uint64_t count, float *x, float *target, int *label)
{
	for (uint64_t i = 0; i < count; i++)
		label[i] = network_NAME.sample(seed, first + i,
					       x + i * (uint64_t)network_NAME.inputs,
					       target + i * (uint64_t)network_NAME.outputs);
}
"""


class Generator:
    """samples(seed, first, count): x [count, inputs], target [count, outputs], label [count]"""

    def __init__(self, name, inputs, outputs):
        self.inputs, self.outputs = inputs, outputs
        self.folder = tempfile.TemporaryDirectory()
        library = pathlib.Path(self.folder.name) / "generator.so"
        shim = pathlib.Path(self.folder.name) / "shim.c"
        shim.write_text(SHIM.replace("NAME", name))
        subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-ffp-contract=off", "-fPIC",
                        "-shared", f"-I{ROOT}", "-o", library, shim,
                        ROOT / f"datasets/networks/{name}.c", ROOT / "harness/random.c",
                        ROOT / "harness/fixed_math.c", "-lsleef", "-lm"], check=True)
        self.call = ctypes.CDLL(str(library)).samples
        self.call.argtypes = [ctypes.c_uint64] * 3 + [ctypes.c_void_p] * 3

    def samples(self, seed, first, count):
        x = np.empty((count, self.inputs), np.float32)
        target = np.zeros((count, self.outputs), np.float32)
        label = np.empty(count, np.int32)
        self.call(seed, first, count, x.ctypes.data, target.ctypes.data, label.ctypes.data)
        return x, target, label
