#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Truth for every number of a network's rows in views drift and choice, from the definitions: an own
little network in numpy, float, simulated and integer.

    python3 tests/golden/make/network_rows.py tests/golden

writes networks_drift.csv and networks_choice.csv, the rows that tests/studies/networks.json must give.
Made with Python 3.11.7, numpy 2.4.6 and onnx 1.23.2; samples come from the C generators.
Floats: each output is a chain of fused multiply-adds over k ascending, in extended precision, each
rounded to float32, bias last.  Integers: Python's own, exact.
"""
import csv
import math
import pathlib
import sys

import numpy as np
import onnx
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "datasets/networks"))
from generator import Generator  # noqa: E402

F32, F64, LONG = np.float32, np.float64, np.longdouble
SETS = {"glyphs": (8, 16), "arm": (32, 48)}      # samples: calibration (seed 1), evaluation (seed 2)
STANDARD = {"w": (8, "symmetric", "real", "channel"), "a": (8, "asymmetric", "real", "static"),
            "mode": "float", "policy": "all"}
RECIPES = [
    {},
    {"w": (4, "symmetric", "real", "tensor"), "mode": "q31_double"},
    {"w": (4, "asymmetric", "real", "channel"), "a": (8, "symmetric", "real", "static"),
     "mode": "rndnu", "policy": "skip_first_last"},
    {"w": (8, "symmetric", "power_of_two", "tensor"),
     "a": (8, "symmetric", "power_of_two", "static"), "mode": "shift"},
    {"w": (4, "symmetric", "real", "group32")},
    {"a": (8, "asymmetric", "real", "dynamic")},
    {"mode": "q31_single", "policy": "skip_residual"},
    {"mode": "q31_ties_up", "a": (6, "asymmetric", "real", "static")},
    {"w": (6, "asymmetric", "real", "tensor"), "a": None},
    {"a": (12, "asymmetric", "real", "static")},
]


def text(rule, activations):
    if rule is None:
        return "float"
    bits, scheme, scale, last = rule
    return (f"int{bits}.{scheme}.{scale}.tensor.minmax.{last}" if activations else
            f"int{bits}.{scheme}.{scale}.{last}.minmax")


# ---- the network

class Layer:
    """weights [n][k] with k in the order kh, kw, cin; inputs: numbers of edges"""

    def __init__(self, name, kind, inputs):
        self.name, self.kind, self.inputs, self.relu = name, kind, inputs, False
        self.w = self.b = None
        self.window = (1, 1, 1, 1, 0, 0)         # kh, kw, stride, stride, pad, pad


def read_network(name):
    graph = onnx.load(ROOT / f"datasets/networks/{name}.onnx").graph
    constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    edge = {graph.input[0].name: 0}
    layers = []
    for node in graph.node:
        say = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        last = layers[-1] if layers else None
        source = edge[node.input[0]]
        if node.op_type == "Conv":
            w = constants[node.input[1]]
            layers.append(last := Layer(node.name, "conv", [source]))
            last.w = w.transpose(0, 2, 3, 1).reshape(w.shape[0], -1)
            last.window = (*say["kernel_shape"], *say["strides"], *say["pads"][:2])
        elif node.op_type == "Gemm":
            layers.append(last := Layer(node.name, "gemm", [source]))
            last.w, last.b = constants[node.input[1]], constants[node.input[2]]
        elif node.op_type == "BatchNormalization":
            scale, shift, mean, variance = (constants[i].astype(F64) for i in node.input[1:])
            last = layers[source - 1]
            factor = scale / np.sqrt(variance + F64(F32(say["epsilon"])))
            old = 0.0 if last.b is None else last.b.astype(F64)
            last.w = (last.w.astype(F64) * factor[:, None]).astype(F32)
            last.b = ((old - mean) * factor + shift).astype(F32)
            edge[node.output[0]] = source
            continue
        elif node.op_type == "Relu":
            layers[source - 1].relu = True
            edge[node.output[0]] = source
            continue
        elif node.op_type == "Flatten":
            edge[node.output[0]] = source
            continue
        elif node.op_type == "Add":
            layers.append(last := Layer(node.name, "add", [edge[i] for i in node.input]))
        elif node.op_type == "GlobalAveragePool":
            layers.append(last := Layer(node.name, "average_pool", [source]))
        else:
            raise SystemExit(f"{node.op_type}?")
        edge[node.output[0]] = len(layers)
    return layers


def columns(x, layer, fill):
    """x [s][h][w][c] to rows of windows [s * h' * w'][kh * kw * c]; (rows, h', w')"""
    kh, kw, sh, sw, ph, pw = layer.window
    x = np.pad(x, ((0, 0), (ph, ph), (pw, pw), (0, 0)), constant_values=fill)
    high, wide = (x.shape[1] - kh) // sh + 1, (x.shape[2] - kw) // sw + 1
    parts = [x[:, i:i + sh * (high - 1) + 1:sh, j:j + sw * (wide - 1) + 1:sw]
             for i in range(kh) for j in range(kw)]
    return np.concatenate(parts, axis=3).reshape(x.shape[0] * high * wide, -1), high, wide


def fma(a, b, c):
    return (a.astype(LONG) * b.astype(LONG) + c.astype(LONG)).astype(F32)


def chain(a, w, bias):
    y = np.zeros((a.shape[0], w.shape[0]), F32)
    for k in range(a.shape[1]):
        y = fma(a[:, k, None], w[None, :, k], y)
    return y if bias is None else y + bias


def relu(y, layer):
    return np.where(y > 0, y, F32(0)) if layer.relu else y


def compute(layer, inputs, w, bias):
    x = inputs[0]
    if layer.kind == "add":
        return relu(x + inputs[1], layer)
    if layer.kind == "average_pool":
        total = np.zeros((x.shape[0], x.shape[3]), F64)
        for i in range(x.shape[1]):
            for j in range(x.shape[2]):
                total += x[:, i, j]
        y = (total / (x.shape[1] * x.shape[2])).astype(F32)
        return relu(y[:, None, None], layer)
    a, high, wide = columns(x, layer, F32(0))
    return relu(chain(a, w, bias).reshape(x.shape[0], high, wide, -1), layer)


# ---- codes

class Grid:
    def __init__(self, low, high, rule):
        bits, scheme, scale_rule = rule[:3]
        low, high = min(float(low), 0.0), max(float(high), 0.0)
        self.bits = bits
        if scheme == "asymmetric":
            self.least, self.most, scale = 0, 2**bits - 1, (high - low) / (2**bits - 1)
        else:
            self.least, self.most = -2**(bits - 1), 2**(bits - 1) - 1
            scale = max(-low, high) / self.most
        scale = scale or 1.0
        if scale_rule == "power_of_two":
            scale = 2.0**math.ceil(math.log2(scale))
        self.zero = round(-low / scale) if scheme == "asymmetric" else 0
        self.scale = F32(scale)

    def rounded(self, x):
        return np.rint((x / self.scale).astype(F32)).astype(F64) + self.zero

    def codes(self, x):
        return np.clip(self.rounded(x), self.least, self.most).astype(np.int64)

    def values(self, codes):
        return (codes - self.zero).astype(F32) * self.scale


class Grids:
    """of an edge: one for all samples, or one a sample where the range is dynamic"""

    def __init__(self, rule, x):
        self.dynamic, self.rule = rule[3] == "dynamic", rule
        self.one = Grid(x.min(), x.max(), rule)

    def of(self, x):
        return [Grid(s.min(), s.max(), self.rule) if self.dynamic else self.one for s in x]


def encode(x, grids):
    return np.stack([g.codes(s) for g, s in zip(grids, x)])


def decode(codes, grids):
    return np.stack([g.values(s) for g, s in zip(grids, codes)])


def scales_of(grids):
    return np.array([g.scale for g in grids], F32)[:, None, None, None]


class Weights:
    def __init__(self, layer, rule):
        self.rows, self.k = layer.w.shape
        self.group = int(rule[3][5:]) if rule[3].startswith("group") else 0
        step = self.group or self.k
        self.parts = [slice(i, min(i + step, self.k)) for i in range(0, self.k, step)]
        saturated, grids = 0, []
        whole = Grid(layer.w.min(), layer.w.max(), rule)
        self.codes = np.empty(layer.w.shape, np.int64)
        self.values = np.empty(layer.w.shape, F32)
        for row in range(self.rows):
            for part in self.parts:
                w = layer.w[row, part]
                g = whole if rule[3] == "tensor" else Grid(w.min(), w.max(), rule)
                self.codes[row, part] = g.codes(w) - g.zero
                self.values[row, part] = g.values(g.codes(w))
                saturated += np.sum(g.codes(w) != g.rounded(w))
                grids.append(g)
        self.scale = np.array([g.scale for g in grids], F32).reshape(self.rows, -1)
        self.saturated = saturated / layer.w.size
        count = 1 if rule[3] == "tensor" else len(grids)
        each = 4 if rule[2] == "real" else 1
        each += math.ceil(rule[0] / 8) if rule[1] == "asymmetric" else 0
        self.bytes = self.rows * math.ceil(self.k * rule[0] / 8) + count * each


# ---- from sums to codes

def q31(scale):
    fraction, exponent = math.frexp(scale)
    multiplier = math.floor(fraction * 2**31 + 0.5)
    if multiplier == 2**31:
        multiplier, exponent = multiplier // 2, exponent + 1
    return multiplier, exponent


def half_away(x, shift):
    """x / 2^shift, elements are Python's integers"""
    return (abs(x) + (1 << shift >> 1) >> shift) * (1 if x >= 0 else -1)


