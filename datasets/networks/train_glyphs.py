# SPDX-License-Identifier: MIT
"""Trains builtin:glyphs and writes glyphs.onnx; README.md beside it tells the run."""
import argparse
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import optax

from generator import Generator
from onnx_file import Graph

HERE = pathlib.Path(__file__).resolve().parent
SIDE, CLASSES, EPSILON, MOMENTUM = 16, 20, 1e-5, 0.9
TRAIN_SEED, EVALUATION_SEED = 1000003, 1000033
STEPS, BATCH, RATE, DECAY = 4000, 256, 4e-3, 1e-4

# Convolutions: name, channels in and out, kernel, stride.
CONVOLUTIONS = [
    ("conv1", 1, 12, 3, 1),
    ("block1_conv1", 12, 16, 3, 2), ("block1_conv2", 16, 16, 3, 1), ("block1_skip", 12, 16, 1, 2),
    ("block2_conv1", 16, 32, 3, 2), ("block2_conv2", 32, 32, 3, 1), ("block2_skip", 16, 32, 1, 2),
    ("block3_conv1", 32, 32, 3, 1), ("block3_conv2", 32, 32, 3, 1),
]
# An L1 penalty on the scales of batch normalization, as in Liu et al. 2017 ("network slimming"): it
# makes the channels of a layer unequal.  Projections are left out: it would kill many of theirs.
PENALTY = 1e-3
PENALIZED = [name for name, _, _, kernel, _ in CONVOLUTIONS if kernel > 1]
BLOCKS = [("block1", True), ("block2", True), ("block3", False)]


def initial():
    random = np.random.default_rng(1)
    parameters, averages = {}, {}
    for name, inputs, outputs, kernel, _ in CONVOLUTIONS:
        shape = (outputs, inputs, kernel, kernel)
        deviation = (2 / (inputs * kernel * kernel)) ** 0.5
        parameters[name] = {"weight": random.normal(0, deviation, shape).astype(np.float32),
                            "scale": np.ones(outputs, np.float32),
                            "shift": np.zeros(outputs, np.float32)}
        averages[name] = {"mean": np.zeros(outputs, np.float32),
                          "variance": np.ones(outputs, np.float32)}
    width = CONVOLUTIONS[-1][2]
    parameters["fc"] = {
        "weight": random.normal(0, (1 / width) ** 0.5, (CLASSES, width)).astype(np.float32),
        "bias": np.zeros(CLASSES, np.float32)}
    return parameters, averages


def forward(parameters, averages, x, training):
    """Scores, and the running averages after this batch."""
    moved = {}

    def convolution(name, x):
        p = parameters[name]
        kernel, stride = next(c[3:] for c in CONVOLUTIONS if c[0] == name)
        pad = kernel // 2
        y = jax.lax.conv_general_dilated(x, p["weight"], (stride, stride), [(pad, pad)] * 2,
                                         dimension_numbers=("NCHW", "OIHW", "NCHW"))
        if training:
            now = {"mean": y.mean((0, 2, 3)), "variance": y.var((0, 2, 3))}
            moved[name] = jax.tree.map(lambda a, b: MOMENTUM * a + (1 - MOMENTUM) * b,
                                       averages[name], now)
        else:
            now = averages[name]
        factor = p["scale"] / jnp.sqrt(now["variance"] + EPSILON)
        shift = p["shift"] - now["mean"] * factor
        return y * factor[:, None, None] + shift[:, None, None]

    x = jax.nn.relu(convolution("conv1", x))
    for block, projected in BLOCKS:
        y = jax.nn.relu(convolution(f"{block}_conv1", x))
        y = convolution(f"{block}_conv2", y)
        x = jax.nn.relu(y + (convolution(f"{block}_skip", x) if projected else x))
    x = x.mean((2, 3))
    return x @ parameters["fc"]["weight"].T + parameters["fc"]["bias"], moved


def train(data, steps):
    schedule = optax.warmup_cosine_decay_schedule(0, RATE, 200, steps)
    optimizer = optax.adamw(schedule, weight_decay=DECAY,
                            mask=lambda tree: jax.tree.map(lambda a: a.ndim > 1, tree))

    def loss_of(parameters, averages, x, label):
        scores, moved = forward(parameters, averages, x, True)
        loss = optax.softmax_cross_entropy_with_integer_labels(scores, label).mean()
        scales = sum(jnp.abs(parameters[name]["scale"]).sum() for name in PENALIZED)
        return loss + PENALTY * scales, moved

    @jax.jit
    def step(parameters, averages, state, x, label):
        (loss, moved), gradient = jax.value_and_grad(loss_of, has_aux=True)(
            parameters, averages, x, label)
        update, state = optimizer.update(gradient, state, parameters)
        return optax.apply_updates(parameters, update), moved, state, loss

    parameters, averages = initial()
    state = optimizer.init(parameters)
    for i in range(steps):
        x, _, label = data.samples(TRAIN_SEED, i * BATCH, BATCH)
        parameters, averages, state, loss = step(parameters, averages, state,
                                                 x.reshape(-1, 1, SIDE, SIDE), label)
        if i % 250 == 0:
            print(f"step {i} loss {loss:.4f}", flush=True)
    return parameters, averages


def write(parameters, averages, path):
    graph = Graph()

    def convolution(name, x):
        kernel, stride = next(c[3:] for c in CONVOLUTIONS if c[0] == name)
        p, a, norm = parameters[name], averages[name], f"{name}_bn"
        x = graph.node("Conv", name, [x, graph.parameter(f"{name}.weight", p["weight"])],
                       kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4)
        inputs = [x, graph.parameter(f"{norm}.scale", p["scale"]),
                  graph.parameter(f"{norm}.shift", p["shift"]),
                  graph.parameter(f"{norm}.mean", a["mean"]),
                  graph.parameter(f"{norm}.variance", a["variance"])]
        return graph.node("BatchNormalization", norm, inputs, epsilon=EPSILON)

    x = graph.node("Relu", "conv1_relu", [convolution("conv1", "image")])
    for number, (block, projected) in enumerate(BLOCKS, 1):
        y = graph.node("Relu", f"{block}_conv1_relu", [convolution(f"{block}_conv1", x)])
        y = convolution(f"{block}_conv2", y)
        x = convolution(f"{block}_skip", x) if projected else x
        x = graph.node("Add", f"add{number}", [y, x])
        x = graph.node("Relu", f"add{number}_relu", [x])
    x = graph.node("GlobalAveragePool", "pool", [x])
    x = graph.node("Flatten", "flatten", [x], axis=1)
    fc = parameters["fc"]
    x = graph.node("Gemm", "fc", [x, graph.parameter("fc.weight", fc["weight"]),
                                  graph.parameter("fc.bias", fc["bias"])], "scores", transB=1)
    graph.write(path, "glyphs", "image", [1, SIDE, SIDE], x, CLASSES)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    steps = parser.parse_args().steps
    data = Generator("glyphs", SIDE * SIDE, CLASSES)
    parameters, averages = train(data, steps)
    write(parameters, averages, HERE / "glyphs.onnx")
    x, _, label = data.samples(EVALUATION_SEED, 0, 10000)
    scores, _ = forward(parameters, averages, x.reshape(-1, 1, SIDE, SIDE), False)
    print(f"top-1 {np.mean(np.argmax(scores, 1) == label):.4f} of 10000")


if __name__ == "__main__":
    main()
