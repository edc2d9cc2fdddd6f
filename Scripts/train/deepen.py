"""Give a small BERT one more layer that changes nothing yet, and a table: where distillation of a small model begins.

    python deepen.py --model FOLDER --table terms.npy --out START [--layers 3]

The new layer is a copy of the last one with its two output projections at zero and layer norms that undo themselves on
average, so that vectors begin nearly as they were.
"""

import argparse
import copy
import shutil
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertForMaskedLM


@torch.no_grad()
def deepen(masked_lm, hidden):
    """Appends a layer; `hidden` are last hidden states of some texts, `[tokens, width]`."""
    layer = copy.deepcopy(masked_lm.bert.encoder.layer[-1])
    for part in (layer.attention.output, layer.output):
        part.dense.weight.zero_(), part.dense.bias.zero_()
        part.LayerNorm.weight.fill_(float(hidden.std(1, unbiased=False).mean()))
        part.LayerNorm.bias.fill_(float(hidden.mean()))
    masked_lm.bert.encoder.layer.append(layer)
    masked_lm.config.num_hidden_layers += 1


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True, help="the query table to begin with, weight by token id")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=3)
    options = parser.parse_args()
    masked_lm = BertForMaskedLM.from_pretrained(options.model, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    text = tokenizer(" ".join(__doc__.split()), return_tensors="pt")
    with torch.no_grad():
        before = masked_lm(**text).logits
        while masked_lm.config.num_hidden_layers < options.layers:
            deepen(masked_lm, masked_lm.bert(**text).last_hidden_state[0])
        after = masked_lm(**text).logits
    print(f"logits differ by {float((after - before).abs().mean()):.3f} of {float(before.abs().mean()):.3f}")
    masked_lm.save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)
    shutil.copyfile(options.table, options.out / "terms.npy")


if __name__ == "__main__":
    main()
