"""Texts of a pool as hidden states below the trained layers, each with the few hundred terms that it may activate.

    python texts.py POOL ... --model FOLDER --cache CACHE [--first 4]

For queries and documents CACHE/POOL/PART-hidden-FIRST.npy (f16, one text after the other), PART-ends.npy, PART-tokens.npy,
PART-terms.npy (the terms with the largest logits, active or not) and PART-weights.npy (the starting model's weights of them).
The masked-LM head then costs a hundredth: a text's logits are taken for its own terms only. What else would become active is
not seen, so `escaped` of two_sided.py looks at it now and then.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
import torch.nn.functional as F
from transformers import AutoTokenizer

from model import Splade
from teacher import fast_bfloat16
from teachers import texts_of

TOKENS, TERMS = 256, {"queries": 256, "documents": 384}


class ScreenedMaximum(torch.autograd.Function):
    """As `MaxOverPositions`, of each text's own terms: `[batch, terms]`, -1 where the maximum is not positive."""

    @staticmethod
    def forward(ctx, hidden, embeddings, bias, terms, dtype):
        width = hidden.shape[2]
        logits = embeddings.to(dtype)[terms] @ hidden.to(dtype).transpose(1, 2)
        best, position = logits.max(2)
        row, k = (best.float() + bias[terms] > 0).nonzero(as_tuple=True)
        position, column = position[row, k], terms[row, k]
        out = hidden.new_full(terms.shape, -1.0)
        out[row, k] = (hidden[row, position] * embeddings[column]).sum(1) + bias[column]
        ctx.save_for_backward(embeddings, row, k, column, row * hidden.shape[1] + position)
        ctx.shape = hidden.shape, width
        return out

    @staticmethod
    def backward(ctx, gradient):
        embeddings, row, k, column, place = ctx.saved_tensors
        shape, width = ctx.shape
        scale = gradient[row, k]
        to_hidden = gradient.new_zeros(shape)
        to_hidden.view(-1, width).index_add_(0, place, scale[:, None] * embeddings[column])
        to_bias = gradient.new_zeros(len(embeddings)).index_add_(0, column, scale)
        return to_hidden, None, to_bias, None, None


def padded_states(hidden, ends, sizes, rows):
    """Hidden states `[rows, longest, width]` and mask of some of the texts that lie one after the other."""
    longest = int(sizes[rows].max())
    out, mask = np.zeros((len(rows), longest, hidden.shape[1]), np.float32), np.zeros((len(rows), longest), bool)
    for i, row in enumerate(rows):
        end, size = ends[row], sizes[row]
        out[i, :size], mask[i, :size] = hidden[end - size : end], True
    return torch.from_numpy(out), torch.from_numpy(mask)


def typed(tokens, ends, sizes, rows, vocabulary):
    """1 for each token of some of the texts but the first and last, `[rows, vocabulary]`."""
    out = np.zeros((len(rows), vocabulary), np.float32)
    for i, row in enumerate(rows):
        out[i, tokens[ends[row] - sizes[row] + 1 : ends[row] - 1]] = 1
    return torch.from_numpy(out)


class Texts:
    """The queries or the documents of a pool."""

    def __init__(self, folder, part, first):
        self.hidden = np.load(folder / f"{part}-hidden-{first}.npy", mmap_mode="r")
        self.ends, self.tokens, self.terms, self.weights = (np.load(folder / f"{part}-{name}.npy") for name in ("ends", "tokens", "terms", "weights"))
        self.sizes = np.diff(np.concatenate([[0], self.ends]))
        self.active = (self.weights > 0).sum(1)

    def __len__(self):
        return len(self.ends)

    def batch(self, rows):
        """Hidden states `[rows, longest, width]`, mask and terms."""
        states = padded_states(self.hidden, self.ends, self.sizes, rows)
        return *states, torch.from_numpy(self.terms[rows].astype(np.int64))

    def bags(self, rows, vocabulary):
        """1 for each typed token, `[rows, vocabulary]`."""
        return typed(self.tokens, self.ends, self.sizes, rows, vocabulary)


