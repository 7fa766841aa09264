"""The rows of `make bench` beside the same work by numpy, scipy, torch, jax and neural-tangents.

    speed.py BENCH [-r ROUNDS] [-t THREADS ..] [-o TABLE] [ROW ..]

BENCH is the folder of the bench programs. Each round runs our row, in a process of its own, and then each peer, in a
process that stays and keeps what it compiled. One thread is measured by CPU time, several by the wall. Told are medians over rounds and the ratio peer / ours of the same
round, of the peer that is fastest. Peers are tuned: compiled, AVX-512, passive waits, no return of memory to the system.

Before that our program writes what it computed, and from what, and a peer computes it again: the largest difference,
relative to the largest number, is told, and one above the tolerance of its row is an error.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

LEAST = 0.1  # seconds that a measurement takes at least

# name: program, section and row of the bench, peers; what computes the same from what ours wrote, and how exactly
ROWS = {
    "1-8000-1 tanh, n = 201, Adam": ("bench", "training step", "the same, Adam, fused", ["torch_units", "jax_units"], ("adam", [1, 8000, 1], "tanh", 1e-5, 10), 1e-8),
    "the same in float": ("bench", "training step", "the same, float", ["torch_units32", "jax_units32"], ("adam", [1, 8000, 1], "tanh", 1e-5, 10), 0.02),
    "the same by nodes": ("bench", "training step", "the same, nodes", ["torch_units", "jax_units"], ("adam", [1, 8000, 1], "tanh", 1e-5, 10), 1e-8),
    "1-8000-1 tanh, n = 1601, by nodes": ("bench", "by nodes", "1-8000-1 tanh, n = 1601", ["torch_many", "jax_many"], None, 0),
    "1-8000-1 sine, grid, n = 512": ("bench", "training step", "1-8000-1 sine, grid, n = 512", ["torch_sine", "jax_sine"], ("adam", [1, 8000, 1], "sin", 1e-5, 10), 1e-7),
    "1-8192-1 relu, n = 32, demo": ("bench", "training step", "1-8192-1 relu, n = 32", ["torch_relu", "jax_relu"], None, 0),
    "1-200-100-100-50-1, n = 201": ("bench", "training step", "1-200-100-100-50-1, n = 201", ["torch_deep", "jax_deep"], ("adam", [1, 200, 100, 100, 50, 1], "tanh", 1e-5, 10), 1e-8),
    "the same deep by nodes": ("bench", "by nodes", "1-200-100-100-50-1, n = 201", ["torch_deep", "jax_deep"], None, 0),
    "784-400-200-10, batch 10^4": ("networks", "training step (Adam)", "784-400-200-10, batch 10^4", ["torch_mlp", "jax_mlp"], ("adam", [784, 400, 200, 10], "tanh", 1e-4, 1, 1.0), 1e-6),
    "the same batch in float": ("networks", "training step (Adam)", "the same in float", ["torch_mlp32", "jax_mlp32"], None, 0),
    "conv1d 1-64-64-1, k = 3": ("networks", "training step (Adam)", "conv1d 1-64-64-1, k = 3", ["torch_conv3"], ("conv_adam", 3), 1e-6),
    "conv1d 1-64-64-1, k = 31": ("networks", "training step (Adam)", "conv1d 1-64-64-1, k = 31", ["torch_conv31"], ("conv_adam", 31), 1e-6),
    "NTK 1-8000-1, n = 512": ("kernels", "neural tangent kernel", "1-8000-1 tanh, n = 512", ["numpy_units"], ("kernel", [1, 8000, 1]), 1e-12),
    "NTK 2-8000-1, n = 512": ("kernels", "neural tangent kernel", "2-8000-1 tanh, n = 512", ["numpy_units2"], ("kernel", [2, 8000, 1]), 1e-12),
    "NTK 1-512-512-512-1, n = 1000": ("kernels", "neural tangent kernel", "1-512-512-512-1, n = 1000", ["numpy_deep"], ("kernel", [1, 512, 512, 512, 1]), 1e-12),
    "NTK 2-512-512-512-1, n = 1000": ("kernels", "neural tangent kernel", "2-512-512-512-1, n = 1000", ["numpy_deep2"], ("kernel", [2, 512, 512, 512, 1]), 1e-12),
    "NTK 1-512-512-512-1 in float": ("kernels", "neural tangent kernel", "the same in float", ["numpy_deep32"], ("kernel", [1, 512, 512, 512, 1]), 1e-4),
    "NTK 784-400-200-10, n = 100, full": ("kernels", "neural tangent kernel", "784-400-200-10, n = 100, full", ["numpy_full"], ("kernel", [784, 400, 200, 10], True), 1e-12),
    "NTK conv1d 1-64-64, k = 3, L = 256": ("kernels", "neural tangent kernel", "conv1d 1-64-64, k = 3, L = 256", ["torch_conv_kernel", "jax_conv_kernel"], ("conv_kernel",), 1e-12),
    "infinite NTK relu, depth 3, n = 1000": ("kernels", "infinite width", "relu, depth 3, n = 1000", ["nt_relu"], ("infinite", "relu", 3), 1e-7),  # theirs, on the diagonal: 5e-16 elsewhere
    "infinite NTK erf, depth 3, n = 1000": ("kernels", "infinite width", "erf, depth 3, n = 1000", ["nt_erf"], ("infinite", "erf", 3), 1e-12),
    "infinite NTK tanh, depth 2, n = 200": ("kernels", "infinite width", "tanh, depth 2, n = 200", ["nt_tanh"], ("infinite", "tanh", 2), 0.05),  # theirs is off by .025
    "all pairs, n = 1000": ("kernels", "all eigenpairs, measured", "n = 1000", ["numpy_pairs", "scipy_pairs"], ("values",), 1e-12),
    "all pairs, n = 2000": ("kernels", "all eigenpairs, measured", "n = 2000", ["numpy_pairs2", "scipy_pairs2"], ("values",), 1e-12),
    "top 20 of n = 4000": ("kernels", "20 eigenpairs of 4000 points", "Lanczos iterations", ["scipy_top"], ("values",), 1e-12),
    "LFP, n = 32, 2048 modes, 160 times": ("bench", "forecast of the demo", "lfp, all times", ["numpy_lfp"], None, 0),
    "damped heat, 2561 unknowns, 200 times": ("bench", "heat equation, 200 times", "2561 unknowns, cram14", ["scipy_heat"], ("heat",), 1e-10),
    "gradient flow 1-256-1, t = 40": ("networks", "exact gradient flow", "1-256-1 tanh, n = 16, t = 40", ["scipy_dop853", "scipy_rk45"], ("flow", 40), 1e-5),
    "gradient flow 1-256-1, t = 400": ("networks", "exact gradient flow", "1-256-1 tanh, n = 16, t = 400", ["scipy_dop853_long", "scipy_rk45_long"], ("flow", 400), 1e-5),
    "demo, five seeds of 20 000 steps": ("specbias", "experiments/demo.cfg", "", ["jax_demo"], None, 0),
}

PARTS = {"jax_demo": 200}  # peers that do a part of the work: how often they would have to


def environment(threads):
    tuned = dict(os.environ)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        tuned.pop(name, None)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        tuned[name] = str(threads)
    tuned.update(
        OMP_WAIT_POLICY="passive",
        MALLOC_MMAP_MAX_="0",
        MALLOC_TRIM_THRESHOLD_="8589934592",
        TF_CPP_MIN_LOG_LEVEL="3",
        JAX_PLATFORMS="cpu",
        XLA_FLAGS="--xla_cpu_multi_thread_eigen=%s intra_op_parallelism_threads=%d" % (str(threads > 1).lower(), threads),
    )
    if "avx512bw" in open("/proc/cpuinfo").read():  # torch takes AVX2 unless it is asked
        tuned["ATEN_CPU_CAPABILITY"] = "avx512"
    return tuned


# ---- the peers: each makes its inputs once and returns what is to be timed ----


def torch_step(model, x, y, gd=False):
    import torch

    optimiser = torch.optim.SGD(model.parameters(), lr=1e-4) if gd else torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)

    @torch.compile
    def loss_of(x, y):
        return ((model(x) - y) ** 2).sum() / (2 * len(x))

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss_of(x, y).backward()
        optimiser.step()

    return step


def torch_layers(sizes, activation, n, dtype, gd=False):
    import torch

    torch.manual_seed(1)
    torch.set_default_dtype(dtype)
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers += [torch.nn.Linear(a, b)] + ([activation()] if i + 2 < len(sizes) else [])
    return torch_step(torch.nn.Sequential(*layers), torch.rand(n, sizes[0]), torch.rand(n, sizes[-1]), gd)


def torch_units(dtype="float64"):
    import torch

    return torch_layers([1, 8000, 1], torch.nn.Tanh, 201, getattr(torch, dtype))


def torch_units32():
    return torch_units("float32")


def torch_sine():
    import torch

    class Sine(torch.nn.Module):
        def forward(self, z):
            return torch.sin(z)

    return torch_layers([1, 8000, 1], Sine, 512, torch.float64)


def torch_deep():
    import torch

    return torch_layers([1, 200, 100, 100, 50, 1], torch.nn.Tanh, 201, torch.float64)


def torch_many():
    import torch

    return torch_layers([1, 8000, 1], torch.nn.Tanh, 1601, torch.float64)


def torch_relu():
    import torch

    return torch_layers([1, 8192, 1], torch.nn.ReLU, 32, torch.float64, gd=True)


def torch_mlp(dtype="float64"):
    import torch

    return torch_layers([784, 400, 200, 10], torch.nn.Tanh, 10000, getattr(torch, dtype))


def torch_mlp32():
    return torch_mlp("float32")


def torch_conv(k):
    import torch

    torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    model = torch.nn.Sequential(
        torch.nn.Conv1d(1, 64, k, padding="same"), torch.nn.ReLU(),
        torch.nn.Conv1d(64, 64, k, padding="same"), torch.nn.ReLU(),
        torch.nn.Conv1d(64, 1, k, padding="same"))
    return torch_step(model, torch.rand(100, 1, 1000), torch.rand(100, 1, 1000))


def torch_conv3():
    return torch_conv(3)


def torch_conv31():
    return torch_conv(31)


def jax_step(theta, x, y, name, rate=1e-4, gd=False, factor=0.5):
    """The state theta, m, v, t and what makes a step of it."""
    import jax
    import jax.numpy as jnp

    activation = jax.nn.relu if name == "relu" else getattr(jnp, name)

    def loss(theta):
        h = x
        for i, (w, b) in enumerate(theta):
            h = h @ w + b
            h = activation(h) if i + 1 < len(theta) else h
        return factor * ((h - y) ** 2).sum() / len(x)

    def update(w, m, v, g, t):
        if gd:
            return w - rate * g, m, v
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return (w - rate * m / (1 - 0.9**t) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)).astype(w.dtype), m, v

    @jax.jit
    def step(state):
        theta, m, v, t = state
        leaves, tree = jax.tree_util.tree_flatten(theta)
        rows = [update(*a, t) for a in zip(leaves, tree.flatten_up_to(m), tree.flatten_up_to(v), jax.tree_util.tree_leaves(jax.grad(loss)(theta)))]
        return tuple(tree.unflatten(part) for part in zip(*rows)) + (t + 1,)

    zero = jax.tree_util.tree_map(jnp.zeros_like, theta)
    return step, (theta, zero, zero, jnp.asarray(1.0, x.dtype))


def jax_layers(sizes, name, n, dtype="float64", gd=False):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    keys = jax.random.split(jax.random.PRNGKey(1), len(sizes))
    theta = [(jax.random.normal(k, (a, b), dtype) / a**0.5, jnp.zeros(b, dtype)) for k, a, b in zip(keys, sizes, sizes[1:])]
    step, start = jax_step(theta, jax.random.normal(keys[-1], (n, sizes[0]), dtype), jnp.ones((n, sizes[-1]), dtype), name, gd=gd)
    state = [start]

    def call():
        state[0] = jax.block_until_ready(step(state[0]))

    return call


def jax_units():
    return jax_layers([1, 8000, 1], "tanh", 201)


def jax_units32():
    return jax_layers([1, 8000, 1], "tanh", 201, "float32")


def jax_sine():
    return jax_layers([1, 8000, 1], "sin", 512)


def jax_deep():
    return jax_layers([1, 200, 100, 100, 50, 1], "tanh", 201)


def jax_many():
    return jax_layers([1, 8000, 1], "tanh", 1601)


def jax_relu():
    return jax_layers([1, 8192, 1], "relu", 32, gd=True)


def jax_demo():
    """500 of the steps of all seeds, in one compiled loop."""
    import jax

    jax.config.update("jax_enable_x64", True)
    keys = jax.random.split(jax.random.PRNGKey(1), 2)
    theta = [(jax.random.normal(keys[0], (1, 8192)), jax.numpy.zeros(8192)), (jax.random.normal(keys[1], (8192, 1)), jax.numpy.zeros(1))]
    step, start = jax_step(theta, jax.random.normal(keys[0], (32, 1)), jax.numpy.ones((32, 1)), "relu", gd=True)
    some = jax.jit(lambda state: jax.lax.fori_loop(0, 500, lambda i, now: step(now), state))
    return lambda: jax.block_until_ready(some(start))


def jax_mlp():
    return jax_layers([784, 400, 200, 10], "tanh", 10000)


def jax_mlp32():
    return jax_layers([784, 400, 200, 10], "tanh", 10000, "float32")


# Kernels: of layers (w[fan_in][units], b[units], factor of the weights' part, of the biases').


def random_layers(sizes, dtype="float64"):
    import numpy as np

    rng = np.random.default_rng(1)
    return [(rng.normal(size=s).astype(dtype) / s[0] ** 0.5, np.zeros(s[1], dtype), 1, 1) for s in zip(sizes, sizes[1:])]


def numpy_kernel(x, layers, full=False):
    """K = sum over layers of (in in^T + 1) o (back back^T), back the gradient by the layer's sums."""
    import numpy as np

    ins, slopes, h = [], [], x
    for i, (w, b, _, _) in enumerate(layers):
        ins.append(h)
        h = h @ w + b
        if i + 1 < len(layers):
            h = np.tanh(h)
            slopes.append(1 - h * h)
    n, outputs = h.shape
    back = np.broadcast_to(np.eye(outputs), (n, outputs, outputs)) if full else np.ones((n, 1), x.dtype)
    gram = 0
    for i in reversed(range(len(layers))):
        w, _, weight2, bias2 = layers[i]
        forward = ins[i] @ ins[i].T
        forward *= weight2
        forward += bias2
        if full:
            rows = np.ascontiguousarray(back).reshape(n * outputs, -1)
            gram = gram + ((rows @ rows.T).reshape(n, outputs, n, outputs) * forward[:, None, :, None])
        else:
            forward *= back @ back.T
            gram += forward
        if i > 0:
            back = (back @ w.T) * (slopes[i - 1][:, None, :] if full else slopes[i - 1])
    return gram.reshape(n * outputs, n * outputs) if full else gram