def scaled(mode, x, scale):
    """round(x * scale) of one integer, as the mode has it"""
    x, scale = int(x), float(scale)
    if mode == "float":
        return int(np.rint(F32(x) * F32(scale)))
    if mode == "rndnu":
        fraction, exponent = math.frexp(float(F32(scale)))
        shift = 24 - exponent
        return x * int(fraction * 2**24) + (1 << shift - 1) >> shift
    if mode == "shift":
        exponent = int(math.log2(scale))
        if exponent >= 0:
            return x << exponent
        whole, rest, half = x >> -exponent, x & (1 << -exponent) - 1, 1 << -exponent - 1
        return whole + (rest > half or (rest == half and whole & 1))
    multiplier, exponent = q31(scale)
    if mode == "q31_single":
        return x * multiplier + (1 << 30 - exponent) >> 31 - exponent
    left, right = max(exponent, 0), max(-exponent, 0)
    product = (x << left) * multiplier
    nudge = 1 << 30 if product >= 0 else 1 - (1 << 30)
    high = (abs(product + nudge) >> 31) * (1 if product + nudge >= 0 else -1)
    if mode == "q31_ties_up":
        return high + (1 << right >> 1) >> right
    return half_away(high, right)


def each_scaled(mode, sums, scale):
    """sums [..., n], one scale or one for each of the last axis"""
    scale = np.broadcast_to(scale, sums.shape)
    return np.array([scaled(mode, x, s) for x, s in zip(sums.ravel(), scale.ravel())],
                    np.int64).reshape(sums.shape)


