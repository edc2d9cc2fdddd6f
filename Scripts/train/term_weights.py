"""Calibrate queries without a network: a factor for each term and a table, learned on cached vectors in minutes.

    python term_weights.py --vocabulary vocab.txt --table terms.npy --cache CACHE --out OUT --dev POOL ... --train POOL ...

Queries and documents are what `apus encode` wrote beside the pools. Learned are log factors of siamese terms and of the
table's, a factor for typed terms, the blend's share and the powers of idf and of the documents' norms, each held to where it
began; the loss is the divergence from the teachers' mean over all documents of a pool, and cross-entropy with a query's own
document. What is chosen is what held-out development pools say.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from cached import Pool, inverse_frequency, read_vectors, scaled
from top import SparseProduct, blended
from targets import Teachers, lacking_teachers


class Calibration(torch.nn.Module):
    """Few numbers for all terms, and two for each."""

    def __init__(self, table, share=0.3, idf_power=0.5):
        super().__init__()
        self.start = torch.as_tensor(table)
        self.own, self.other = (torch.nn.Parameter(torch.zeros_like(self.start)) for _ in range(2))
        self.typed = torch.nn.Parameter(torch.zeros(()))
        self.share = torch.nn.Parameter(torch.tensor(share).logit())
        self.idf_power = torch.nn.Parameter(torch.tensor(idf_power))
        self.norm_power = torch.nn.Parameter(torch.zeros(()))

    def queries(self, siamese, bags, idf, most):
        """Blended, siamese and inference-free queries, idf included."""
        siamese = siamese * (self.own + self.typed * bags).exp()
        free = bags * self.start * self.other.exp()
        power = torch.where(idf > 0, idf.clamp(min=1e-6) ** self.idf_power, 0)
        return [q * power for q in (blended(siamese, free, self.share.sigmoid(), most), siamese, free)]

    def distance(self):
        """How far the terms' factors have moved."""
        return (self.own**2).sum() + (self.other**2).sum()


class Cached:
    """A pool with its queries' vectors; rows dense on demand."""

    def __init__(self, folder, cache, vocabulary):
        self.pool = Pool(folder, cache)
        self.documents = self.pool.vectors(vocabulary)
        self.siamese, free = (read_vectors(folder / f"q-{side}.jsonl", vocabulary, self.pool.names) for side in ("siamese", "free"))
        self.bags = (free > 0).astype(np.float32)
        self.idf = torch.from_numpy(inverse_frequency(self.documents))
        norms = np.sqrt(np.asarray(self.documents.multiply(self.documents).sum(1)).ravel())
        self.norms = torch.from_numpy((norms / norms.mean()).astype(np.float32).clip(1e-3))
        self.own = [list(grades) for grades in self.pool.grades]

    def batch(self, rows):
        return torch.from_numpy(self.siamese[rows].toarray()), torch.from_numpy(self.bags[rows].toarray())

    def scores(self, queries, calibration):
        return SparseProduct.apply(queries, self.documents) / self.norms**calibration.norm_power


def evaluate(calibration, dev, most):
    """nDCG@10 of each pool: blended, its hybrid, siamese, inference-free."""
    out = {}
    for cached in dev:
        parts = [[], [], []]
        with torch.inference_mode():
            for at in range(0, len(cached.pool.queries), 64):
                rows = np.arange(at, min(at + 64, len(cached.pool.queries)))
                siamese, bags = cached.batch(rows)
                for part, q in zip(parts, calibration.queries(siamese, bags, cached.idf, most)):
                    part.append(cached.scores(q, calibration).numpy())
        parts = [np.concatenate(part) for part in parts]
        lexical = scaled(cached.pool.bm25)
        for name, scores in zip(("blended", "siamese", "free"), parts):
            out[cached.pool.name, name] = cached.pool.gains(scores)
        out[cached.pool.name, "hybrid"] = cached.pool.gains(0.4 * lexical + 0.6 * scaled(parts[0]))
    return out