def numpy_network(sizes, n, full=False, dtype="float64"):
    import numpy as np

    layers, x = random_layers(sizes, dtype), np.random.default_rng(2).normal(size=(n, sizes[0])).astype(dtype)
    return lambda: numpy_kernel(x, layers, full)


def numpy_units():
    return numpy_network([1, 8000, 1], 512)


def numpy_units2():
    return numpy_network([2, 8000, 1], 512)


def numpy_deep():
    return numpy_network([1, 512, 512, 512, 1], 1000)


def numpy_deep2():
    return numpy_network([2, 512, 512, 512, 1], 1000)


def numpy_deep32():
    return numpy_network([1, 512, 512, 512, 1], 1000, dtype="float32")


def numpy_full():
    return numpy_network([784, 400, 200, 10], 100, True)


CHUNK = 20  # gradients that torch takes at a time


def random_convolutions():
    import numpy as np

    rng = np.random.default_rng(1)
    shapes = ((64, 1, 3), (64, 64, 3), (64 * 256,))
    weights = [rng.normal(size=shape) / (3 * shape[1] if len(shape) > 1 else shape[0]) ** 0.5 for shape in shapes]
    return weights, [np.zeros(64), np.zeros(64), np.zeros(1)], [1] * 6, rng.normal(size=(200, 1, 256))


