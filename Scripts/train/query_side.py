"""Train the query side alone against documents that were encoded once.

    python query_side.py prepare POOL ... --model FOLDER --cache CACHE          # hidden states below the trained layers
    python query_side.py train --model FOLDER --cache CACHE --out RUN --dev POOL ... --train POOL ... [--steps N]

Documents stay as they are, so indexes stay valid and a step costs one layer over short queries, the masked-LM head and a
product with all documents of a pool. A batch is queries of one pool; the student is what `apus search` scores (the blend of
encoder and table, its heaviest terms, idf^.5 of the pool), the teacher the mean of min-max scores of several rankers over all
documents of the pool; the loss is their divergence, for the blend, the siamese vector and the table alike, and the squared
distance of the parameters from where they began. RUN/state.pt is written every two minutes and gone on from; a state that
cannot be read is refused and the one before taken; a loss that is no number stops the run and keeps the last good weights.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from transformers import AutoTokenizer

from cached import Pool, inverse_frequency, scaled
from loop import Loop
from model import Splade, padded
from targets import Teachers, lacking_teachers, named_weights
from teacher import fast_bfloat16
from texts import padded_states, typed
from top import SparseProduct, Top, blended

QUERY_TOKENS = 256


class Cached:
    """A pool with its queries' hidden states, typed tokens, documents and teachers."""

    def __init__(self, folder, cache, vocabulary, first):
        self.pool = Pool(folder, cache)
        self.documents = self.pool.vectors(vocabulary)
        self.idf = torch.from_numpy(np.sqrt(inverse_frequency(self.documents)))
        if first is None:
            return
        self.hidden = np.load(self.pool.cache / f"hidden-{first}.npy", mmap_mode="r")
        self.ends = np.load(self.pool.cache / f"hidden-{first}-ends.npy")
        self.tokens = np.load(self.pool.cache / "tokens.npy")
        self.sizes = np.diff(np.concatenate([[0], self.ends]))

    def batch(self, rows):
        """Hidden states and mask, padded, and the bags of typed tokens."""
        places = self.hidden, self.ends, self.sizes, rows
        return *padded_states(*places), typed(self.tokens, *places[1:], len(self.idf))

    def sparse_product(self, queries):
        """Scores of queries with all documents."""
        return SparseProduct.apply(queries * self.idf, self.documents)


@torch.inference_mode()
def prepare(model, tokenizer, pools, cache, first):
    """Write the hidden states below layer `first` of every query, f16, one after the other."""
    bert, mixed = model.masked_lm.bert, model.mixed
    bert.encoder.layer = bert.encoder.layer[:first]
    for folder in pools:
        out = cache / folder.parent.name / folder.name
        if (out / f"hidden-{first}-ends.npy").exists():
            continue
        texts = [line.rstrip("\n").split("\t")[1] for line in open(folder / "queries.tsv", encoding="utf-8")]
        ids = tokenizer(texts, truncation=True, max_length=QUERY_TOKENS)["input_ids"]
        ends = np.cumsum([len(row) for row in ids])
        hidden = np.zeros((ends[-1], bert.config.hidden_size), np.float16)
        order, at = np.argsort([len(row) for row in ids], kind="stable"), 0
        while at < len(order):
            count = max(1, 4096 // len(ids[order[min(at + 63, len(order) - 1)]]))
            part = order[at : at + count]
            block = np.zeros((len(part), max(len(ids[i]) for i in part)), np.int64)
            for row, i in zip(block, part):
                row[: len(ids[i])] = ids[i]
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mixed):
                block, mask = padded(block)
                states = bert(input_ids=block, attention_mask=mask).last_hidden_state.float().numpy()
            for row, i in zip(states, part):
                hidden[ends[i] - len(ids[i]) : ends[i]] = row[: len(ids[i])]
            at += count
        out.mkdir(parents=True, exist_ok=True)
        np.save(out / "tokens.npy", np.concatenate([np.array(row, np.int32) for row in ids]))
        np.save(out / f"hidden-{first}.npy", hidden)
        np.save(out / f"hidden-{first}-ends.npy", ends)
        print(f"{folder}: {len(ids)} queries, {ends[-1]} tokens", flush=True)


def evaluate(top, dev, share, most):
    """nDCG@10 of development pools: blended, siamese and inference-free, alone and with BM25 (.6)."""
    out = {}
    for cached in dev:
        kinds = {"blended": [], "siamese": [], "free": []}
        with torch.inference_mode():
            for at in range(0, len(cached.pool.queries), 32):
                rows = np.arange(at, min(at + 32, len(cached.pool.queries)))
                hidden, mask, bags = cached.batch(rows)
                siamese, free = top.siamese(hidden, mask), top.free(bags)
                for kind, q in (("blended", blended(siamese, free, share, most)), ("siamese", siamese), ("free", free)):
                    kinds[kind].append(cached.sparse_product(q).numpy())
                    if kind == "siamese":
                        out.setdefault("terms", []).append(float((q > 0).sum(1).float().mean()))
        lexical = scaled(cached.pool.bm25)
        for kind, parts in kinds.items():
            scores = np.concatenate(parts)
            out[cached.pool.name, kind] = cached.pool.gains(scores)
            out[cached.pool.name, kind + " hybrid"] = cached.pool.gains(0.4 * lexical + 0.6 * scaled(scores))
    out["terms"] = float(np.mean(out["terms"]))
    return out