def clipped(codes, grid, layer):
    low = max(grid.least, grid.zero) if layer.relu else grid.least
    return np.clip(codes + grid.zero, low, grid.most)


def add_codes(mode, a, ga, b, gb, gy):
    if mode == "float":
        m_a, m_b = F32(F64(ga.scale) / F64(gy.scale)), F32(F64(gb.scale) / F64(gy.scale))
        a, b = (a - ga.zero).astype(F32), (b - gb.zero).astype(F32)
        return np.rint(fma(b, m_b, a * m_a)).astype(np.int64)
    a, b = a - ga.zero, b - gb.zero
    if mode == "shift":
        least = min(ga.scale, gb.scale)
        return each_scaled("shift", a * int(ga.scale / least) + b * int(gb.scale / least),
                           least / gy.scale)
    if mode == "rndnu":
        # XNNPACK qs8-vadd-minmax: 21-bit multipliers of a shared shift
        m_a, m_b = float(F32(ga.scale / gy.scale)), float(F32(gb.scale / gy.scale))
        shift = 20 - (math.frexp(max(m_a, m_b))[1] - 1)
        a, b = a * round(m_a * 2**shift), b * round(m_b * 2**shift)
        return a + b + (1 << shift - 1) >> shift
    twice = 2 * max(float(ga.scale), float(gb.scale))
    a = each_scaled(mode, a << 20, float(ga.scale) / twice)
    b = each_scaled(mode, b << 20, float(gb.scale) / twice)
    return each_scaled(mode, a + b, twice / (2**20 * float(gy.scale)))