def jax_convolutions(weights, biases, scales, x):
    """J J^T of all weights and biases, one gradient after the other: of several at a time XLA's are slower."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    theta = [jnp.asarray(part) for pair in zip(weights, biases) for part in pair]
    x = jnp.asarray(x)

    def h(theta, x):
        y = x[None]
        for w, b in ((theta[0], theta[1]), (theta[2], theta[3])):
            y = jax.nn.relu(jax.lax.conv_general_dilated(y, w, (1,), "SAME", dimension_numbers=("NCH", "OIH", "NCH")) + b[:, None])
        return y.ravel() @ theta[4] + theta[5][0]

    @jax.jit
    def kernel(theta):
        parts = jax.lax.map(lambda one: jax.grad(h)(theta, one), x)
        j = jnp.concatenate([g.reshape(len(x), -1) * s**0.5 for g, s in zip(parts, scales)], 1)
        return j @ j.T

    return lambda: jax.block_until_ready(kernel(theta))


def jax_conv_kernel():
    return jax_convolutions(*random_convolutions())


def torch_conv_kernel():
    import torch
    from torch.func import grad, vmap

    weights, biases, _, x = random_convolutions()
    theta = [torch.tensor(part) for pair in zip(weights, biases) for part in pair]
    x = torch.tensor(x)

    def h(theta, x):
        y = x[None]
        for w, b in ((theta[0], theta[1]), (theta[2], theta[3])):
            y = torch.relu(torch.nn.functional.conv1d(y, w, b, padding="same"))
        return y.reshape(-1) @ theta[4] + theta[5][0]

    some = torch.compile(vmap(grad(h), (None, 0)))

    def kernel():
        parts = [some(theta, chunk) for chunk in x.split(CHUNK)]
        j = torch.cat([torch.cat([g.reshape(len(g), -1) for g in part], 1) for part in parts])
        return j @ j.T

    return kernel


def nt_kernel(name, depth=3, x=None):
    import jax
    import jax.interpreters.ad as ad

    for lost in ("linear_jvp", "UndefinedPrimal"):  # names that neural-tangents 0.6.5 takes from there
        if not hasattr(ad, lost):
            setattr(ad, lost, getattr(__import__("jax._src.interpreters.ad", fromlist=[lost]), lost, None))
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    from neural_tangents import stax

    activation = {"relu": stax.Relu, "erf": stax.Erf, "tanh": lambda: stax.ElementwiseNumerical(jnp.tanh, deg=25)}[name]
    layers = [part for i in range(depth) for part in (stax.Dense(1, W_std=2**0.5 if i else 1, b_std=0.1**0.5), activation())]
    _, _, kernel = stax.serial(*layers, stax.Dense(1, W_std=2**0.5, b_std=0.1**0.5))
    x = jax.random.normal(jax.random.PRNGKey(1), (200 if name == "tanh" else 1000, 10)) if x is None else jnp.asarray(x)
    compiled = jax.jit(lambda x: kernel(x, None, "ntk"))
    return lambda: jax.block_until_ready(compiled(x))


def nt_relu():
    return nt_kernel("relu")


def nt_erf():
    return nt_kernel("erf")


def nt_tanh():
    return nt_kernel("tanh", 2)


def gram(n):
    """Of a network like that whose eigenpairs our row takes: what Lanczos needs depends on the spectrum."""
    import numpy as np

    return numpy_kernel(np.random.default_rng(2).normal(size=(n, 10)), random_layers([10, 1000, 1000, 1]))


def numpy_pairs(n=1000):
    import numpy as np

    k = gram(n)
    return lambda: np.linalg.eigh(k)


def scipy_pairs(n=1000):
    import scipy.linalg

    k = gram(n)
    return lambda: scipy.linalg.eigh(k, driver="evd")


def numpy_pairs2():
    return numpy_pairs(2000)


def scipy_pairs2():
    return scipy_pairs(2000)


def scipy_top():
    import scipy.sparse.linalg

    k = gram(4000)
    return lambda: scipy.sparse.linalg.eigsh(k, 20)


def numpy_lfp():
    """The same matrix K_ij = sum over modes of K^(xi) cos(2 pi xi (x_i - x_j)), its eigenpairs, three amplitudes at 160 times."""
    import numpy as np

    n, modes = 32, 2048
    x = -0.5 + (np.arange(n) + 0.5) / n
    xi = np.arange(modes) + 0.5
    t = np.geomspace(0.02, 400, 160)
    u0 = 0.1 * sum(np.sin(2 * np.pi * k * x) for k in (1, 3, 5))
    waves = np.exp(-2j * np.pi * np.outer([1, 3, 5], x)) / n

    def forecast():
        phase = 2 * np.pi * np.outer(x, xi)
        root = 1 / (1 + xi)
        f = np.concatenate([np.cos(phase) * root, np.sin(phase) * root], 1)
        rate, v = np.linalg.eigh(f @ f.T / n)
        return (waves @ v) @ ((v.T @ u0)[:, None] * np.exp(-np.outer(rate, t)))

    return forecast


HEAT_TIMES, HEAT_PROBES = [10.0 * (i + 1) for i in range(200)], [80, 400, 720]  # nodes of w = 4, 20, 36
CRAM = [  # of order 14 (Carpenter, Ruttan, Varga 1984): poles and residues, one of each pair
    (-8.8976832704341469 + 16.631088780519601j, -7.1563811021439560e-5 + 1.4361540128911295e-4j),
    (-3.7032153560297569 + 13.656464690625354j, 9.4410688631695570e-3 - 1.7184956988393330e-2j),
    (-0.20871822417434258 + 10.991334648733631j, -0.37639816147126576 + 0.33517167264542480j),
    (2.2698131946439579 + 8.4617923637597769j, 4.8073323110354638 - 1.3207878209126502j),
    (3.9933939169875869 + 6.0048677845541825j, -23.498725527056333 - 5.8092833234109307j),
    (5.0893675640422691 + 3.5888443387505058j, 46.933753012699562 + 45.645777083753082j),
    (5.6231647859020466 + 1.1940755588858047j, -27.875331140176304 - 102.15032871836743j),
]


def heat_system():
    """Linear elements of .05 on [0, 64]: M y' = -S y, diagonals and those beside them, and the start of Re U, Im U."""
    import numpy as np

    n, h = 1281, 0.05
    w = h * np.arange(n)
    mass, stiff = np.zeros((2, n)), np.zeros((2, n))
    for place, weight in zip((-(0.6**0.5), 0, 0.6**0.5), (5 / 18, 4 / 9, 5 / 18)):
        right = (1 + place) / 2
        rho = weight * h * np.exp(-0.5 * ((w[:-1] + right * h) / 12) ** 2) / (12 * (2 * np.pi) ** 0.5)
        stiff[0, :-1] += rho * ((1 - right) ** 2 + 1 / h**2)
        stiff[0, 1:] += rho * (right**2 + 1 / h**2)
        stiff[1, :-1] += rho * (right * (1 - right) - 1 / h**2)
    mass[0, :-1] += h / 3
    mass[0, 1:] += h / 3
    mass[1, :-1] = h / 6
    return mass, stiff, np.exp(-0.1 * (w - 4) ** 2), w * np.exp(-0.1 * (w - 20) ** 2)