def report(out, first=None):
    """One line: means by pool, with the difference to the first evaluation."""
    line = []
    for key, gains in out.items():
        if key == "terms" or key[1] not in ("blended", "blended hybrid", "free"):
            continue
        short = {"blended": "", "blended hybrid": "+", "free": "f"}[key[1]]
        more = ""
        if first is not None:
            difference = gains - first[key]
            more = f"({difference.mean():+.3f}±{difference.std() / len(gains) ** 0.5:.3f})"
        line.append(f"{key[0][:8]}{short} {gains.mean():.3f}{more}")
    return f"{out['terms']:.0f} terms | " + " | ".join(line)


def train(top, cached, dev, teachers, options):
    """The loop."""
    body = [p for layer in top.layers for p in layer.parameters()] + list(top.transform.parameters())
    groups = [(body, options.rate), ([top.bias], options.rate * options.bias_rate), ([top.table], options.table_rate), ([top.factor], options.factor_rate)]
    temperature = torch.nn.Parameter(torch.tensor([0.6, 0.6, 0.6]).log())
    loop = Loop(top, groups, [temperature], options)
    loop.restore()
    first_path = options.out / "first.pt"
    if first_path.exists():
        first = torch.load(first_path, weights_only=False)
    else:
        first = evaluate(top, dev, options.share, options.most)
        torch.save(first, first_path)
        loop.say("start | " + report(first))
    sizes = np.array([len(c.sizes) for c in cached], float) ** 0.5
    losses, clock = [], time.time()
    while loop.step < options.steps:
        rng = np.random.default_rng((options.seed, loop.step))
        pool = cached[rng.choice(len(cached), p=sizes / sizes.sum())]
        rows = rng.choice(len(pool.sizes), min(options.batch, len(pool.sizes)), replace=False)
        hidden, mask, bags = pool.batch(rows)
        target = F.softmax(options.sharpness * teachers.targets(pool, rows), 1)
        siamese, free = top.siamese(hidden, mask), top.free(bags)
        mixed = blended(siamese, free, options.share, options.most)
        loss = 0
        for i, (q, weight) in enumerate(((mixed, 1.0), (siamese, options.siamese_weight), (free, options.free_weight))):
            if weight and q.requires_grad:
                scores = pool.sparse_product(q) * temperature[i].exp()
                loss = loss + weight * F.kl_div(F.log_softmax(scores, 1), target, reduction="batchmean")
        penalty, near = options.query_strength * (siamese.abs().sum(1) ** 2).mean(), loop.distance()
        loop.update(loss + penalty + options.stay * near, dict)
        losses.append(float(loss.detach()))
        if loop.step % 20 == 0:
            terms = (siamese > 0).sum(1).float().mean()
            loop.say(f"step {loop.step} | {np.mean(losses[-20:]):.3f} | near {float(near.detach()):.4f} | {terms:.0f} terms | {(time.time() - clock) / 20:.2f} s")
            clock = time.time()
        if loop.step % options.every == 0 or loop.step == options.steps:
            found = loop.averaged(lambda: evaluate(top, dev, options.share, options.most))
            loop.say(f"step {loop.step} | {report(found, first)}")
            clock = time.time()
        if loop.step == options.stop:
            return
    loop.averaged(lambda: torch.save(top.state_dict(), options.out / "top.pt"))


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["prepare", "train"])
    parser.add_argument("pools", type=Path, nargs="*")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--train", type=Path, nargs="+", default=[])
    parser.add_argument("--dev", type=Path, nargs="+", default=[])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--first", type=int, default=5, help="the first layer that is trained; 6 for the head alone")
    parser.add_argument("--teachers", nargs="+", default=["minilm=1", "bm25=1", "mini1=1"], help="NAME=WEIGHT")
    parser.add_argument("--sharpness", type=float, default=25, help="of the teachers' mean, as logits")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--stop", type=int, default=0, help="save and end after this step, to go on later")
    parser.add_argument("--every", type=int, default=200, help="steps between evaluations")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-5)
    parser.add_argument("--bias-rate", type=float, default=10, help="of the head's bias, times --rate")
    parser.add_argument("--table-rate", type=float, default=3e-3)
    parser.add_argument("--factor-rate", type=float, default=0)
    parser.add_argument("--stay", type=float, default=0.0, help="strength of the distance to the start")
    parser.add_argument("--siamese-weight", type=float, default=0.3)
    parser.add_argument("--free-weight", type=float, default=0.5)
    parser.add_argument("--query-strength", type=float, default=0.0)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--most", type=int, default=30)
    parser.add_argument("--average", type=float, default=0.99)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    model = Splade.load(options.model, fast_bfloat16("cpu")).eval()
    if options.what == "prepare":
        prepare(model, tokenizer, options.pools, options.cache, options.first)
        return
    lacking_teachers(options.teachers, options.train, options.cache)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "options.json").write_text(json.dumps(vars(options), default=str, indent=1))
    vocabulary = tokenizer.get_vocab()
    top = Top(model, np.load(options.model / "terms.npy"), options.first)
    cached = [Cached(p, options.cache, vocabulary, options.first) for p in options.train]
    dev = [Cached(p, options.cache, vocabulary, options.first) for p in options.dev]
    teachers = Teachers(named_weights(options.teachers), vocabulary)
    train(top, cached, dev, teachers, options)


if __name__ == "__main__":
    sys.exit(main())