def integer_layer(layer, mode, weights, bias, codes, grids, out):
    """codes and grids (a list a sample) of each input; (codes, grids) of the output"""
    x, gx = codes[0], grids[0]
    floats = out.dynamic or (weights is not None and weights.group)
    if layer.kind == "add":
        if out.dynamic:
            y = relu(decode(x, gx) + decode(codes[1], grids[1]), layer)
            return encode(y, out.of(y)), out.of(y)
        y = add_codes(mode, x, gx[0], codes[1], grids[1][0], out.one)
        return clipped(y, out.one, layer), [out.one] * len(x)
    if layer.kind == "average_pool":
        if out.dynamic:
            y = compute(layer, [decode(x, gx)], None, None)
            return encode(y, out.of(y)), out.of(y)
        size = x.shape[1] * x.shape[2]
        sums = (x - gx[0].zero).sum(axis=(1, 2), keepdims=True)
        y = each_scaled(mode, sums, F64(gx[0].scale) / (size * F64(out.one.scale)))
        return clipped(y, out.one, layer), [out.one] * len(x)
    moved = np.stack([s - g.zero for s, g in zip(x, gx)])
    a, high, wide = columns(moved, layer, 0)
    shape = (len(x), high, wide, weights.rows)
    if floats:
        y = np.zeros((a.shape[0], weights.rows), F32)
        for i, part in enumerate(weights.parts):
            sums = a[:, part] @ weights.codes[:, part].T
            y = fma(sums.astype(F32), weights.scale[None, :, i], y)
        y = relu(fma(y.reshape(shape), scales_of(gx), np.broadcast_to(bias, shape)), layer)
        return encode(y, out.of(y)), out.of(y)
    unit = F64(gx[0].scale) * weights.scale[:, 0].astype(F64)
    sums = a @ weights.codes.T + np.rint(bias.astype(F64) / unit).astype(np.int64)
    y = each_scaled(mode, sums, unit / F64(out.one.scale)).reshape(shape)
    return clipped(y, out.one, layer), [out.one] * len(x)


# ---- one network under one recipe

def decibel(signal, error):
    return 10 * math.log10(signal / error) if signal > 0 and error > 0 else None


def against(y, truth):
    y, truth = y.astype(F64).ravel(), truth.astype(F64).ravel()
    error, signal = math.fsum((y - truth)**2), math.fsum(truth**2)
    norm = math.sqrt(signal) * math.sqrt(math.fsum(y**2))
    return {"sqnr_db": decibel(signal, error), "relative_rmse": math.sqrt(error / signal),
            "cosine": math.fsum(y * truth) / norm, "max_abs": np.abs(y - truth).max()}


