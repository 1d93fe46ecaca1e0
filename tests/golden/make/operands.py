#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for every number of view error, operands of operations included, from the definitions.

    python3 tests/golden/make/operands.py tests/golden

writes operands_a.npy, operands_w.npy (activations and weights of a gemm), operands_cube.npy (w with
three axes, so that a channel need not be contiguous) and operands.csv, the rows that
tests/studies/operands.json must give, by label and tensor.  Made with Python 3.11.7 and numpy 2.4.6.
The map is ONNX QuantizeLinear's, in numpy float32; sums are exact (fsum); the output of a gemm is a
chain of fused multiply-adds in extended precision, each rounded to float32.
"""
import itertools
import math
import sys

import numpy as np

from error_shape import divergence, percentile

F32 = np.float32
NUMBERS = ["elements", "mse", "rmse", "rmse_over_step", "sqnr_db", "max_abs", "mean_error", "cosine",
           "saturated_fraction", "zero_fraction", "bytes", "abs_error_p95", "abs_error_p999",
           "bias_over_step", "kl_divergence", "output_sqnr_db", "output_relative_rmse"]
M, N, K = 5, 6, 28


def slices_of(x, granularity):
    """lists of indices into x.ravel(); values of one share a scale"""
    place = np.arange(x.size).reshape(x.shape)
    rows = place.reshape(x.shape[0], -1)
    if granularity == "tensor":
        return [place.ravel()]
    if granularity.startswith("group"):
        n = int(granularity[5:])
        return [row[i:i + n] for row in rows for i in range(0, len(row), n)]
    axis = int(granularity[8:-1]) if "(" in granularity else 0
    return [np.take(place, i, axis).ravel() for i in range(x.shape[axis])]


def scale_of(low, high, bits, scheme, rule):
    """(scale as stored, zero point, least code, greatest code)"""
    if scheme == "asymmetric":
        least, most, scale = 0, 2**bits - 1, (high - low) / (2**bits - 1)
    else:
        least, most, scale = -2**(bits - 1), 2**(bits - 1) - 1, max(-low, high) / (2**(bits - 1) - 1)
    if scale == 0:
        return F32(1), 0, least, most
    if rule == "power_of_two":
        scale = 2.0**math.ceil(math.log2(scale))
    zero = round(-low / scale) if scheme == "asymmetric" else 0
    return F32(scale), zero, least, most


def range_of(values, scheme, calibration):
    x = np.sort(values.astype(np.float64))
    if calibration == "minmax":
        return min(x[0], 0), max(x[-1], 0)
    assert calibration == "percentile(90)"
    if scheme == "asymmetric":
        cut = len(x) - math.ceil(len(x) * 95 / 100)
        return min(x[cut], 0), max(x[-1 - cut], 0)
    bound = np.sort(np.abs(x))[math.ceil(len(x) * 90 / 100) - 1]
    return -bound, bound


def numbers_of(x, back):
    shape = {"abs_error_p95": percentile(x.ravel(), back.ravel(), 95, 100),
             "abs_error_p999": percentile(x.ravel(), back.ravel(), 999, 1000),
             "kl_divergence": divergence(x.ravel(), back.ravel())}
    x, back = x.astype(np.float64).ravel(), back.astype(np.float64).ravel()
    error = back - x
    squares, signal = math.fsum(error**2), math.fsum(x**2)
    return shape | {"elements": x.size, "mse": squares / x.size, "rmse": math.sqrt(squares / x.size),
            "sqnr_db": 10 * math.log10(signal / squares), "max_abs": np.abs(error).max(),
            "mean_error": math.fsum(error) / x.size,
            "cosine": math.fsum(x * back) / math.sqrt(signal * math.fsum(back**2))}


def quantize(x, rule, rounding, dynamic=False):
    """(values that the codes mean, numbers)"""
    bits, scheme, scale_rule, granularity, calibration = rule
    flat, back, steps = x.ravel(), np.empty(x.size, F32), np.empty(x.size)
    slices = slices_of(x, "channel" if dynamic and granularity == "tensor" else granularity)
    saturated = lost = 0
    for place in slices:
        values = flat[place]
        scale, zero, least, most = scale_of(*range_of(values, scheme, calibration), bits, scheme,
                                            scale_rule)
        quotient = (values / scale).astype(F32).astype(np.float64)
        rounded = np.rint(quotient)
        if rounding == "half_away":
            rounded = np.copysign(np.floor(np.abs(quotient) + 0.5), quotient)
        codes = np.clip(rounded + zero, least, most)
        back[place] = (codes - zero).astype(F32) * scale
        steps[place] = scale
        saturated += np.sum(codes != rounded + zero)
        lost += np.sum((values != 0) & (codes == zero))
    numbers = numbers_of(flat, back)
    error = (back.astype(np.float64) - flat.astype(np.float64)) / steps
    per_slice = 4 if scale_rule == "real" else 1
    per_slice += math.ceil(bits / 8) if scheme == "asymmetric" else 0
    numbers |= {"rmse_over_step": math.sqrt(math.fsum(error**2) / x.size),
                "bias_over_step": math.fsum(error) / x.size,
                "saturated_fraction": saturated / x.size,
                "zero_fraction": lost / np.count_nonzero(flat),
                "bytes": x.shape[0] * math.ceil(x.size // x.shape[0] * bits / 8) +
                len(slices) * per_slice}
    return back.reshape(x.shape), numbers


def gemm(a, w):
    y = np.zeros((M, N), F32)
    for k in range(K):
        product = a[:, k, None].astype(np.longdouble) * w[None, :, k].astype(np.longdouble)
        y = (product + y.astype(np.longdouble)).astype(F32)
    return y


def name_of(rule):
    return "int{}.{}.{}.{}.{}".format(*rule)


def rows_of(a, w):
    schemes, scales = ["symmetric", "asymmetric"], ["real", "power_of_two"]
    axes = ["tensor", "channel", "group10"]
    # as in tests/studies/operands.json
    tensors = itertools.product([3, 11], schemes, scales, axes + ["channel(2)"],
                                ["minmax", "percentile(90)"])
    cube = w.reshape(N, 4, 7)
    for rule in tensors:
        for rounding in ("half_even", "half_away"):
            _, numbers = quantize(cube, rule, rounding)
            yield f"operands_cube.npy w={name_of(rule)} {rounding} s1", "tensor", numbers
    weights = [(4, scheme, "real", axis, "minmax") for scheme in schemes
               for axis in axes + ["channel(1)"]]
    activations = [((5, scheme, "real", axis, "percentile(90)"), range_)
                   for scheme in schemes for axis in ("tensor", "channel(1)")
                   for range_ in ("static", "dynamic")
                   if axis == "tensor" or range_ == "static"]
    for rule, range_ in activations:
        a_back, a_numbers = quantize(a, rule, "half_even", range_ == "dynamic")
        a_name = f"a={name_of(rule)}.{range_}"
        y_numbers = numbers_of(a, a_back) | {name: a_numbers[name] for name in
                                             ("rmse_over_step", "bias_over_step")}
        yield f"quantize:{M}x{K}:operands_a.npy {a_name} half_even s1", "y", y_numbers
        for w_rule in weights:
            w_back, w_numbers = quantize(w, w_rule, "half_even")
            label = (f"gemm:{M}x{N}x{K}:operands_a.npy:operands_w.npy w={name_of(w_rule)} {a_name} "
                     "half_even float all none s1")
            yield label, "a", a_numbers
            alone = numbers_of(gemm(a, w), gemm(a, w_back))
            signal = math.fsum(gemm(a, w).astype(np.float64).ravel()**2) / (M * N)
            yield label, "w", w_numbers | {
                "output_sqnr_db": alone["sqnr_db"],
                "output_relative_rmse": math.sqrt(alone["mse"] / signal)}
            yield label, "y", numbers_of(gemm(a, w), gemm(a_back, w_back))


def main(folder):
    random = np.random.default_rng(20)
    a = np.maximum(random.normal(0.3, 1, (M, K)), -0.4).astype(F32)
    a[:, ::9] = 0
    w = (random.laplace(0.1, 1, (N, K)) * 10.0**random.uniform(-1, 0, (N, 1))).astype(F32)
    np.save(f"{folder}/operands_a.npy", a)
    np.save(f"{folder}/operands_w.npy", w)
    np.save(f"{folder}/operands_cube.npy", w.reshape(N, 4, 7))
    with open(f"{folder}/operands.csv", "w", encoding="ascii") as out:
        print("label", "tensor", *NUMBERS, sep=",", file=out)
        for label, tensor, numbers in sorted(rows_of(a, w), key=lambda row: row[:2]):
            print(label, tensor, *(f"{numbers[n]:.17g}" if n in numbers else "" for n in NUMBERS),
                  sep=",", file=out)


main(sys.argv[1])
