"""Train a few steps in one go and the same steps with a stop in between, and compare every weight.

    python check_restart.py --data DATA --init FOLDER [--steps 6] [-- options of train.py]

Ends with 1 if the two differ in a bit (same machine, same number of threads, --steps and not --minutes).
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent


def leaves(value, name=""):
    """(name, value) of every tensor or number in nested dicts and sequences."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{name}.{key}")
    elif isinstance(value, (list, tuple)):
        for key, part in enumerate(value):
            yield from leaves(part, f"{name}.{key}")
    else:
        yield name, value


def same(one, other):
    """Whether two leaves are equal to the bit."""
    if isinstance(one, torch.Tensor):
        one, other = (x.to_dense() if x.is_sparse else x for x in (one, other))
        return torch.equal(one, other)
    return bool((one == other) if not hasattr(one, "all") else (one == other).all())


def main():
    """Run train.py three times and compare the states."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--init", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("rest", nargs="*", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        states = []
        for name, stops in (("whole", [-1]), ("parts", [options.steps // 2, -1])):
            out = Path(temporary) / name
            for stop in stops:
                call = [sys.executable, HERE / "train.py", "--data", options.data, "--init", options.init, "--out", out]
                call += ["--steps", options.steps, "--stop", stop, *options.rest]
                subprocess.run([str(part) for part in call], check=True)
            states.append(dict(leaves(torch.load(out / "state.pt", weights_only=False))))
    different = [name for name in states[0] if name != ".seconds" and not same(states[0][name], states[1].get(name))]
    print(f"{len(states[0])} values compared after {options.steps} steps, {len(different)} differ")
    if different or states[0].keys() != states[1].keys():
        sys.exit("different: " + ", ".join(different[:10]))


if __name__ == "__main__":
    main()
