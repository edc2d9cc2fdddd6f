"""An int8 folder of `apus model pack` (or the bundled one) as float32 weights that training starts from.

    python dequant.py --model Sources/CApusBundledModel/Model --out FOLDER

FOLDER receives config.json, model.safetensors, the tokenizer and terms.npy, the inference-free table. A row of int8 values is
multiplied by its scale; tables that speed up loading (`.copies`) are left out, and a tensor that the model lacks stops it.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

TABLE, SCALE, COPIES = "apus.idf", ".scale", ".copies"


def weights(tensors):
    """Float tensors by name, without the table and the scales."""
    kept = {name: value for name, value in tensors.items() if name != TABLE and not name.endswith((SCALE, COPIES))}
    return {name: torch.from_numpy(value * tensors[name + SCALE][:, None] if value.dtype == np.int8 else value) for name, value in kept.items()}


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    tensors = load_file(options.model / "model.safetensors")
    model = BertForMaskedLM(BertConfig.from_json_file(options.model / "config.json")).eval()
    found = model.load_state_dict(weights(tensors), strict=False)
    # The decoder shares the embeddings' weights and the head's bias.
    lacking = [name for name in found.missing_keys if "decoder" not in name and "position_ids" not in name]
    if lacking or found.unexpected_keys:
        raise SystemExit(f"{options.model}: lacks {lacking}, has beside the model's tensors {found.unexpected_keys}")
    model.tie_weights()
    model.save_pretrained(options.out)
    BertTokenizerFast(vocab_file=str(options.model / "vocab.txt")).save_pretrained(options.out)
    np.save(options.out / "terms.npy", tensors[TABLE])


if __name__ == "__main__":
    sys.exit(main())
