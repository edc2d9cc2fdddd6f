"""Mean of several checkpoints' weights and tables ("model soup"): evens out what single moments of a run trade away.

    python average.py --out FOLDER RUN/model COPY/model ...
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
from safetensors.torch import load_file, save_file


def main():
    """Average model.safetensors and terms.npy; the other files come from the first folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    shutil.copytree(options.folders[0], options.out, dirs_exist_ok=True)
    models = [load_file(folder / "model.safetensors") for folder in options.folders]
    mean = {name: sum(model[name] for model in models) / len(models) for name in models[0]}
    save_file(mean, options.out / "model.safetensors", metadata={"format": "pt"})
    tables = [np.load(folder / "terms.npy") for folder in options.folders]
    np.save(options.out / "terms.npy", np.mean(tables, axis=0))


if __name__ == "__main__":
    main()