class Run:
    def __init__(self, layers, recipe, calibration, edges):
        recipe = STANDARD | recipe
        self.layers, self.mode, self.a = layers, recipe["mode"], recipe["a"]
        weighted = [i for i, layer in enumerate(layers) if layer.w is not None]
        spared = {"all": [], "skip_first_last": [weighted[0], weighted[-1]],
                  "skip_residual": [i for i, l in enumerate(layers) if l.kind == "add"]}
        self.island = [i in spared[recipe["policy"]] for i in range(len(layers))]
        self.quantizer = [Grids(self.a, x) if self.a else None for x in calibration]
        self.weights = [None if layer.w is None or self.island[i] else Weights(layer, recipe["w"])
                        for i, layer in enumerate(layers)]
        self.float = edges
        self.integers = self.a is not None and self.a[0] <= 8

    def simulate(self, i, inputs, on_grid):
        """(output, its grids or None); inputs that are not on a grid are quantized first"""
        layer = self.layers[i]
        if self.island[i]:
            return compute(layer, inputs, layer.w, layer.b), None
        weights, bias = self.weights[i], layer.b
        grids = []
        if self.a:
            for j, e in enumerate(layer.inputs):
                grids.append(on_grid[j] or self.quantizer[e].of(inputs[j]))
                if not on_grid[j]:
                    inputs[j] = decode(encode(inputs[j], grids[j]), grids[j])
            if weights and not weights.group and not self.quantizer[0].dynamic:
                unit = F64(grids[0][0].scale) * weights.scale[:, 0].astype(F64)
                bias = (np.rint(bias.astype(F64) / unit) * unit).astype(F32)
        y = compute(layer, inputs, weights and weights.values, bias)
        if not self.a:
            return y, None
        grids = self.quantizer[i + 1].of(y)
        self.saturated = np.mean(encode(y, grids) != np.stack(
            [g.rounded(s) for g, s in zip(grids, y)]))
        return decode(encode(y, grids), grids), grids

    def integer(self, i, values, codes, grids):
        """(float values, codes or None, grids or None)"""
        layer = self.layers[i]
        if self.island[i]:
            x = [v if c is None else decode(c, g) for v, c, g in zip(values, codes, grids)]
            return compute(layer, x, layer.w, layer.b), None, None
        for j, e in enumerate(layer.inputs):
            if codes[j] is None:
                grids[j] = self.quantizer[e].of(values[j])
                codes[j] = encode(values[j], grids[j])
        y, g = integer_layer(layer, self.mode, self.weights[i], layer.b, codes, grids,
                             self.quantizer[i + 1])
        return decode(y, g), y, g

    @staticmethod
    def gaps(y, truth):
        """(codes, grids) of two runs: the largest difference of what the codes mean, in steps of the
        second, and the share of codes that differ"""
        gap = max((np.abs((c - g.zero) * F64(g.scale) - (d - h.zero) * F64(h.scale)) /
                   F64(h.scale)).max() if (g.scale, g.zero) != (h.scale, h.zero) else
                  np.abs(c - d).max() for c, g, d, h in zip(*y, *truth))
        return gap, np.mean(y[0] != truth[0])

    def rows(self):
        simulated, on_grid = [self.float[0]], [None]
        values, codes, grids = [self.float[0]], [None], [None]
        for i, layer in enumerate(self.layers):
            e, truth, row = layer.inputs, self.float[i + 1], {}
            if not self.island[i]:
                y, g = self.simulate(i, [self.float[j] for j in e], [None] * len(e))
                all_numbers = against(y, truth)
                row |= {"isolated_sqnr_db": all_numbers["sqnr_db"],
                        "isolated_relative_rmse": all_numbers["relative_rmse"]}
                if g:
                    error = (y.astype(F64) - truth.astype(F64)) / scales_of(g)
                    row["rmse_over_step"] = math.sqrt(math.fsum((error**2).ravel()) / error.size)
                if self.weights[i]:
                    row["weight_saturated_fraction"] = self.weights[i].saturated
            y, g = self.simulate(i, [simulated[j] for j in e], [on_grid[j] for j in e])
            if g:
                row["activation_saturated_fraction"] = self.saturated
            numbers = against(y, truth)
            row |= {"cumulative_sqnr_db": numbers["sqnr_db"],
                    "cumulative_relative_rmse": numbers["relative_rmse"],
                    "cosine": numbers["cosine"], "max_abs": numbers["max_abs"]}
            if self.integers:
                _, c, gi = self.integer(
                    i, [simulated[j] for j in e],
                    [on_grid[j] and encode(simulated[j], on_grid[j]) for j in e],
                    [on_grid[j] for j in e])
                if c is not None:
                    row["step_gap_local"], row["differing_fraction_local"] = \
                        self.gaps((c, gi), (encode(y, g), g))
                v, c, gi = self.integer(i, [values[j] for j in e], [codes[j] for j in e],
                                        [grids[j] for j in e])
                numbers = against(v, truth)
                row |= {"integer_sqnr_db": numbers["sqnr_db"],
                        "integer_relative_rmse": numbers["relative_rmse"]}
                if c is not None:
                    row["step_gap"], row["differing_fraction"] = self.gaps((c, gi), (encode(y, g), g))
                values.append(v), codes.append(c), grids.append(gi)
            simulated.append(y), on_grid.append(g)
            yield layer.name, row
        self.outputs = {"float": self.float[-1], "simulated": simulated[-1]}
        if self.integers:
            self.outputs["integer"] = values[-1]

    def bytes(self):
        return sum((4 * layer.w.size if self.island[i] else self.weights[i].bytes) + 4 * len(layer.b)
                   for i, layer in enumerate(self.layers) if layer.w is not None)


