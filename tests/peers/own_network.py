#!/usr/bin/env python3
"""A network of three layers, trained by a loop of its own, judged by specbias: its kernels at the start of sixteen and
more networks forecast (gram:) and are sealed, then five others are trained, and their residuals are observed.

    python3 own_network.py SPECBIAS FOLDER [numpy|torch]

Needs numpy; `torch` trains and differentiates by PyTorch. The scripts' own network is
h(x) = (g(x, theta) - g(x, theta_0)) with g = W3 s(W2 s(W1 x + b1) + b2), s = tanh: it starts at zero, as forecasts of a
kernel want it. Exit status is that of `specbias compare`."""
import os
import subprocess
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # matrices are small
import numpy as np

WIDTH, DRAWS, SEEDS, STEPS, ETA = 256, 48, 16, 600, 0.4

CONFIG = """name = "own";
data     = {{ n = 24; a = -1.0; b = 1.0; points = "left"; }};
target   = {{ xi = [0.5, 1.0]; weights = [1.0, 0.5]; amplitude = 0.02; }};
net      = {{ kind = "external"; }};
train    = {{ eta = {eta}; steps = {steps}; records = 80; }};
forecast = {{ sources = ["gram:{kernels}"]; }};
seeds    = {{ count = {seeds}; }};
"""


def start(seed):
    """theta_0, in the scale of the neural tangent kernel: weights of variance 1, layers divided by the root of their
    fan-in."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=s) for s in ((WIDTH, 1), (WIDTH,), (WIDTH, WIDTH), (WIDTH,), (WIDTH,))]


class Numpy:
    """The gradients of g by hand."""

    def __init__(self, theta, x):
        self.theta, self.x, self.root = [p.copy() for p in theta], x, WIDTH**-0.5

    def outputs(self):
        w1, b1, w2, b2, w3 = self.theta
        self.h1 = np.tanh(2 * self.x @ w1.T + b1)
        self.h2 = np.tanh(self.root * self.h1 @ w2.T + b2)
        return self.root * self.h2 @ w3

    def back(self):
        """What the last outputs' gradients are by the sums in front of each activation, d2[n][width], d1[n][width]."""
        w2, w3 = self.theta[2], self.theta[4]
        d2 = self.root * w3 * (1 - self.h2**2)
        return d2, self.root * (d2 @ w2) * (1 - self.h1**2)

    def kernel(self):
        self.outputs()
        d2, d1 = self.back()
        ones = np.ones((len(self.x), len(self.x)))
        return ((4 * self.x @ self.x.T + ones) * (d1 @ d1.T) + (self.root**2 * self.h1 @ self.h1.T + ones) * (d2 @ d2.T)
                + self.root**2 * self.h2 @ self.h2.T)

    def step(self, g, eta):
        """theta -= eta sum_i g_i dh_i/dtheta at the last outputs."""
        d2, d1 = self.back()
        gradient = (2 * (g[:, None] * d1).T @ self.x, g @ d1, self.root * (g[:, None] * d2).T @ self.h1, g @ d2,
                    self.root * g @ self.h2)
        for p, q in zip(self.theta, gradient):
            p -= eta * q


class Torch:
    """The same by automatic differentiation."""

    def __init__(self, theta, x):
        import torch
        self.torch = torch
        torch.set_num_threads(1)
        self.theta = [torch.tensor(p, requires_grad=True) for p in theta]
        self.x, self.root = torch.tensor(x), WIDTH**-0.5

    def outputs(self):
        w1, b1, w2, b2, w3 = self.theta
        h1 = self.torch.tanh(2 * self.x @ w1.T + b1)
        self.h = self.root * self.torch.tanh(self.root * h1 @ w2.T + b2) @ w3
        return self.h.detach().numpy().copy()

    def kernel(self):
        self.outputs()
        rows = [self.torch.cat([p.reshape(-1) for p in self.torch.autograd.grad(h, self.theta, retain_graph=True)])
                for h in self.h]
        j = self.torch.stack(rows).numpy()
        return j @ j.T

    def step(self, g, eta):
        gradient = self.torch.autograd.grad(self.h, self.theta, self.torch.tensor(g))
        with self.torch.no_grad():
            for p, q in zip(self.theta, gradient):
                p -= eta * q


def train(make, seed, x, y, steps):
    """u[record][example] at the steps; L = 1/(2n) sum u^2, plain gradient descent."""
    network = make(start(seed), x)
    first, records = network.outputs(), []
    for step in range(int(steps[-1]) + 1):
        u = network.outputs() - first - y
        if step == steps[len(records)]:
            records.append(u)
        if step < steps[-1]:
            network.step(u / len(u), ETA)
    return np.array(records)


def main(specbias, folder, way):
    make = Torch if way == "torch" else Numpy
    run = lambda *words: subprocess.run([specbias, *words], cwd=folder).returncode
    x = (-1 + 2 * np.arange(24) / 24)[:, None]
    names = [f"K{i}.npy" for i in range(DRAWS)]
    for i, name in enumerate(names):
        np.save(f"{folder}/{name}", make(start(1000 + i), x).kernel())
    with open(f"{folder}/own.cfg", "w") as stream:
        stream.write(CONFIG.format(kernels=",".join(names), eta=ETA, steps=STEPS, seeds=SEEDS))
    if run("forecast", "own.cfg", "-o", "run") != 0:
        return 1
    load = lambda name: np.load(f"{folder}/run/arrays/{name}.npy")
    assert np.allclose(load("x"), x, rtol=0, atol=1e-15)
    steps = load("step")
    for seed in range(SEEDS):
        np.save(f"{folder}/u{seed}.npy", train(make, seed, load("x"), load("y")[:, 0], steps))
    with open(f"{folder}/steps.tsv", "w") as stream:
        stream.write("step\n" + "".join(f"{int(s)}\n" for s in steps))
    files = ",".join(f"u{seed}.npy" for seed in range(SEEDS))
    if run("observe", "run", "--residuals", files, "--steps", "steps.tsv") != 0:
        return 1
    return run("compare", "run")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "numpy"))
