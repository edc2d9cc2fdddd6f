"""Give MiniLM a masked-LM head: the first step of the recipe, before train.py.

    python warmup.py --pairs PAIRS --out FOLDER [--steps 400] [--active 0.012]

The transform starts as the identity and the decoder is tied to the word embeddings. Afterwards the decoder bias is
shifted so that about --active of the vocabulary is above zero in a passage; without it the first distillation steps are
dense and useless. FOLDER is what train.py takes as --init.
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from transformers import BertForMaskedLM

from model import padded
from prepare import MIX, read_pairs
from teacher import Teacher, backbone_path

MASK = 103


def masked_batch(ids, rng):
    """Padded ids with 15 % of the tokens replaced by [MASK], the places to predict (those and 10 % kept), the truth."""
    block, mask = padded(ids)
    draw = torch.from_numpy(rng.random(block.shape))
    ordinary = (block != 0) & (block != 101) & (block != 102)
    chosen = ordinary & (draw < 0.25)
    return torch.where(chosen & (draw < 0.15), torch.full_like(block, MASK), block), mask, chosen, block[chosen]


def shift_bias(model, ids, active):
    """Lower the decoder bias until about `active` of the vocabulary is positive after max pooling."""
    block, mask = padded(ids)
    with torch.no_grad():
        logits = model(input_ids=block, attention_mask=mask).logits.float()
        pooled = logits.masked_fill(mask[..., None] == 0, -1e4).amax(1)
        offset = torch.quantile(pooled.flatten()[::7], 1 - active)
        model.cls.predictions.bias -= offset


def main():
    """Masked-LM steps on passages, then the shift of the bias."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--active", type=float, default=0.012)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rng, shuffler = np.random.default_rng(options.seed), random.Random(options.seed)
    passages = [p for name in MIX for _, p in read_pairs(options.pairs, name, 6000, 0, shuffler)]
    tokenizer = Teacher()
    ids = tokenizer.tokenise(passages, 112)

    model = BertForMaskedLM.from_pretrained(backbone_path(), dtype=torch.float32, attn_implementation="eager")
    transform = model.cls.predictions.transform
    torch.nn.init.eye_(transform.dense.weight)
    torch.nn.init.zeros_(transform.dense.bias)
    model.to(options.device)
    head = [*transform.parameters(), model.cls.predictions.bias]
    groups = [{"params": head, "lr": 10 * options.rate}, {"params": model.bert.parameters(), "lr": options.rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    rates, start = [group["lr"] for group in groups], time.time()
    for step in range(options.steps):
        for group, rate in zip(optimiser.param_groups, rates):
            group["lr"] = rate * min(1, (step + 1) / 30) * max(0.1, 1 - step / options.steps)
        batch = masked_batch(ids[rng.integers(0, len(ids), options.batch)], rng)
        block, mask, chosen, truth = (x.to(options.device) for x in batch)
        with torch.autocast(options.device, dtype=torch.bfloat16):
            hidden = model.bert(input_ids=block, attention_mask=mask).last_hidden_state[chosen]
            logits = model.cls(hidden)
        loss = F.cross_entropy(logits.float(), truth)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if step % 20 == 0:
            right = (logits.argmax(1) == truth)[block[chosen] == MASK].float().mean().item()
            print(f"{step} loss {loss.item():.3f} masked accuracy {right:.3f}, {time.time() - start:.0f} s", flush=True)
    model.to("cpu").float()
    shift_bias(model, ids[:48], options.active)
    model.save_pretrained(options.out)
    tokenizer.tokenizer.save_pretrained(options.out)


if __name__ == "__main__":
    main()
