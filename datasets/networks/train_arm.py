# SPDX-License-Identifier: MIT
"""Trains builtin:arm and writes arm.onnx; README.md beside it tells the run."""
import argparse
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import optax

from generator import Generator
from onnx_file import Graph

HERE = pathlib.Path(__file__).resolve().parent
WIDTHS = [4] + [48] * 8 + [2]
TRAIN_SEED, EVALUATION_SEED = 1000003, 1000033
STEPS, BATCH, RATE = 8000, 1024, 2e-3


def initial():
    random = np.random.default_rng(1)
    return [(random.normal(0, (2 / k) ** 0.5, (n, k)).astype(np.float32), np.zeros(n, np.float32))
            for k, n in zip(WIDTHS, WIDTHS[1:])]


def forward(layers, x):
    for weight, bias in layers[:-1]:
        x = jax.nn.relu(x @ weight.T + bias)
    weight, bias = layers[-1]
    return x @ weight.T + bias


def train(data, steps):
    schedule = optax.cosine_decay_schedule(RATE, steps)
    optimizer = optax.adam(schedule)

    @jax.jit
    def step(layers, state, x, y):
        loss, gradient = jax.value_and_grad(
            lambda layers: jnp.mean((forward(layers, x) - y) ** 2))(layers)
        update, state = optimizer.update(gradient, state)
        return optax.apply_updates(layers, update), state, loss

    layers = initial()
    state = optimizer.init(layers)
    for i in range(steps):
        x, y, _ = data.samples(TRAIN_SEED, i * BATCH, BATCH)
        layers, state, loss = step(layers, state, x, y)
        if i % 1000 == 0:
            print(f"step {i} loss {loss:.3g}", flush=True)
    return layers


def write(layers, path):
    graph = Graph()
    x = "angles"
    for number, (weight, bias) in enumerate(layers, 1):
        name, last = f"fc{number}", number == len(layers)
        inputs = [x, graph.parameter(f"{name}.weight", weight),
                  graph.parameter(f"{name}.bias", bias)]
        x = graph.node("Gemm", name, inputs, "place" if last else None, transB=1)
        if not last:
            x = graph.node("Relu", f"{name}_relu", [x])
    graph.write(path, "arm", "angles", [WIDTHS[0]], x, WIDTHS[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    steps = parser.parse_args().steps
    data = Generator("arm", WIDTHS[0], WIDTHS[-1])
    layers = train(data, steps)
    x, y, _ = data.samples(EVALUATION_SEED, 0, 10000)
    error = np.asarray(forward(layers, x)) - y
    print(f"rmse {np.sqrt(np.mean(error ** 2)):.6f} r2 {1 - np.mean(error ** 2) / np.var(y):.6f}")
    write(layers, HERE / "arm.onnx")


if __name__ == "__main__":
    main()