def choice_row(run, target, label, classes):
    def right(y):
        return y.reshape(len(label), -1).argmax(axis=1) == label

    def value(y):
        if classes:
            return np.mean(right(y))
        error = (y.reshape(len(label), -1).astype(F64) - target.astype(F64))**2
        return math.fsum(error.mean(axis=1)) / len(label)

    outputs = run.outputs
    row = {"bytes": run.bytes(), "sqnr_db": against(outputs["simulated"], outputs["float"])["sqnr_db"]}
    row |= {f"value_{execution}": value(y) for execution, y in outputs.items()}
    if classes:
        truth, now = right(outputs["float"]), right(outputs.get("integer", outputs["simulated"]))
        row |= {"lost": np.sum(truth & ~now), "gained": np.sum(now & ~truth)}
    if "integer" in outputs:
        macs = [0 if layer.w is None else layer.w.size * edge.shape[1] * edge.shape[2]
                for layer, edge in zip(run.layers, run.float[1:])]
        row["integer_mac_fraction"] = sum(
            m for m, island in zip(macs, run.island) if not island) / sum(macs)
    return row


def study(name):
    layers = read_network(name)
    side, outputs, classes = (16, 20, 20) if name == "glyphs" else (0, 2, 0)
    generator = Generator(name, side * side or 4, outputs)
    runs = []
    for seed, count in zip((1, 2), SETS[name]):
        x, target, label = generator.samples(seed, 0, count)
        edges = [x.reshape(count, side, side, 1) if side else x.reshape(count, 1, 1, -1)]
        for layer in layers:
            edges.append(compute(layer, [edges[i] for i in layer.inputs], layer.w, layer.b))
        runs.append(edges)
    for recipe in RECIPES:
        whole = STANDARD | recipe
        words = "float" if whole["a"] is None else whole["mode"]
        title = (f"builtin:{name}:cal{SETS[name][0]}:eval{SETS[name][1]} "
                 f"w={text(whole['w'], False)} a={text(whole['a'], True)} half_even {words} "
                 f"{whole['policy']} none s1")
        run = Run(layers, recipe, runs[0], runs[1])
        yield title, list(run.rows()), choice_row(run, target, label, classes)


DRIFT = ["isolated_sqnr_db", "isolated_relative_rmse", "cumulative_sqnr_db",
         "cumulative_relative_rmse", "integer_sqnr_db", "integer_relative_rmse", "cosine", "max_abs",
         "activation_saturated_fraction", "weight_saturated_fraction", "rmse_over_step",
         "step_gap_local", "step_gap", "differing_fraction_local", "differing_fraction"]
CHOICE = ["bytes", "sqnr_db", "value_float", "value_simulated", "value_integer", "lost", "gained",
          "integer_mac_fraction"]


def cell(x):
    return "" if x is None else str(int(x)) if float(x).is_integer() else repr(float(x))


def main():
    folder = pathlib.Path(sys.argv[1])
    with open(folder / "networks_drift.csv", "w") as drift, \
            open(folder / "networks_choice.csv", "w") as choice:
        drift, choice = (csv.writer(f, lineterminator="\n") for f in (drift, choice))
        drift.writerow(["label", "layer"] + DRIFT)
        choice.writerow(["label"] + CHOICE)
        for name in SETS:
            for title, rows, row in study(name):
                for layer, numbers in rows:
                    drift.writerow([title, layer] + [cell(numbers.get(n)) for n in DRIFT])
                choice.writerow([title] + [cell(row.get(n)) for n in CHOICE])


main()
