"""The rows of `make bench` beside the same work by numpy, scipy, torch, jax and neural-tangents.

    speed.py BENCH [-r ROUNDS] [-t THREADS] [-o TABLE] [ROW ..]

BENCH is the folder of the bench programs. Each round runs our row, in a process of its own, and then each peer, in a
process that stays and keeps what it compiled. One thread is measured by CPU time, several by the wall. Told are medians over rounds and the ratio peer / ours of the same
round, of the peer that is fastest. Peers are tuned: compiled, AVX-512, passive waits, no return of memory to the system.
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

# name: program, section and row of the bench, peers
ROWS = {
    "1-8000-1 tanh, n = 201, Adam": ("bench", "training step", "the same, Adam, fused", ["torch_units", "jax_units"]),
    "the same in float": ("bench", "training step", "the same, float", ["torch_units32", "jax_units32"]),
    "the same by nodes": ("bench", "training step", "the same, nodes", ["torch_units", "jax_units"]),
    "1-8000-1 sine, grid, n = 512": ("bench", "training step", "1-8000-1 sine, grid, n = 512", ["torch_sine", "jax_sine"]),
    "1-200-100-100-50-1, n = 201": ("bench", "training step", "1-200-100-100-50-1, n = 201", ["torch_deep", "jax_deep"]),
    "784-400-200-10, batch 10^4": ("networks", "training step (Adam)", "784-400-200-10, batch 10^4", ["torch_mlp", "jax_mlp"]),
    "conv1d 1-64-64-1, k = 3": ("networks", "training step (Adam)", "conv1d 1-64-64-1, k = 3", ["torch_conv3"]),
    "conv1d 1-64-64-1, k = 31": ("networks", "training step (Adam)", "conv1d 1-64-64-1, k = 31", ["torch_conv31"]),
    "NTK 1-8000-1, n = 512": ("bench", "empirical Gram matrix", "1-8000-1 tanh, n = 512", ["numpy_units"]),
    "NTK 1-512-512-512-1, n = 1000": ("kernels", "neural tangent kernel", "1-512-512-512-1, n = 1000", ["numpy_deep"]),
    "NTK 784-400-200-10, n = 100, full": ("kernels", "neural tangent kernel", "784-400-200-10, n = 100, full", ["numpy_full"]),
    "NTK conv1d 1-64-64, k = 3, L = 256": ("kernels", "neural tangent kernel", "conv1d 1-64-64, k = 3, L = 256", ["jax_conv_kernel"]),
    "infinite NTK relu, depth 3, n = 1000": ("kernels", "infinite width", "relu, depth 3, n = 1000", ["nt_relu"]),
    "infinite NTK erf, depth 3, n = 1000": ("kernels", "infinite width", "erf, depth 3, n = 1000", ["nt_erf"]),
    "all pairs, n = 1000": ("kernels", "all eigenpairs, measured", "n = 1000", ["numpy_pairs", "scipy_pairs"]),
    "top 20 of n = 4000": ("kernels", "20 eigenpairs of 4000 points", "Lanczos iterations", ["scipy_top"]),
    "LFP, n = 32, 2048 modes, 160 times": ("bench", "forecast of the demo", "lfp, all times", ["numpy_lfp"]),
}


def environment(threads):
    tuned = dict(os.environ)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        tuned.pop(name, None)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        tuned[name] = str(threads)
    tuned.update(
        OMP_WAIT_POLICY="passive",
        MALLOC_MMAP_THRESHOLD_="8589934592",
        MALLOC_TRIM_THRESHOLD_="8589934592",
        ATEN_CPU_CAPABILITY="avx512",
        TF_CPP_MIN_LOG_LEVEL="3",
        JAX_PLATFORMS="cpu",
        XLA_FLAGS="--xla_cpu_multi_thread_eigen=%s intra_op_parallelism_threads=%d" % (str(threads > 1).lower(), threads),
    )
    return tuned


# ---- the peers: each makes its inputs once and returns what is to be timed ----


def torch_step(model, x, y):
    import torch

    optimiser = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)

    @torch.compile
    def loss_of(x, y):
        return ((model(x) - y) ** 2).sum() / (2 * len(x))

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss_of(x, y).backward()
        optimiser.step()

    return step


def torch_layers(sizes, activation, n, dtype):
    import torch

    torch.manual_seed(1)
    torch.set_default_dtype(dtype)
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers += [torch.nn.Linear(a, b)] + ([activation()] if i + 2 < len(sizes) else [])
    return torch_step(torch.nn.Sequential(*layers), torch.rand(n, sizes[0]), torch.rand(n, sizes[-1]))


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


def torch_mlp():
    import torch

    return torch_layers([784, 400, 200, 10], torch.nn.Tanh, 10000, torch.float64)


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


def jax_layers(sizes, name, n, dtype="float64"):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    activation = getattr(jnp, name)
    keys = jax.random.split(jax.random.PRNGKey(1), len(sizes))
    theta = [(jax.random.normal(k, (a, b), dtype) / a**0.5, jnp.zeros(b, dtype)) for k, a, b in zip(keys, sizes, sizes[1:])]
    x, y = jax.random.normal(keys[-1], (n, sizes[0]), dtype), jnp.ones((n, sizes[-1]), dtype)

    def loss(theta):
        h = x
        for i, (w, b) in enumerate(theta):
            h = h @ w + b
            h = activation(h) if i + 1 < len(theta) else h
        return ((h - y) ** 2).sum() / (2 * n)

    def update(w, m, v, g, t):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return (w - 1e-4 * m / (1 - 0.9**t) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)).astype(w.dtype), m, v

    @jax.jit
    def step(state):
        theta, m, v, t = state
        leaves, tree = jax.tree_util.tree_flatten(theta)
        rows = [update(*a, t) for a in zip(leaves, tree.flatten_up_to(m), tree.flatten_up_to(v), jax.tree_util.tree_leaves(jax.grad(loss)(theta)))]
        return tuple(tree.unflatten(part) for part in zip(*rows)) + (t + 1,)

    zero = jax.tree_util.tree_map(jnp.zeros_like, theta)
    state = [(theta, zero, zero, jnp.asarray(1.0, dtype))]

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


def jax_mlp():
    return jax_layers([784, 400, 200, 10], "tanh", 10000)


def jax_conv_kernel():
    """J J^T, J of all weights, the gradient of one example after the other: all at once takes 16 GB."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    keys = jax.random.split(jax.random.PRNGKey(1), 4)
    theta = (jax.random.normal(keys[0], (64, 1, 3)), jax.random.normal(keys[1], (64, 64, 3)) / 14, jax.random.normal(keys[2], (64 * 256,)) / 128)
    x = jax.random.normal(keys[3], (200, 1, 256))

    def h(theta, x):
        y = x[None]
        for w in theta[:2]:
            y = jax.nn.relu(jax.lax.conv_general_dilated(y, w, (1,), "SAME", dimension_numbers=("NCH", "OIH", "NCH")))
        return y.ravel() @ theta[2]

    @jax.jit
    def kernel(theta):
        gradients = jax.lax.map(lambda one: jax.grad(h)(theta, one), x)
        j = jnp.concatenate([g.reshape(200, -1) for g in gradients], 1)
        return j @ j.T

    return lambda: jax.block_until_ready(kernel(theta))


