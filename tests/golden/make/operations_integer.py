#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes tests/golden/operations_integer.csv: codes in, codes out of operations in integers, worked
out here with channels first by their definitions.  numpy 2.4.6.

A line: name;graph (as tests/graphs.h reads it, with " ! " for ";");scale zero of each edge;scale of
the weights, whose codes are their values;codes in;codes out, both in the graph's order.

    tests/golden/make/operations_integer.py > tests/golden/operations_integer.csv
"""
import math

import numpy as np

RNG = np.random.default_rng(31)
f4, f8 = np.float32, np.float64


class Grid:
    def __init__(self, scale, zero):
        self.scale, self.zero = f4(scale), zero

    def value(self, codes):
        return ((np.asarray(codes, "i4") - self.zero).astype("f4") * self.scale).astype("f4")

    def code(self, values):
        q = np.rint((np.asarray(values, "f4") / self.scale).astype("f4"))
        return np.clip(q + self.zero, 0, 255).astype("i4")

    def requantize(self, sums, unit, low=0, high=255):
        """unit: one of the sum, in double; the step is a float32, the product too."""
        step = np.asarray(unit / f8(self.scale), "f8").astype("f4")
        q = np.rint((np.asarray(sums).astype("f4") * step).astype("f4"))
        return np.clip(q + self.zero, low, high).astype("i4")


def case(name, graph, grids, x, y, weight_scale=0):
    x, y = np.asarray(x), np.asarray(y)
    print(name, graph, ",".join("%.9g %d" % (g.scale, g.zero) for g in grids),
          "%.9g" % weight_scale, " ".join(map(str, x.ravel())), " ".join(map(str, y.ravel())),
          sep=";")


def codes(*shape):
    return RNG.integers(0, 256, shape).astype("i4")


def windows(size, kernel, stride, before, after):
    out = (size + before + after - kernel) // stride + 1
    return [(i * stride - before, i * stride - before + kernel) for i in range(out)]


def convolve(x, zero, w, groups, stride, pads):
    """x [C][H][W], w [O][C/g][kh][kw]: whole sums."""
    channels = x.shape[0] // groups
    rows = windows(x.shape[1], w.shape[2], stride[0], pads[0], pads[2])
    columns = windows(x.shape[2], w.shape[3], stride[1], pads[1], pads[3])
    out = np.zeros((w.shape[0], len(rows), len(columns)), "i8")
    for o in range(w.shape[0]):
        group = o // (w.shape[0] // groups)
        for i, (top, _) in enumerate(rows):
            for j, (left, _) in enumerate(columns):
                for c in range(channels):
                    for a in range(w.shape[2]):
                        for b in range(w.shape[3]):
                            if 0 <= top + a < x.shape[1] and 0 <= left + b < x.shape[2]:
                                out[o, i, j] += int(w[o, c, a, b]) * (
                                    int(x[group * channels + c, top + a, left + b]) - zero)
    return out


def numbers(array):
    return " ".join("%g" % v for v in np.asarray(array).ravel())


def conv_case(name, shape, weights, groups, stride, pads, relu=False, ceiling=None):
    g = [Grid(0.05, 131), Grid(0.7, 40)]
    x = codes(*shape)
    w = RNG.integers(-127, 128, weights)
    bias = RNG.normal(0, 3, weights[0]).astype("f4")
    unit = f8(g[0].scale) * f8(f4(0.011))
    sums = convolve(x, g[0].zero, w, groups, stride, pads)
    sums += np.rint(bias.astype("f8") / unit).astype("i8")[:, None, None]
    high = int(g[1].code(ceiling)) if ceiling else 255
    y = g[1].requantize(sums, unit, g[1].zero if relu or ceiling else 0, high)
    tail = "! Relu a > y ! out y" if relu else "! f lo = 0 ! f hi = %g ! Clip a lo hi > y ! out y" % (
        ceiling) if ceiling else "! out a"
    case(name, "in x N %s ! f w %s = %s ! f b %d = %s ! Conv x w b > a group=%d strides=%d,%d "
         "pads=%d,%d,%d,%d %s" % (
             " ".join(map(str, shape)), " ".join(map(str, weights)), numbers(w), weights[0],
             " ".join("%.9g" % v for v in bias), groups, *stride, *pads, tail),
         g, x, y, f4(0.011))


conv_case("depthwise", (5, 6, 5), (5, 1, 3, 3), 5, (2, 1), (1, 0, 1, 2), relu=True)
conv_case("multiplier", (3, 4, 4), (6, 1, 2, 3), 3, (1, 1), (0, 1, 1, 1))
conv_case("grouped", (6, 3, 4), (4, 3, 2, 2), 2, (1, 1), (1, 1, 0, 0))
conv_case("ceiling", (2, 4, 4), (3, 2, 3, 3), 1, (1, 1), (1, 1, 1, 1), ceiling=6)
conv_case("grouped_ceiling", (4, 4, 4), (4, 2, 3, 3), 2, (1, 1), (1, 1, 1, 1), ceiling=20)


def activation(name, op, f, words=""):
    g = [Grid(0.04, 120), Grid(0.013, 77)]
    x = np.arange(256)
    y = g[1].code(np.array([f(float(v)) for v in g[0].value(x)], "f8").astype("f4"))
    case(name, "in x N 256 ! %s x > y %s ! out y" % (op, words), g, x, y)


activation("relu", "Relu", lambda v: max(v, 0.0))
activation("leaky", "LeakyRelu", lambda v: v if v >= 0 else v * float(f4(0.01)))
activation("sigmoid", "Sigmoid", lambda v: 1 / (1 + math.exp(-v)))
activation("tanh", "Tanh", math.tanh)
activation("hard_sigmoid", "HardSigmoid",
           lambda v: min(max(v * 0.25 + 0.375, 0.0), 1.0), "alpha=0.25 beta=0.375")
activation("hard_swish", "HardSwish", lambda v: v * min(max(v / 6 + 0.5, 0.0), 1.0))
activation("clip", "Clip", lambda v: min(max(v, -0.5), 1.25), "min=-0.5 max=1.25")
activation("elu", "Elu", lambda v: v if v >= 0 else 0.5 * (math.exp(v) - 1), "alpha=0.5")

# x * factor + shift: a number a channel, one for all, one an element
g = [Grid(0.04, 120), Grid(0.09, 90)]
x, factor = codes(3, 2, 4), np.array([0.5, -2.0, 3.0])[:, None, None]
shift = np.array([1.5, 0.25, -2.0])[:, None, None]
y = g[1].code((g[0].value(x).astype("f8") * factor + shift).astype("f4"))
case("affine", "in x N 3 2 4 ! f c 3 1 1 = 0.5 -2 3 ! f d 3 1 1 = 1.5 0.25 -2 ! Mul x c > a ! "
     "Add a d > y ! out y", g, x, y)
y = g[1].code((g[0].value(x).astype("f8") - 1.25).astype("f4"))
case("affine_scalar", "in x N 3 2 4 ! f c = 1.25 ! Sub x c > y ! out y", g, x, y)
number = np.round(RNG.normal(0, 2, (3, 2, 4)), 3).astype("f4")
y = g[1].code((g[0].value(x).astype("f8") * number.astype("f8")).astype("f4"))
case("affine_element", "in x N 3 2 4 ! f c 3 2 4 = %s ! Mul x c > y ! out y" % numbers(number), g,
     x, y)


# pools
def pool(x, kernel, stride, pads, f):
    rows = windows(x.shape[1], kernel[0], stride[0], pads[0], pads[2])
    columns = windows(x.shape[2], kernel[1], stride[1], pads[1], pads[3])
    return np.array([[[f(x[c, max(t, 0):b, max(l, 0):r]) for l, r in columns] for t, b in rows]
                     for c in range(x.shape[0])])


g = [Grid(0.04, 120), Grid(0.03, 100)]
x = codes(2, 5, 6)
y = pool(x, (2, 3), (2, 1), (1, 1, 0, 2), np.max)
case("max_pool", "in x N 2 5 6 ! MaxPool x > y kernel_shape=2,3 strides=2,1 pads=1,1,0,2 ! out y",
     g[:1] * 2, x, y)
case("max_pool_relu", "in x N 2 5 6 ! MaxPool x > a kernel_shape=2,3 strides=2,1 pads=1,1,0,2 ! "
     "Relu a > y ! out y", g[:1] * 2, x, np.maximum(y, 120))


def mean(count):
    def f(part):
        n = count or part.size
        return g[1].requantize(int((part - g[0].zero).sum()), f8(g[0].scale) / n)
    return f


# the step is s / (n * s_y) in double, then rounded: as requantize has it for these numbers
y = pool(x, (3, 2), (2, 2), (1, 0, 1, 0), mean(0))
case("average_pool", "in x N 2 5 6 ! AveragePool x > y kernel_shape=3,2 strides=2,2 "
     "pads=1,0,1,0 ! out y", g, x, y)
y = pool(x, (3, 2), (2, 2), (1, 0, 1, 0), mean(6))
case("average_pool_pads", "in x N 2 5 6 ! AveragePool x > y kernel_shape=3,2 strides=2,2 "
     "pads=1,0,1,0 count_include_pad=1 ! out y", g, x, y)
y = pool(x, (5, 6), (1, 1), (0, 0, 0, 0), mean(0))
case("global_average", "in x N 2 5 6 ! GlobalAveragePool x > y ! out y", g, x, y)

# moved codes: the pad is the zero point; another value has a grid of its own
x = codes(2, 3, 4)
case("pad", "in x N 2 3 4 ! Pad x > y pads=0,0,1,2,0,1,0,0 ! out y", g[:1] * 2, x,
     np.pad(x, ((0, 1), (1, 0), (2, 0)), constant_values=120))
y = np.pad(g[1].code(g[0].value(x)), ((0, 0), (1, 0), (0, 2)), constant_values=g[1].code(-1.5))
case("pad_value", "in x N 2 3 4 ! Pad x > y pads=0,0,1,0,0,0,0,2 value=-1.5 ! out y", g, x, y)
case("turned", "in x N 2 3 4 ! Transpose x > a perm=0,2,1,3 ! Flatten a > y ! out y", g[:1] * 2, x,
     x.transpose(1, 0, 2))
case("resized", "in x N 2 3 4 ! f r = 0 ! f s 4 = 1 1 2 2 ! Resize x r s > y nearest_mode=floor "
     "coordinate_transformation_mode=asymmetric ! out y", g[:1] * 2, x,
     x.repeat(2, 1).repeat(2, 2))
x = codes(4, 2, 3)
case("depth_to_space", "in x N 4 2 3 ! DepthToSpace x > y blocksize=2 ! out y", g[:1] * 2, x,
     x.reshape(2, 2, 1, 2, 3).transpose(2, 3, 0, 4, 1).reshape(1, 4, 6))

# Concat of parts and of a function of them, each from its own grid
g = [Grid(0.04, 120), Grid(0.02, 30), Grid(0.05, 99)]
a = g[1].code((-g[0].value(x).astype("f8")).astype("f4"))
y = np.concatenate([g[2].code(g[0].value(x)), g[2].code(g[1].value(a))])
case("concat", "in x N 4 2 3 ! Neg x > a ! Concat x a > y axis=1 ! out y", g, x, y)
y = np.concatenate([g[2].code(np.maximum(g[0].value(x), 0)),
                    g[2].code(np.maximum(g[1].value(a), 0))], 1)
case("concat_relu", "in x N 4 2 3 ! Neg x > a ! Concat x a > b axis=2 ! Relu b > y ! out y", g, x,
     y)
case("split", "in x N 4 2 3 ! Split x > a b axis=1 ! Concat b a > y axis=1 ! out y",
     [g[0]] * 3 + [g[2]], x, np.concatenate([g[2].code(g[0].value(x[2:])),
                                             g[2].code(g[0].value(x[:2]))]))

# a sum with what is repeated: fma(b, m_b, a * m_a) in float32; doubles hold it exactly
g = [Grid(0.04, 120), Grid(0.03, 100), Grid(0.07, 80)]
p = g[1].requantize((x - 120).sum((1, 2)), f8(g[0].scale) / 6)[:, None, None]
m = [f4(f8(one.scale) / f8(g[2].scale)) for one in g[:2]]
q = ((p - 100).astype("f8") * f8(m[1]) + ((x - 120).astype("f4") * m[0]).astype("f8")).astype("f4")
y = np.clip(np.rint(q) + 80, 0, 255).astype("i4")
case("add_repeated", "in x N 4 2 3 ! GlobalAveragePool x > p ! Add x p > y ! out y",
     [g[0], g[1], g[1], g[2]], x, y)
