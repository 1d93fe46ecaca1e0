#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/as_in_pytorch.csv: PyTorch's own observers, batch after batch.
Python 3.11.7, numpy 2.4.6, PyTorch 2.15.0 (its CPU code for AVX-512; that for AVX2 gives the same
lines, one without fused products may give others), one thread.

    tests/golden/make/as_in_pytorch.py > tests/golden/as_in_pytorch.csv
"""
import torch
from torch.ao.quantization import observer

import as_in_cases as cases


def dtype_of(bits, signed):
    if bits > 8:
        return torch.int16 if signed else torch.uint16
    return torch.qint8 if signed else torch.quint8


def arguments(scheme, bits):
    """The observer's dtype, qscheme and codes for one of our schemes."""
    half = 2 ** (bits - 1)
    if scheme in ("asymmetric", "symmetric_unsigned"):
        return dict(dtype=dtype_of(bits, False), qscheme=torch.per_tensor_affine, quant_min=0,
                    quant_max=2 * half - 1)
    return dict(dtype=dtype_of(bits, True), qscheme=torch.per_tensor_symmetric,
                quant_min=1 - half if scheme == "symmetric_restricted" else -half,
                quant_max=half - 1)


def main():
    torch.set_num_threads(1)
    cases.header()
    for text in cases.BATCHES:
        for scheme in ("symmetric", "symmetric_restricted", "symmetric_full",
                       "symmetric_unsigned", "asymmetric"):
            if scheme == "symmetric_unsigned" and not cases.one_sided(text):
                continue
            for bits in (4, 8):
                made = [("minmax_as_in_pytorch", 0, observer.MinMaxObserver, {}),
                        ("histogram_as_in_pytorch", 0, observer.HistogramObserver, {})]
                made += [("moving_average_as_in_pytorch", c, observer.MovingAverageMinMaxObserver,
                          dict(averaging_constant=c)) for c in (0.01, 0.3)]
                for name, parameter, kind, more in made:
                    seen = kind(**arguments(scheme, bits), **more)
                    for x in cases.batches(text):
                        seen(torch.from_numpy(x))
                    scale, zero = seen.calculate_qparams()
                    cases.line(name, parameter, scheme, bits, scale.item(), zero.item(), text)


if __name__ == "__main__":
    main()