def numpy_units():
    import numpy as np

    rng = np.random.default_rng(1)
    m, n = 8000, 512
    a, b, w, x = rng.normal(size=m), rng.normal(size=m), rng.normal(size=m), rng.normal(size=n)

    def kernel():
        s = np.tanh(np.outer(x, a) + b)
        back = (1 - s * s) * w
        return (s @ s.T + (back @ back.T) * (np.outer(x, x) + 1)) / m

    return kernel


def numpy_factors(x, theta, full):
    """K = sum over layers of (in in^T + 1) o (back back^T), back the gradient by the layer's sums."""
    import numpy as np

    ins, slopes, h = [], [], x
    for i, w in enumerate(theta):
        ins.append(h)
        h = h @ w
        if i + 1 < len(theta):
            h = np.tanh(h)
            slopes.append(1 - h * h)
    n, outputs = h.shape
    back = np.broadcast_to(np.eye(outputs), (n, outputs, outputs)) if full else np.ones((n, 1))
    gram = 0
    for i in reversed(range(len(theta))):
        forward = ins[i] @ ins[i].T + 1
        if full:
            rows = np.ascontiguousarray(back).reshape(n * outputs, -1)
            gram = gram + ((rows @ rows.T).reshape(n, outputs, n, outputs) * forward[:, None, :, None])
            if i > 0:
                back = (back @ theta[i].T) * slopes[i - 1][:, None, :]
        else:
            gram = gram + forward * (back @ back.T)
            if i > 0:
                back = (back @ theta[i].T) * slopes[i - 1]
    return gram


def numpy_network(sizes, n, full=False):
    import numpy as np

    rng = np.random.default_rng(1)
    theta = [rng.normal(size=s) / s[0] ** 0.5 for s in zip(sizes, sizes[1:])]
    x = rng.normal(size=(n, sizes[0]))
    return lambda: numpy_factors(x, theta, full)


def numpy_deep():
    return numpy_network([1, 512, 512, 512, 1], 1000)


def numpy_full():
    return numpy_network([784, 400, 200, 10], 100, True)