def scipy_heat():
    """y(t) = -2 Re sum_k c_k (t S + z_k M)^-1 M y(0), Re U with its node at 0, Im U without."""
    import numpy as np
    from scipy.linalg.lapack import zgtsv

    mass, stiff, *start = heat_system()

    def product(y):
        z = mass[0] * y
        z[:-1] += mass[1, :-1] * y[1:]
        z[1:] += mass[1, :-1] * y[:-1]
        return z

    load = [product(start[0]), product(start[1])[1:]]

    def solve():
        found = np.zeros((len(HEAT_TIMES), 2, len(HEAT_PROBES)))
        for i, t in enumerate(HEAT_TIMES):
            for pole, residue in CRAM:
                system = t * stiff + pole * mass
                for part, right in enumerate(load):
                    off = system[1, part:-1]
                    x = zgtsv(off, system[0, part:], off, right)[3]
                    found[i, part] -= 2 * (residue * x[np.array(HEAT_PROBES) - part]).real
        return found

    return solve


def flow_slope(x, y):
    """theta' = -grad sum (h - y)^2 / 2n, h = (g(w, l, a) - g(w', l', a')) / 2^1/2, g = m^-1/2 sum_j a_j tanh(w_j (x + l_j)),
    of copies that are the same at the start; and h."""
    import numpy as np

    def parts(theta):
        w, l, a = theta.reshape(2, 3, -1).transpose(1, 0, 2).reshape(3, -1)  # of both copies
        place = x[:, None] + l
        return w, a, place, np.tanh(w * place), np.repeat([1, -1], len(w) // 2) * len(w) ** -0.5

    def h(theta):
        _, a, _, s, scale = parts(theta)
        return s @ (scale * a)

    def slope(t, theta):
        w, a, place, s, scale = parts(theta)
        u = (s @ (scale * a) - y) / len(x)
        back = (u[:, None] * (1 - s * s)) * (scale * a)
        g = np.stack([(back * place).sum(0), back.sum(0) * w, scale * (u @ s)])
        return -g.reshape(3, 2, -1).transpose(1, 0, 2).ravel()

    return slope, h


def flow_end(x, y, theta, end, method, rtol):
    from scipy.integrate import solve_ivp

    slope, h = flow_slope(x, y)
    return h(solve_ivp(slope, (0, end), theta, method, rtol=rtol, atol=rtol).y[:, -1]) - y


def flow_peer(end, method, rtol):
    """Errors of 1e-6 of the largest |y|, as ours."""
    import numpy as np

    rng, m = np.random.default_rng(1), 128
    one = np.stack([3 * rng.normal(size=m), rng.uniform(-1, 1, m), 3 * rng.normal(size=m)])
    theta = np.concatenate([one.ravel(), one.ravel()])
    x = (np.arange(16) + 0.5) / 16 - 0.5
    y = 0.1 * (np.sin(2 * np.pi * x) + np.sin(6 * np.pi * x))
    return lambda: flow_end(x, y, theta, end, method, rtol)


def scipy_dop853():
    return flow_peer(40, "DOP853", 3e-9)


def scipy_rk45():
    return flow_peer(40, "RK45", 1e-8)


def scipy_dop853_long():
    return flow_peer(400, "DOP853", 3e-9)


def scipy_rk45_long():
    return flow_peer(400, "RK45", 1e-8)


# ---- the same from what ours wrote: pairs of arrays that are to be equal ----


def wrote(folder, name):
    import numpy as np

    return np.fromfile(os.path.join(folder, name + ".f64"))


def network_of(folder, sizes, name="theta"):
    """[(w[fan_in][units], b[units])]; ours stand as w[units][fan_in], b."""
    theta, at, layers = wrote(folder, name), 0, []
    for a, b in zip(sizes, sizes[1:]):
        layers.append((theta[at : at + a * b].reshape(b, a).T, theta[at + a * b : at + a * b + b]))
        at += a * b + b
    return layers


def same_kernel(folder, sizes, full=False):
    scales = wrote(folder, "scales").reshape(-1, 2)
    layers = [(w * s**0.5, b * t**0.5, s, t) for (w, b), (s, t) in zip(network_of(folder, sizes), scales)]
    return wrote(folder, "gram"), numpy_kernel(wrote(folder, "x").reshape(-1, sizes[0]), layers, full)


def same_adam(folder, sizes, name, rate, steps, factor=0.5):
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_enable_x64", True)
    theta = [(jnp.asarray(w), jnp.asarray(b)) for w, b in network_of(folder, sizes)]
    x, y = (jnp.asarray(wrote(folder, name).reshape(-1, size)) for name, size in (("x", sizes[0]), ("y", sizes[-1])))
    step, state = jax_step(theta, x, y, name, rate, factor=factor)
    for _ in range(steps):
        state = step(state)
    moved = [np.concatenate([w.T.ravel(), b]) for w, b in state[0]]
    return wrote(folder, "end") - wrote(folder, "theta"), np.concatenate(moved) - wrote(folder, "theta")


def convolutions_of(folder, k, last):
    """Weights as [units][channels][taps], and biases; ours stand as [units][taps][channels]."""
    theta, at, weights, biases = wrote(folder, "theta"), 0, [], []
    for units, taps, channels in ((64, k, 1), (64, k, 64), last):
        size = units * taps * channels
        weights.append(theta[at : at + size].reshape(units, taps, channels).transpose(0, 2, 1))
        biases.append(theta[at + size : at + size + units])
        at += size + units
    return weights, biases


def same_conv_adam(folder, k):
    """One step."""
    import numpy as np
    import torch

    torch.set_default_dtype(torch.float64)
    weights, biases = convolutions_of(folder, k, (1, k, 64))
    theta = [torch.tensor(part.copy(), requires_grad=True) for pair in zip(weights, biases) for part in pair]
    optimiser = torch.optim.Adam(theta, lr=1e-4)
    y = torch.tensor(wrote(folder, "x").reshape(-1, 1, 1000))
    for i in range(3):
        y = torch.nn.functional.conv1d(y, theta[2 * i], theta[2 * i + 1], padding="same")
        y = torch.relu(y) if i < 2 else y
    (((y - torch.tensor(wrote(folder, "y").reshape(-1, 1, 1000))) ** 2).sum() / len(y)).backward()
    optimiser.step()
    moved = [part.detach().numpy() for part in theta]
    moved = np.concatenate([(part.transpose(0, 2, 1) if part.ndim == 3 else part).ravel() for part in moved])
    return wrote(folder, "end") - wrote(folder, "theta"), moved - wrote(folder, "theta")


def same_conv_kernel(folder):
    weights, biases = convolutions_of(folder, 3, (1, 256, 64))
    last, bias = wrote(folder, "scales")[-2:]  # ours tell none of convolutions, whose are 1 / fan in
    scales = [1 / 3, bias, 1 / 192, bias, last, bias]
    weights = [w * s**0.5 for w, s in zip(weights, scales[0::2])]
    biases = [b * s**0.5 for b, s in zip(biases, scales[1::2])]
    weights[2] = weights[2].ravel()
    return wrote(folder, "gram"), jax_convolutions(weights, biases, scales, wrote(folder, "x").reshape(-1, 1, 256))()


def same_infinite(folder, name, depth):
    return wrote(folder, "gram"), nt_kernel(name, depth, wrote(folder, "x").reshape(-1, 10))()


def same_values(folder):
    import scipy.linalg

    values, k = wrote(folder, "values"), wrote(folder, "gram")
    n = int(k.size**0.5)
    return values, scipy.linalg.eigh(k.reshape(n, n), eigvals_only=True, subset_by_index=(n - len(values), n - 1))[::-1]


def same_heat(folder):
    """By all eigenpairs, another way than ours and the peer's."""
    import numpy as np
    import scipy.linalg

    mass, stiff, *start = heat_system()
    found = np.zeros((len(HEAT_TIMES), len(HEAT_PROBES), 2))
    for part in (0, 1):
        m, s = (np.diag(d) + np.diag(o[:-1], 1) + np.diag(o[:-1], -1) for d, o in ((mass[0, part:], mass[1, part:]), (stiff[0, part:], stiff[1, part:])))
        rate, v = scipy.linalg.eigh(s, m)
        found[:, :, part] = np.exp(-np.outer(HEAT_TIMES, rate)) @ ((v.T @ (m @ start[part][part:]))[:, None] * v[np.array(HEAT_PROBES) - part].T)
    return wrote(folder, "u"), found


def same_flow(folder, end):
    return wrote(folder, "u"), flow_end(wrote(folder, "x"), wrote(folder, "y"), wrote(folder, "theta"), end, "DOP853", 1e-11)


def difference(row, folder):
    import numpy as np

    ours, theirs = (np.asarray(part).ravel() for part in globals()["same_" + ROWS[row][4][0]](folder, *ROWS[row][4][1:]))
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


# ---- measuring ----


def work(threads):
    """Answers the names of peers on standard input with seconds of one call."""
    calls = {}
    clock = time.process_time if threads == 1 else time.perf_counter  # as the bench: other programs' turns do not count
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        name = line.strip()
        try:
            if name.startswith("{"):
                answers.write(json.dumps({"difference": difference(**json.loads(name))}) + "\n")
                answers.flush()
                continue
            if name not in calls:
                if name.startswith("torch"):
                    import torch

                    torch.set_num_threads(threads)
                calls[name] = globals()[name]()
                for _ in range(3):
                    calls[name]()
            began, count = clock(), 0
            while count == 0 or clock() - began < LEAST:
                calls[name]()
                count += 1
            answer = {"seconds": (clock() - began) / count * PARTS.get(name, 1)}
        except Exception as error:  # a peer that is not there, or does not do it
            answer = {"error": "%s: %s" % (type(error).__name__, str(error).splitlines()[0] if str(error) else "")}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def whole_run(bench, config, threads, environment):
    """Forecast, seal, training, comparison and figures by the program."""
    with tempfile.TemporaryDirectory() as folder:
        before, began = os.times(), time.perf_counter()
        program = os.path.join(bench, "..", "..", "bin", "specbias")
        subprocess.run([program, "run", config, "-q", "-j", str(threads), "-o", os.path.join(folder, "run")], env=environment, check=True, stdout=subprocess.DEVNULL)
        used, wall = os.times(), time.perf_counter() - began
    return wall if threads > 1 else used.children_user + used.children_system - before.children_user - before.children_system


def ours(bench, row, threads, environment):
    program, section, title = ROWS[row][:3]
    if program == "specbias":
        return whole_run(bench, section, threads, environment)
    with tempfile.NamedTemporaryFile() as table:
        environment = dict(environment, BENCH_TSV=table.name)
        subprocess.run([os.path.join(bench, program), "1", section + "/" + title + "$"], env=environment, check=True, stdout=subprocess.DEVNULL)
        lines = [line.rstrip("\n").split("\t") for line in open(table.name)]
    for line in lines[1:]:
        found = dict(zip(lines[0], line))
        if found["section"] == section and found["row"] == title and int(found["threads"]) == threads:
            return float(found["seconds"])
    return None  # no such row for so many threads


def ask(worker, question):
    worker.stdin.write(question + "\n")
    worker.stdin.flush()
    line = worker.stdout.readline()
    if not line:
        sys.exit("%s: the process of the peers ended (out of memory?)" % question)
    answer = json.loads(line)
    if "error" in answer:
        print("%s: %s" % (question, answer["error"]), file=sys.stderr)
    return answer


def compare(bench, row, worker):
    """The difference from what a peer computes; None: there is nothing to compare with."""
    if not ROWS[row][4]:
        return None
    with tempfile.TemporaryDirectory() as folder:
        ours(bench, row, 1, dict(environment(1), BENCH_DUMP=folder))
        return ask(worker, json.dumps({"row": row, "folder": folder})).get("difference", float("nan"))


def measure(bench, row, threads, rounds, worker):
    """[(seconds of ours, {peer: seconds})] of each round"""
    found = []
    for _ in range(rounds):
        mine = ours(bench, row, threads, environment(threads))
        if mine is None:
            return found
        answers = {peer: ask(worker, peer) for peer in ROWS[row][3]}
        found.append((mine, {peer: answer["seconds"] for peer, answer in answers.items() if "seconds" in answer}))
    return found


def tell(row, threads, found, off, table):
    peers = set.intersection(*(set(peers) for _, peers in found)) if found else set()
    if not peers:
        return
    best = min(peers, key=lambda peer: statistics.median(peers[peer] for _, peers in found))
    ratios = [seconds[best] / mine for mine, seconds in found]
    mine = statistics.median(mine for mine, _ in found)
    peer = statistics.median(seconds[best] for _, seconds in found)
    ratio = (statistics.median(ratios), min(ratios), max(ratios))
    off = "" if off is None else "%.0e" % off
    print("%-38s %d %10.3f %10.3f %-17s %7.2f (%.2f - %.2f)  %s" % (row, threads, 1e3 * mine, 1e3 * peer, best, *ratio, off), flush=True)
    table.write("%s\t%d\t%.4g\t%.4g\t%s\t%.3g\t%.3g\t%.3g\t%s\n" % (row, threads, 1e3 * mine, 1e3 * peer, best, *ratio, off))
    table.flush()


def versions():
    from importlib.metadata import PackageNotFoundError, version

    found = ["Python %d.%d" % sys.version_info[:2]]
    for name in ("numpy", "scipy", "torch", "jax", "neural-tangents"):
        try:
            found.append("%s %s" % (name, version(name)))
        except PackageNotFoundError:
            pass
    return ", ".join(found)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("bench")
    ask.add_argument("rows", nargs="*", metavar="ROW", help="rows whose name has that in it (default: all)")
    ask.add_argument("-r", "--rounds", type=int, default=5)
    ask.add_argument("-t", "--threads", type=int, nargs="*", default=[1, 2])
    ask.add_argument("-o", "--table", default=os.devnull)
    asked = ask.parse_args()
    rows = [row for row in ROWS if not asked.rows or any(part in row for part in asked.rows)]
    print(versions())
    print("%-38s %s %10s %10s %-17s %7s" % ("row", "threads", "ours ms", "peer ms", "best peer", "ratio (min - max)  difference"))
    off, wrong = {}, []
    with open(asked.table, "w") as table:
        table.write("row\tthreads\tours_ms\tpeer_ms\tpeer\tratio\tmin\tmax\tdifference\n")
        for threads in asked.threads:
            worker = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--work", str(threads)], env=environment(threads),
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for row in rows:
                if row not in off:
                    off[row] = compare(asked.bench, row, worker)
                    if off[row] is not None and not off[row] <= ROWS[row][5]:
                        wrong.append("%s: not the same, %.1e apart" % (row, off[row]))
                tell(row, threads, measure(asked.bench, row, threads, asked.rounds, worker), off[row], table)
            worker.stdin.close()
            worker.wait()
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(int(sys.argv[2]))
    else:
        main()
