#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/as_in_tensorrt.csv: the entropy calibrator of NVIDIA's PyTorch
Quantization Toolkit, worked from what calib/histogram.py does (NVIDIA/TensorRT at 1637a26e), in the
functions it calls: torch.histc, torch.linspace, torch.arange, scipy's entropy.
Python 3.11.7, numpy 2.4.6, scipy 1.15.3, PyTorch 2.15.0, one thread.

    tests/golden/make/as_in_tensorrt.py > tests/golden/as_in_tensorrt.csv
"""
import warnings

import numpy as np
import torch
from scipy.stats import entropy

import as_in_cases as cases

BINS, FIRST = 2048, 128


def collect(text):
    counts = edges = None
    for x in cases.batches(text):
        x = torch.from_numpy(np.abs(x))
        most = x.max()
        if counts is None and most == 0:
            continue  # the project would stop at the next batch
        if counts is None:
            bins = BINS
            counts = torch.zeros(0)
            edges = torch.linspace(0, most, bins + 1)
        elif most > edges[-1]:
            width = edges[1] - edges[0]
            bins = int((most / width).ceil().item())
            edges = torch.arange(0, most + width, width)
        new = torch.histc(x, bins=bins, min=0, max=edges[-1])
        new[:counts.numel()] += counts
        counts = new
    return (None, None) if counts is None else (counts.numpy().astype(np.int64), edges.numpy())


def divergence(counts, bins, levels):
    kept, beyond = counts[:bins], counts[bins:].sum()
    level = np.searchsorted(np.linspace(0, bins, levels + 1), np.arange(bins), side="right") - 1
    filled = kept != 0
    sums = np.bincount(level[filled], weights=kept[filled], minlength=levels)
    many = np.bincount(level[filled], minlength=levels)
    spread = np.zeros(bins)
    spread[filled] = sums[level[filled]] / many[level[filled]]
    reference = kept.astype(np.float64)
    reference[-1] += beyond
    return entropy(reference, spread)


def bound(text, levels):
    counts, edges = collect(text)
    if counts is None:
        return np.float32(0)
    counts[0] = counts[1]
    found = np.array([divergence(counts, bins, levels) for bins in range(FIRST, len(counts) + 1)])
    last = len(found) - 1 - np.argmin(found[::-1])
    return edges[last + FIRST]


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    cases.header()
    for text in cases.BATCHES:
        for bits in (4, 8):
            amax = np.float64(bound(text, 2 ** (bits - 1)))
            scale = np.float32(amax / (2 ** (bits - 1) - 1)) if amax else 1
            for scheme in ("symmetric", "symmetric_restricted"):
                cases.line("entropy_as_in_tensorrt", 0, scheme, bits, scale, 0, text)
            if cases.one_sided(text):
                amax = np.float64(bound(text, 2**bits))
                scale = np.float32(amax / (2**bits - 1)) if amax else 1
                cases.line("entropy_as_in_tensorrt", 0, "symmetric_unsigned", bits, scale, 0, text)


if __name__ == "__main__":
    main()
