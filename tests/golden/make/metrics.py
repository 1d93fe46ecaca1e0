#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The truth behind tests/golden/metrics.csv: what scikit-learn 1.9.1 and numpy 2.4.6 make of small
random outputs.  top1, top5: top_k_accuracy_score; agreement: accuracy_score against the greatest
reference output; mse, mse_to_float: mean_squared_error; psnr: 10 log10(peak^2 / a sample's error),
their mean; auc: roc_auc_score, and the interval of the difference to the reference from DeLong's
structural components, each the mean over all pairs, by numpy.  No two outputs of a sample are equal,
but scores of auc are rounded, so that some are.

    tests/golden/make/metrics.py > tests/golden/metrics.csv
"""
import numpy as np
from sklearn import metrics

RNG = np.random.default_rng(20)


def row(metric, outputs, peak, classes, target, reference, output, *numbers):
    def words(values):
        return " ".join("%.9g" % v for v in np.asarray(values).ravel())

    print(",".join([metric, str(outputs), "%g" % peak, words(classes), words(target), words(reference),
                    words(output)] + ["%.17g" % n for n in numbers]))


def floats(shape, digits=None):
    values = RNG.normal(size=shape)
    return (values if digits is None else values.round(digits)).astype(np.float32)


def counted(samples, outputs):
    classes = RNG.integers(0, outputs, samples)
    output, reference = floats((samples, outputs)), floats((samples, outputs))
    reference[::2] = output[::2] + np.float32(0.25) * reference[::2]
    labels = range(outputs)
    for k, name in (1, "top1"), (5, "top5"):
        if outputs > k:
            row(name, outputs, 1, classes, [], reference, output,
                metrics.top_k_accuracy_score(classes, output, k=k, labels=labels))
    row("agreement", outputs, 1, [], [], reference, output,
        metrics.accuracy_score(reference.argmax(1), output.argmax(1)))


def losses(samples, outputs, peak):
    target, output, reference = (floats((samples, outputs)) for _ in range(3))
    wide = target.astype(float), output.astype(float), reference.astype(float)
    row("mse", outputs, 1, [], target, reference, output, metrics.mean_squared_error(wide[0], wide[1]))
    row("mse_to_float", outputs, 1, [], [], reference, output,
        metrics.mean_squared_error(wide[2], wide[1]))
    errors = ((wide[0] - wide[1]) ** 2).mean(axis=1)
    row("psnr", outputs, peak, [], target, reference, output, (10 * np.log10(peak ** 2 / errors)).mean())


def parts(classes, scores):
    """Each sample's share of the other class that stands on its right side."""
    one, other = scores[classes == 1], scores[classes == 0]
    wins = (one[:, None] > other) + 0.5 * (one[:, None] == other)
    return wins.mean(axis=1), wins.mean(axis=0)


def auc(samples, outputs, digits):
    classes = RNG.integers(0, 2, samples)
    classes[:2] = 0, 1
    output, reference = floats((samples, outputs), digits), floats((samples, outputs), digits)
    output[:, -1] += classes.astype(np.float32)
    reference[:, -1] += 2 * classes.astype(np.float32)

    def score(x):
        x = x.astype(float)
        return x[:, 0] if outputs == 1 else x[:, 1] - x[:, 0]

    value, first = (metrics.roc_auc_score(classes, score(x)) for x in (output, reference))
    here, there = parts(classes, score(output)), parts(classes, score(reference))
    variance = sum(np.var(a - b, ddof=1) / len(a) if len(a) > 1 else np.nan
                   for a, b in zip(here, there))
    half = 1.959964 * np.sqrt(variance)
    row("auc", outputs, 1, classes, [], reference, output, value, value - first,
        value - first - half, value - first + half)


def anomaly(samples, outputs):
    classes = np.arange(samples) % 2
    target, output = floats((samples, outputs)), floats((samples, outputs))
    reference = output + np.float32(0.5) * floats((samples, outputs))
    output[1::2] *= np.float32(1.5)
    scores = [((x.astype(float) - target.astype(float)) ** 2).mean(axis=1)
              for x in (output, reference)]
    value, first = (metrics.roc_auc_score(classes, s) for s in scores)
    here, there = (parts(classes, s) for s in scores)
    half = 1.959964 * np.sqrt(sum(np.var(a - b, ddof=1) / len(a) for a, b in zip(here, there)))
    row("auc", outputs, 1, classes, target, reference, output, value, value - first,
        value - first - half, value - first + half)


print("metric,outputs,peak,classes,target,reference,output,value,difference,low,high")
for size in ((9, 3), (20, 10), (14, 7)):
    counted(*size)
for size in ((1, 1, 1), (5, 3, 255), (3, 40, 2)):
    losses(*size)
for size in ((2, 1, 2), (12, 1, 1), (40, 2, 1), (64, 1, 0), (90, 2, 6)):
    auc(*size)
anomaly(20, 4)