def nt_kernel(name):
    import jax
    import jax.interpreters.ad as ad

    for lost in ("linear_jvp", "UndefinedPrimal"):  # names that neural-tangents 0.6.5 takes from there
        if not hasattr(ad, lost):
            setattr(ad, lost, getattr(__import__("jax._src.interpreters.ad", fromlist=[lost]), lost, None))
    jax.config.update("jax_enable_x64", True)
    from neural_tangents import stax

    activation = {"relu": stax.Relu, "erf": stax.Erf}[name]
    layers = [part for _ in range(3) for part in (stax.Dense(1, W_std=2**0.5, b_std=0.1**0.5), activation())]
    _, _, kernel = stax.serial(*layers, stax.Dense(1, W_std=2**0.5, b_std=0.1**0.5))
    x = jax.random.normal(jax.random.PRNGKey(1), (1000, 10))
    compiled = jax.jit(lambda x: kernel(x, None, "ntk"))
    return lambda: jax.block_until_ready(compiled(x))


def nt_relu():
    return nt_kernel("relu")


def nt_erf():
    return nt_kernel("erf")


def gram(n):
    """Of a network like that whose eigenpairs our row takes: what Lanczos needs depends on the spectrum."""
    import numpy as np

    rng = np.random.default_rng(1)
    inputs, m = (1, 512) if n == 1000 else (10, 1000)
    x = rng.normal(size=(n, inputs))
    theta = [rng.normal(size=s) / s[0] ** 0.5 for s in ((inputs, m), (m, m), (m, 1))]
    return numpy_factors(x, theta, False)


def numpy_pairs():
    import numpy as np

    k = gram(1000)
    return lambda: np.linalg.eigh(k)


def scipy_pairs():
    import scipy.linalg

    k = gram(1000)
    return lambda: scipy.linalg.eigh(k, driver="evd")


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
            answer = {"seconds": (clock() - began) / count}
        except Exception as error:  # a peer that is not there, or does not do it
            answer = {"error": "%s: %s" % (type(error).__name__, str(error).splitlines()[0] if str(error) else "")}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def ours(bench, row, threads, environment):
    program, section, title, _ = ROWS[row]
    with tempfile.NamedTemporaryFile() as table:
        environment = dict(environment, BENCH_TSV=table.name)
        subprocess.run([os.path.join(bench, program), "1", section + "/" + title], env=environment, check=True, stdout=subprocess.DEVNULL)
        lines = [line.rstrip("\n").split("\t") for line in open(table.name)]
    for line in lines[1:]:
        found = dict(zip(lines[0], line))
        if found["section"] == section and found["row"] == title and int(found["threads"]) == threads:
            return float(found["seconds"])
    return None  # no such row for so many threads


def measure(bench, row, threads, rounds, worker):
    """[(seconds of ours, {peer: seconds})] of each round"""
    found = []
    for _ in range(rounds):
        mine = ours(bench, row, threads, environment(threads))
        if mine is None:
            return found
        peers = {}
        for peer in ROWS[row][3]:
            worker.stdin.write(peer + "\n")
            worker.stdin.flush()
            answer = json.loads(worker.stdout.readline())
            if "seconds" in answer:
                peers[peer] = answer["seconds"]
            else:
                print("%s: %s" % (peer, answer["error"]), file=sys.stderr)
        found.append((mine, peers))
    return found


def tell(row, threads, found, table):
    peers = set.intersection(*(set(peers) for _, peers in found)) if found else set()
    if not peers:
        return
    best = min(peers, key=lambda peer: statistics.median(peers[peer] for _, peers in found))
    ratios = [seconds[best] / mine for mine, seconds in found]
    mine = statistics.median(mine for mine, _ in found)
    peer = statistics.median(seconds[best] for _, seconds in found)
    ratio = (statistics.median(ratios), min(ratios), max(ratios))
    print("%-38s %d %10.3f %10.3f %-15s %7.2f (%.2f - %.2f)" % (row, threads, 1e3 * mine, 1e3 * peer, best, *ratio), flush=True)
    table.write("%s\t%d\t%.4g\t%.4g\t%s\t%.3g\t%.3g\t%.3g\n" % (row, threads, 1e3 * mine, 1e3 * peer, best, *ratio))


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
    print("%-38s %s %10s %10s %-15s %7s" % ("row", "threads", "ours ms", "peer ms", "best peer", "ratio (min - max)"))
    with open(asked.table, "w") as table:
        table.write("row\tthreads\tours_ms\tpeer_ms\tpeer\tratio\tmin\tmax\n")
        for threads in asked.threads:
            worker = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--work", str(threads)], env=environment(threads),
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for row in rows:
                tell(row, threads, measure(asked.bench, row, threads, asked.rounds, worker), table)
            worker.stdin.close()
            worker.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(int(sys.argv[2]))
    else:
        main()