def report(out, first=None):
    """One line a pool."""
    for pool in dict.fromkeys(key[0] for key in out):
        line = []
        for kind in ("blended", "hybrid", "siamese", "free"):
            gains = out[pool, kind]
            more = "" if first is None else " ({:+.4f}±{:.4f})".format((gains - first[pool, kind]).mean(), (gains - first[pool, kind]).std() / len(gains) ** 0.5)
            line.append(f"{kind} {gains.mean():.4f}{more}")
        print(f"  {pool[:14]:14} " + " | ".join(line), flush=True)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dev", type=Path, nargs="+", required=True)
    parser.add_argument("--train", type=Path, nargs="*", default=[])
    parser.add_argument("--teachers", nargs="+", default=["minilm=1", "bm25=1", "mini1=1"])
    parser.add_argument("--label", type=float, default=0.3, help="weight of the cross-entropy with the query's own document")
    parser.add_argument("--sharpness", type=float, default=25)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1e-2, help="of the terms' factors")
    parser.add_argument("--few-rate", type=float, default=3e-3, help="of the few numbers")
    parser.add_argument("--stay", type=float, default=1e-4)
    parser.add_argument("--most", type=int, default=30)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.train:
        lacking_teachers(options.teachers, options.train, options.cache)
    words = options.vocabulary.read_text(encoding="utf-8").rstrip("\n").split("\n")
    vocabulary = {word: i for i, word in enumerate(words)}
    calibration = Calibration(np.load(options.table))
    dev = [Cached(p, options.cache, vocabulary) for p in options.dev]
    first = evaluate(calibration, dev, options.most)
    report(first)
    cached = [Cached(p, options.cache, vocabulary) for p in options.train]
    teachers = Teachers({name: float(w) for name, w in (item.split("=") for item in options.teachers)}, vocabulary)
    few = [calibration.typed, calibration.share, calibration.idf_power, calibration.norm_power]
    temperature = torch.nn.Parameter(torch.tensor([0.6, 0.6, 0.6]).log())
    groups = [{"params": [calibration.own, calibration.other], "lr": options.rate}, {"params": few, "lr": options.few_rate}]
    optimiser = torch.optim.Adam([*groups, {"params": [temperature], "lr": 1e-2}])
    rng, losses, start = np.random.default_rng(1), [], time.time()
    sizes = np.array([len(c.pool.queries) for c in cached], float) ** 0.5
    for step in range(1, options.steps + 1 if cached else 1):
        pool = cached[rng.choice(len(cached), p=sizes / sizes.sum())]
        rows = rng.choice(len(pool.pool.queries), options.batch, replace=False)
        siamese, bags = pool.batch(rows)
        target = F.softmax(options.sharpness * teachers.targets(pool, rows), 1)
        label = torch.zeros_like(target)
        for i, row in enumerate(rows):
            label[i, pool.own[row]] = 1 / len(pool.own[row])
        loss = options.stay * calibration.distance()
        for i, (q, weight) in enumerate(zip(calibration.queries(siamese, bags, pool.idf, options.most), (1, 0.3, 0.5))):
            logs = F.log_softmax(pool.scores(q, calibration) * temperature[i].exp(), 1)
            divergence = F.kl_div(logs, target, reduction="batchmean") if options.label < 1 else 0
            loss = loss + weight * ((1 - options.label) * divergence - options.label * (label * logs).sum(1).mean())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
        if step % options.every == 0:
            numbers = ", ".join(f"{float(v):.3f}" for v in (calibration.typed.detach(), calibration.share.detach().sigmoid(), calibration.idf_power.detach(), calibration.norm_power.detach()))
            print(f"step {step}: loss {np.mean(losses[-options.every:]):.4f}; typed, share, idf, norm {numbers}; {time.time() - start:.0f} s", flush=True)
            report(evaluate(calibration, dev, options.most), first)
    torch.save(calibration.state_dict(), options.out)


if __name__ == "__main__":
    main()
