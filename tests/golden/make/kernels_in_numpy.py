#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every kernel of a library against the words of kernels/kernel.h, worked anew in numpy.

    tests/golden/make/kernels_in_numpy.py build/libquantsweep_kernels.so [GLOB] [SEED]

Run by hand; prints a line a kernel and ends with 1 if a byte differs.  Nothing of the C code is used
but the interface: fused multiply-adds are worked in exact integers (fractions of 2^-x), requantizing in
Python's integers from the sources that kernels/requantize.h names.  Needs numpy (written with 1.24.2,
Python 3.11).
"""
import ctypes as C
import fnmatch
import math
import random
import sys
from fractions import Fraction

import numpy as np

NONE, F32, S64, S32, S16, S8, U8, S4, U4, S3, S2 = range(11)
NAMES = {"f32": F32, "s64": S64, "s32": S32, "s16": S16, "s8": S8, "u8": U8, "s4": S4, "u4": U4,
         "s3": S3, "s2": S2}
GEMM, CONV, QUANTIZE, DEQUANTIZE, DYNAMIC, REQUANTIZE = range(6)
TENSOR, ROW, COLUMN, GROUP = range(4)
FLOAT, Q31_DOUBLE, Q31_SINGLE, Q31_TIES_UP, RNDNU, SHIFT = range(6)
BITS = {F32: 32, S64: 64, S32: 32, S16: 16, S8: 8, U8: 8, S4: 4, U4: 4, S3: 3, S2: 2}
DTYPE = {F32: np.float32, S64: np.int64, S32: np.int32, S16: np.int16, S8: np.int8, U8: np.uint8}


def bounds(t):
    return (0, 2 ** BITS[t] - 1) if t in (U8, U4) else (-2 ** (BITS[t] - 1), 2 ** (BITS[t] - 1) - 1)


class Operand(C.Structure):
    _fields_ = [("type", C.c_int), ("stride", C.c_int64), ("scale", C.POINTER(C.c_float)),
                ("zero", C.POINTER(C.c_int32)), ("per", C.c_int), ("scales", C.c_int64),
                ("group", C.c_int64)]


class Task(C.Structure):
    _fields_ = [("op", C.c_int), ("m", C.c_int64), ("n", C.c_int64), ("k", C.c_int64),
                ("threads", C.c_int32), ("conv", C.c_void_p), ("a", Operand), ("w", Operand),
                ("y", Operand), ("bias", C.POINTER(C.c_int64)), ("bias_f32", C.POINTER(C.c_float)),
                ("requantize", C.c_int), ("round", C.c_int), ("low", C.c_int32), ("high", C.c_int32)]


SIZES = ("batch", "height", "width", "channels", "out_channels", "kernel_h", "kernel_w", "stride_h", "stride_w",
         "dilation_h", "dilation_w", "pad_top", "pad_left", "pad_bottom", "pad_right", "groups")


class Conv(C.Structure):
    _fields_ = [(name, C.c_int64) for name in SIZES]


class Kernel(C.Structure):
    _fields_ = [("name", C.c_char_p), ("peer", C.c_char_p), ("op", C.c_int), ("a", C.c_int),
                ("w", C.c_int), ("y", C.c_int), ("needs", C.c_uint64), ("tile", C.c_uint32 * 3),
                ("over_read", C.c_uint32), ("claim_steps", C.c_uint32), ("claim_relative", C.c_double),
                ("refuse", C.CFUNCTYPE(C.c_char_p, C.POINTER(Task))),
                ("prepare", C.CFUNCTYPE(C.c_void_p, C.POINTER(Task), C.c_void_p,
                                        C.POINTER(C.c_size_t), C.POINTER(C.c_char_p))),
                ("units", C.CFUNCTYPE(C.c_int64, C.c_void_p)),
                ("run", C.CFUNCTYPE(C.c_int, C.c_void_p, C.c_void_p, C.c_void_p, C.c_int64, C.c_int64)),
                ("release", C.CFUNCTYPE(None, C.c_void_p))]


class Library(C.Structure):
    _fields_ = [("interface", C.c_uint32), ("name", C.c_char_p), ("count", C.c_size_t),
                ("kernels", C.POINTER(C.POINTER(Kernel)))]


# exact arithmetic

def to_f32(x):
    """A Fraction rounded once to float32, ties to even; overflow gives infinity."""
    if x == 0:
        return np.float32(0)
    sign, x = (-1, -x) if x < 0 else (1, x)
    e = x.numerator.bit_length() - x.denominator.bit_length()
    if Fraction(2) ** e > x:
        e -= 1
    quantum = Fraction(2) ** (max(e, -126) - 23)
    q = x / quantum
    n = q.numerator // q.denominator
    rest = q - n
    n += rest > Fraction(1, 2) or (rest == Fraction(1, 2) and n & 1)
    value = n * quantum
    if value >= Fraction(2) ** 128:
        return np.float32(sign * math.inf)
    return np.float32(sign * float(value))


def fma(a, b, c):
    a, b, c = float(a), float(b), float(c)
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return np.float32(a * b + c)
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact == 0:
        return np.float32(a * b + c)   # the sign of a zero: as in double, where nothing is rounded
    y = to_f32(exact)
    return np.float32(math.copysign(0.0, exact)) if y == 0 else y


def round_to(q, away):
    if away:
        return math.copysign(math.floor(abs(q) + Fraction(1, 2)), q)
    n = math.floor(q)
    rest = q - n
    return n + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and n % 2 == 1))


def affine(x, scale, zero, low, high, away):
    x, scale = float(x), float(scale)
    if math.isnan(x):
        return low
    if math.isinf(x):
        return high if x > 0 else low
    q = float(to_f32(Fraction(x) / Fraction(scale)))
    if math.isinf(q):
        return high if q > 0 else low
    return int(min(max(int(round_to(Fraction(q), away)) + zero, low), high))


def up(x, shift):          # x / 2^shift to the nearest, ties upward
    return (x + ((1 << shift) >> 1)) >> shift


def away_from_0(x, shift):
    return -up(-x, shift) if x < 0 else up(x, shift)


def even(x, shift):
    return int(round_to(Fraction(x, 1 << shift), False))


def s32(x):
    return min(max(x, -2 ** 31), 2 ** 31 - 1)


def requantized(total, scale, mode, away):
    """gemmlowp, TensorFlow Lite, XNNPACK: the sources in kernels/requantize.h."""
    if mode == FLOAT:
        q = to_f32(Fraction(float(to_f32(Fraction(total)))) * Fraction(float(np.float32(scale))))
        return s32(int(round_to(Fraction(float(q)), away)))
    if mode == SHIFT:
        shift = -int(math.log2(scale))
        if shift <= 0:
            return s32(total << -shift)
        return s32((away_from_0 if away else even)(total, shift))
    if mode == RNDNU:
        mantissa, exponent = math.frexp(float(np.float32(scale)))
        return s32(up(total * int(mantissa * 2 ** 24), 24 - exponent))
    mantissa, exponent = math.frexp(scale)
    q = int(math.floor(mantissa * 2 ** 31 + 0.5))
    if q == 2 ** 31:
        q, exponent = 2 ** 30, exponent + 1
    if exponent < -31:
        q = exponent = 0
    left, right = max(exponent, 0), max(-exponent, 0)
    if mode == Q31_SINGLE:
        return s32(up(total * q, 31 - exponent))
    high = up((total << left) * q, 31)
    return s32(away_from_0(high, right) if mode == Q31_DOUBLE else up(high, right))


# memory

def pack(codes, t, stride):
    rows, columns = codes.shape
    if t in DTYPE:
        out = np.zeros((rows, stride), DTYPE[t])
        out[:, :columns] = codes
        return out
    b = BITS[t]
    out = np.zeros((rows, stride * b // 8), np.uint8)
    for r in range(rows):
        string = 0
        for c in range(columns):
            string |= (int(codes[r, c]) & (1 << b) - 1) << (c * b)
        raw = string.to_bytes(stride * b // 8, "little")
        out[r] = np.frombuffer(raw, np.uint8)
    return out


def whole(t, elements):
    step = {4: 2, 3: 8, 2: 4}.get(BITS[t], 1)
    return (elements + step - 1) // step * step


# convolutions

def draw_conv(rng):
    depthwise = rng.random() < 0.4
    while True:
        groups = rng.randint(1, 40) if depthwise else rng.choice((1, 1, 1, 2, 3))
        c = Conv(batch=rng.randint(1, 2), height=rng.randint(1, 9), width=rng.randint(1, 9), groups=groups,
                 channels=groups * (1 if depthwise else rng.randint(1, 20)),
                 out_channels=groups * (1 if depthwise else rng.randint(1, 40)))
        c.kernel_h, c.kernel_w = (rng.choice((1, 2, 3, 3, 5)) for _ in range(2))
        c.stride_h, c.stride_w = (rng.choice((1, 1, 2, 3)) for _ in range(2))
        c.dilation_h, c.dilation_w = (rng.choice((1, 1, 1, 2)) for _ in range(2))
        c.pad_top, c.pad_left, c.pad_bottom, c.pad_right = (rng.choice((0, 1, 1, 2)) for _ in range(4))
        if c.dilation_h * (c.kernel_h - 1) < c.height + c.pad_top + c.pad_bottom and \
                c.dilation_w * (c.kernel_w - 1) < c.width + c.pad_left + c.pad_right:
            return c


def out_sizes(c):
    return ((c.height + c.pad_top + c.pad_bottom - c.dilation_h * (c.kernel_h - 1) - 1) // c.stride_h + 1,
            (c.width + c.pad_left + c.pad_right - c.dilation_w * (c.kernel_w - 1) - 1) // c.stride_w + 1)


def gemm_of(c):
    h, w = out_sizes(c)
    return c.batch * h * w, c.out_channels, c.kernel_h * c.kernel_w * (c.channels // c.groups)


def patches(c, x):
    """Of x, zero-padded, the patches of each group: [groups][m][k]."""
    h, w = out_sizes(c)
    image = np.pad(x.reshape(c.batch, c.height, c.width, c.channels),
                   ((0, 0), (c.pad_top, c.pad_bottom), (c.pad_left, c.pad_right), (0, 0)))
    taps = [image[:, i * c.dilation_h:i * c.dilation_h + (h - 1) * c.stride_h + 1:c.stride_h,
                  j * c.dilation_w:j * c.dilation_w + (w - 1) * c.stride_w + 1:c.stride_w]
            for i in range(c.kernel_h) for j in range(c.kernel_w)]
    depth = c.channels // c.groups
    return [np.concatenate([tap[..., g * depth:(g + 1) * depth] for tap in taps], 3).reshape(-1, len(taps) * depth)
            for g in range(c.groups)]


class Case:
    def __init__(self, kernel, rng):
        self.kernel, self.rng, self.keep = kernel, rng, []
        name = kernel.name.decode()
        self.types = name[name.index("_") + 1:name.index("__")]
        suffix = self.types.split("_")[1] if "_" in self.types else ""
        self.group = int(suffix[1:]) if suffix[:1] == "g" else 0
        self.channel = suffix == "channel"
        self.product = kernel.op in (GEMM, CONV)
        self.m, self.n, self.k = rng.randint(1, 9), rng.randint(1, 70), rng.randint(1, 300)
        self.conv = draw_conv(rng) if kernel.op == CONV else None
        if self.conv:
            self.m, self.n, self.k = gemm_of(self.conv)
        if not self.product:
            self.n = 1
        self.mode = rng.randrange(6)
        self.round = rng.randrange(2)
        self.task = Task(op=kernel.op, m=self.m, n=self.n, k=self.k, threads=rng.randint(1, 4),
                         requantize=self.mode, round=self.round)
        # a: rows of as many elements
        self.rows, self.columns = self.m, self.k
        if self.conv:
            c = self.conv
            self.rows, self.columns = c.batch * c.height * c.width, c.channels
            self.task.conv = C.cast(C.pointer(c), C.c_void_p)

    def pointer(self, array):
        self.keep.append(array)
        return array.ctypes.data_as(C.c_void_p)

    def codes(self, t, rows, columns=None):
        low, high = bounds(t)
        columns = columns or self.k
        if self.rng.random() < 0.3:
            return np.array([[self.rng.choice((low, high)) for _ in range(columns)] for _ in range(rows)])
        return np.array([[self.rng.randint(low, high) for _ in range(columns)] for _ in range(rows)])

    def operand(self, operand, t, rows, columns, per=TENSOR, group=0, scale=True, zeros=True, draw=None):
        """Fills in the description; gives scales and zero points as [rows][columns] (or None)."""
        operand.type, operand.per, operand.group = t, per, group
        operand.stride = whole(t, columns) + whole(t, 1) * self.rng.randrange(3)
        groups = -(-columns // group) if group else 1
        count = {TENSOR: 1, ROW: rows, COLUMN: columns, GROUP: rows * groups}[per]
        operand.scales = count
        index = np.zeros((rows, columns), int)
        if per == ROW:
            index += np.arange(rows)[:, None]
        elif per == COLUMN:
            index += np.arange(columns)[None, :]
        elif per == GROUP:
            index += np.arange(rows)[:, None] * groups + np.arange(columns)[None, :] // group
        draw = draw or (lambda: self.rng.uniform(0.01, 0.1))
        scales = np.array([draw() for _ in range(count)], np.float32)
        low, high = bounds(t) if t != F32 else (0, 0)
        zero = np.array([self.rng.randint(low, high) for _ in range(count)], np.int32)
        if scale:
            operand.scale = C.cast(self.pointer(scales), C.POINTER(C.c_float))
        if zeros and self.rng.random() < 0.7:
            operand.zero = C.cast(self.pointer(zero), C.POINTER(C.c_int32))
        else:
            zero[:] = 0
        return scales, zero, index

    def unit(self, size):
        x = self.rng.uniform(1, 2) * 64 / size * 2.0 ** self.rng.randint(-3, 3)
        return 2.0 ** math.floor(math.log2(x)) if self.mode == SHIFT else x

    def power(self, x):
        return 2.0 ** math.floor(math.log2(x)) if self.mode == SHIFT else x

    def clamp(self, t):
        low, high = bounds(t)
        if self.rng.random() < 0.3:
            low, high = low // 2, high // 2
        self.task.low, self.task.high = low, high

    def run(self, a, w, rows_y, width, t):
        """Calls the kernel; y as rows of bytes, or the reason of a refusal."""
        kernel, task = self.kernel, self.task
        task.y.type = t
        if not task.y.stride:
            task.y.stride = whole(t, width) + whole(t, 1) * self.rng.randrange(3)
        step = task.y.stride * BITS[t] // 8
        y = np.full(rows_y * step + 8, 0xa5, np.uint8)
        reason = kernel.refuse(C.byref(task))
        if reason:
            return reason
        size, why = C.c_size_t(0), C.c_char_p()
        p = kernel.prepare(C.byref(task), w, C.byref(size), C.byref(why))
        if not p:
            return why.value or b"no memory"
        units = kernel.units(p)
        cut = self.rng.randint(0, units)
        status = kernel.run(p, a, self.pointer(y), cut, units) if cut < units else 0
        status |= kernel.run(p, a, self.pointer(y), 0, cut) if cut else 0
        kernel.release(p)
        assert status == 0
        used = (width * BITS[t] + 7) // 8
        return y[:rows_y * step].reshape(rows_y, step)[:, :used]


def rows_of(values, t):
    return pack(values, t, values.shape[1] if t in DTYPE else whole(t, values.shape[1])).view(np.uint8)


def gemm(case):
    kernel, task, rng = case.kernel, case.task, case.rng
    m, n, k = case.m, case.n, case.k
    if kernel.a == F32:
        rows, columns = case.rows, case.columns
        x = np.array([[rng.gauss(0, 1) for _ in range(columns)] for _ in range(rows)], np.float32)
        v = np.array([[rng.gauss(0, 1) for _ in range(k)] for _ in range(n)], np.float32)
        task.a.type = task.w.type = F32
        task.a.stride, task.w.stride, task.a.scales, task.w.scales = columns + 1, k, 1, 1
        bias = np.array([rng.gauss(0, 1) for _ in range(n)], np.float32)
        if rng.random() < 0.5:
            task.bias_f32 = C.cast(case.pointer(bias), C.POINTER(C.c_float))
        found = case.run(case.pointer(pack(x, F32, columns + 1)), case.pointer(v.copy()), m, n, F32)
        want = np.zeros((m, n), np.float32)
        rows_of_group = patches(case.conv, x) if case.conv else [x]
        for i in range(m):
            for j in range(n):
                acc = np.float32(0)
                row = rows_of_group[j * len(rows_of_group) // n][i]
                for at in range(k):
                    acc = fma(row[at], v[j, at], acc)
                want[i, j] = acc + bias[j] if task.bias_f32 else acc
        return found, rows_of(want, F32)
    scaled, raw = kernel.y == F32, kernel.y in (S32, S64)
    a, w = case.codes(kernel.a, case.rows, case.columns), case.codes(kernel.w, n)
    per_a = ROW if (scaled or raw) and not case.conv and rng.random() < 0.5 else TENSOR
    per_w = GROUP if case.group else ROW if case.channel or (raw and rng.random() < 0.5) else TENSOR
    sa, za, ia = case.operand(task.a, kernel.a, case.rows, case.columns, per_a, draw=lambda: case.power(rng.uniform(.01, .1)))
    ymap = None
    if not raw and not scaled:
        ymap = case.operand(task.y, kernel.y, m, n, draw=lambda: case.power(rng.uniform(.01, .1)))
        case.clamp(kernel.y)
    size = 1e4 * math.sqrt(k)
    sw, zw, iw = case.operand(
        task.w, kernel.w, n, k, per_w, case.group,
        draw=(lambda: case.unit(size) * float(ymap[0][0]) / float(sa[0])) if ymap else None)
    bias = np.array([rng.randint(-2 ** 20, 2 ** 20) for _ in range(n)], np.int64)
    bias_f = np.array([rng.gauss(0, 1) for _ in range(n)], np.float32)
    has_bias = rng.random() < 0.5
    if has_bias and scaled:
        task.bias_f32 = C.cast(case.pointer(bias_f), C.POINTER(C.c_float))
    elif has_bias:
        task.bias = C.cast(case.pointer(bias), C.POINTER(C.c_int64))
    found = case.run(case.pointer(pack(a, kernel.a, task.a.stride)),
                     case.pointer(pack(w, kernel.w, task.w.stride)), m, n, kernel.y)
    left, right = a - za[ia], w - zw[iw]
    if scaled:
        length = case.group or k
        want = np.zeros((m, n), np.float32)
        for i in range(m):
            for j in range(n):
                acc = np.float32(0)
                for g in range(0, k, length):
                    total = int(np.dot(left[i, g:g + length].astype(object), right[j, g:g + length]))
                    acc = fma(to_f32(Fraction(total)), sw[iw[j, g]], acc)
                want[i, j] = fma(acc, sa[ia[i, 0]], bias_f[j] if has_bias else np.float32(0))
        return found, rows_of(want, F32)
    groups = patches(case.conv, left) if case.conv else [left]
    each = n // len(groups)
    total = np.concatenate([group.astype(np.int64) @ right[g * each:(g + 1) * each].astype(np.int64).T
                            for g, group in enumerate(groups)], 1) + (bias if has_bias else 0)
    if raw:
        return found, rows_of(total, kernel.y)
    want = np.zeros((m, n), np.int64)
    for i in range(m):
        for j in range(n):
            unit = float(sa[0]) * float(sw[iw[j, 0]]) / float(ymap[0][0])
            code = requantized(int(total[i, j]), unit, case.mode, case.round) + int(ymap[1][0])
            want[i, j] = min(max(code, task.low), task.high)
    return found, rows_of(want, kernel.y)


def per_of(case):
    return GROUP if case.group else COLUMN if case.channel else case.rng.choice((TENSOR, ROW))


def quantize(case):
    task, rng, m, k = case.task, case.rng, case.m, case.k
    t = case.kernel.y
    s, z, index = case.operand(task.y, t, m, k, per_of(case), case.group)
    case.clamp(t)
    low, high = bounds(t)
    x = np.zeros((m, k), np.float32)
    for i in range(m):
        for j in range(k):
            step = s[index[i, j]]
            q = rng.uniform(1.3 * low - 3, 1.3 * high + 3) - z[index[i, j]]
            if rng.random() < 0.3:
                q = math.floor(q) + 0.5
            x[i, j] = rng.choice((1e30, -1e38, 0.0, -0.0, 1e-44, math.inf, -math.inf)) \
                if rng.random() < 0.05 else np.float32(q) * step
    task.a.type, task.a.stride, task.a.scales = F32, k + 2, 1
    found = case.run(case.pointer(pack(x, F32, k + 2)), None, m, k, t)
    want = np.array([[affine(x[i, j], s[index[i, j]], int(z[index[i, j]]), task.low, task.high, case.round)
                      for j in range(k)] for i in range(m)])
    return found, rows_of(want, t)


def dequantize(case):
    task, m, k = case.task, case.m, case.k
    t = case.kernel.a
    s, z, index = case.operand(task.a, t, m, k, per_of(case), case.group)
    codes = case.codes(t, m)
    found = case.run(case.pointer(pack(codes, t, task.a.stride)), None, m, k, F32)
    want = (codes - z[index]).astype(np.float32) * s[index]
    return found, rows_of(want.astype(np.float32), F32)


def requantize(case):
    task, rng, m, k = case.task, case.rng, case.m, case.k
    t = case.kernel.y
    ys, yz, _ = case.operand(task.y, t, m, k, draw=lambda: case.power(rng.uniform(.01, .1)))
    s, _, index = case.operand(task.a, S32, m, k, COLUMN if case.channel else TENSOR, zeros=False,
                               draw=lambda: case.unit(2 ** rng.randint(10, 30)) * float(ys[0]))
    case.clamp(t)
    sums = np.array([[rng.choice((rng.randint(-2 ** 31, 2 ** 31 - 1), rng.randint(-512, 512)))
                      for _ in range(k)] for _ in range(m)])
    found = case.run(case.pointer(pack(sums, S32, task.a.stride)), None, m, k, t)
    want = np.zeros((m, k), int)
    for i in range(m):
        for j in range(k):
            unit = float(s[index[i, j]]) / float(ys[0])
            code = requantized(int(sums[i, j]), unit, case.mode, case.round) + int(yz[0])
            want[i, j] = min(max(code, task.low), task.high)
    return found, rows_of(want, t)


def dynamic(case):
    task, rng, m, k = case.task, case.rng, case.m, case.k
    t = case.kernel.y
    x = np.array([[rng.gauss(rng.choice((0, 3)), 1) for _ in range(k)] for _ in range(m)], np.float32)
    if rng.random() < 0.3:
        x[0] = 0
    case.clamp(t)
    task.low, task.high = bounds(t)
    task.a.type, task.a.stride, task.a.scales, task.y.scales = F32, k + 1, 1, 1
    task.y.stride = k + 8 + rng.randrange(3)
    found = case.run(case.pointer(pack(x, F32, k + 1)), None, m, k + 8, t)
    want = np.zeros((m, k + 8), np.uint8)
    for i in range(m):
        low, high = min(float(x[i].min()), 0.0), max(float(x[i].max()), 0.0)
        if t == U8:
            step = (high - low) / 255 or 1.0
            zero = int(round_to(Fraction(-low / step), False))
        else:
            step, zero = max(-low, high) / 127 or 1.0, 0
        stored = np.float32(step)
        codes = [affine(v, stored, zero, *bounds(t), case.round) for v in x[i]]
        want[i] = np.frombuffer(stored.tobytes() + np.int32(zero).tobytes() +
                                np.array(codes, DTYPE[t]).tobytes(), np.uint8)
    return found, want


WORK = {GEMM: gemm, CONV: gemm, QUANTIZE: quantize, DEQUANTIZE: dequantize, DYNAMIC: dynamic, REQUANTIZE: requantize}


def main():
    handle = C.CDLL(sys.argv[1])
    handle.quantsweep_library.restype = C.POINTER(Library)
    library = handle.quantsweep_library().contents
    pattern = sys.argv[2] if len(sys.argv) > 2 else "*"
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    wrong = 0
    for i in range(library.count):
        kernel = library.kernels[i].contents
        name = kernel.name.decode()
        if not fnmatch.fnmatch(name, pattern) or kernel.op not in WORK:
            continue
        done, refusals, outputs = 0, set(), 0
        for at in range(12):
            case = Case(kernel, random.Random(f"{seed} {name.split('__')[0]} {at}"))
            found, want = WORK[kernel.op](case)
            if isinstance(found, bytes):
                refusals.add(found.decode())
                continue
            done, outputs = done + 1, outputs + want.size
            if not np.array_equal(found, want):
                rows, columns = np.nonzero(found != want)
                print(f"not ok - {name} case {at} m {case.m} n {case.n} k {case.k} mode {case.mode} "
                      f"round {case.round}: {len(rows)} bytes differ, first at row {rows[0]} byte "
                      f"{columns[0]}: {found[rows[0], columns[0]]}, expected {want[rows[0], columns[0]]}")
                wrong += 1
                break
        else:
            print(f"{'ok' if done else 'not ok'} - {name}: {done} cases, {outputs} bytes; "
                  f"refused: {sorted(refusals) or 'none'}")
            wrong += not done
    return wrong > 0


sys.exit(main())