def blocks(sizes, most):
    """Rows of about the same length, at most `most` tokens with their padding at a time."""
    order, at = np.argsort(-np.asarray(sizes), kind="stable"), 0
    while at < len(order):
        count = max(1, most // int(sizes[order[at]]))
        yield order[at : at + count]
        at += count


class Preparation:
    """One pass of the starting model over texts."""

    def __init__(self, folder, first):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = Splade.load(folder, fast_bfloat16("cpu")).eval()
        self.bert, self.first = self.model.masked_lm.bert, first
        self.layers, self.head = list(self.bert.encoder.layer), self.model.masked_lm.cls.predictions
        self.bert.encoder.layer = torch.nn.ModuleList(self.layers[:first])
        self.embeddings = self.bert.embeddings.word_embeddings.weight
        self.dtype = torch.bfloat16 if self.model.mixed else torch.float32

    def states(self, ids):
        """Hidden states below layer `first`, and those that the decoder sees; padding of the latter copies [CLS]."""
        mask = ids != 0
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.model.mixed):
            below = self.bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state
            unseen = torch.where(mask, 0.0, -1e30)[:, None, None]
            above = below
            for layer in self.layers[self.first :]:
                above = layer(above, attention_mask=unseen)
                above = above[0] if isinstance(above, tuple) else above
            above = self.head.transform(above).float()
        return below.float(), torch.where(mask[..., None], above, above[:, :1])

    @torch.inference_mode()
    def write(self, texts, out, part, words):
        """The five files of a part; `words` are the terms that a text may have."""
        ids = self.tokenizer(texts, truncation=True, max_length=TOKENS)["input_ids"]
        sizes = np.array([len(row) for row in ids])
        words = torch.from_numpy(np.union1d(words, np.concatenate(ids)))
        decoder, bias = self.embeddings[words].to(self.dtype).t(), self.head.bias[words]
        ends, terms = np.cumsum(sizes), np.zeros((len(ids), TERMS[part]), np.uint16)
        weights = np.zeros(terms.shape, np.float16)
        hidden = np.lib.format.open_memmap(out / "partial.npy", "w+", np.float16, (int(ends[-1]), self.bert.config.hidden_size))
        for rows in blocks(sizes, 4096):
            block = np.zeros((len(rows), sizes[rows].max()), np.int64)
            for line, i in zip(block, rows):
                line[: sizes[i]] = ids[i]
            below, above = self.states(torch.from_numpy(block))
            logits = (above.reshape(-1, above.shape[2]).to(self.dtype) @ decoder).view(len(rows), above.shape[1], -1)
            best = words[(logits.amax(1).float() + bias).topk(terms.shape[1], 1).indices]
            values = torch.log1p(F.relu(ScreenedMaximum.apply(above, self.embeddings, self.head.bias, best, self.dtype)))
            terms[rows], weights[rows] = best.numpy(), values.numpy()
            for line, i in zip(below.numpy(), rows):
                hidden[ends[i] - sizes[i] : ends[i]] = line[: sizes[i]]
        np.save(out / f"{part}-tokens.npy", np.concatenate([np.array(row, np.int32) for row in ids]))
        for name, array in (("terms", terms), ("weights", weights), ("ends", ends)):
            np.save(out / f"{part}-{name}.npy", array)
        (out / "partial.npy").rename(out / f"{part}-hidden-{self.first}.npy")
        print(f"{out.name}: {len(ids)} {part}, {ends[-1]} tokens, {(weights > 0).sum(1).mean():.0f} terms", flush=True)

    @torch.inference_mode()
    def deepen(self, out, part, known):
        """The states below layer `first` from those below layer `known`, which were written before."""
        texts = Texts(out, part, known)
        hidden = np.lib.format.open_memmap(out / "partial.npy", "w+", np.float16, texts.hidden.shape)
        for rows in blocks(texts.sizes, 4096):
            states, mask, _ = texts.batch(rows)
            unseen = torch.where(mask, 0.0, -1e30)[:, None, None]
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.model.mixed):
                for layer in self.layers[known : self.first]:
                    states = layer(states, attention_mask=unseen)
                    states = states[0] if isinstance(states, tuple) else states
            for line, i in zip(states.float().numpy(), rows):
                hidden[texts.ends[i] - texts.sizes[i] : texts.ends[i]] = line[: texts.sizes[i]]
        (out / "partial.npy").rename(out / f"{part}-hidden-{self.first}.npy")


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--first", type=int, default=4, help="the first layer that will be trained")
    parser.add_argument("--below", type=int, help="a lower --first that was prepared before, to go on from")
    parser.add_argument("--known", default="mini1", help="name of the pool's vectors in the cache; where it has some, only terms of theirs are looked at")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    preparation = Preparation(options.model, options.first)
    for pool in options.pools:
        out = options.cache / pool.parent.name / pool.name
        out.mkdir(parents=True, exist_ok=True)
        # Terms that no document of the pool has are none that a text is about to get.
        known = out / f"{options.known}.npz"
        words = np.unique(sp.load_npz(known).indices) if known.exists() else np.arange(len(preparation.embeddings))
        for part in TERMS:
            if (out / f"{part}-hidden-{options.first}.npy").exists():
                continue
            if (out / f"{part}-hidden-{options.below}.npy").exists():
                preparation.deepen(out, part, options.below)
            else:
                preparation.write(texts_of(pool, part), out, part, words)


if __name__ == "__main__":
    sys.exit(main())
