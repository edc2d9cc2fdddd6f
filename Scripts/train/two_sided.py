"""Trains both sides of the upper layers against whole pools, from hidden states that texts.py made once.

    python two_sided.py --model FOLDER --cache CACHE --out RUN --train POOL ... --dev POOL ... [--steps N]

A step: queries of one pool rank all its documents by the vectors that are remembered of them; the documents on which the
student's ranking and the teachers' differ most, and some others, are encoded anew, with gradients, and take their place; the
loss is the divergence of the ranking from the teachers' mean (and a share for the query's own document), for the blend as
`apus search` has it, the siamese vector and the table, and for the hybrid, whose teachers may weigh BM25 higher: so the blend
learns what BM25 lacks instead of becoming like it. What was encoded anew is remembered. Terms of documents and queries
are steered to a share of what each text had at the start, so that it holds for texts of every length. One encoder, as it is
shipped: both sides change together. RUN/state.pt, damaged states and losses that are no numbers: as in query_side.py.
RUN/model is the averaged model for export.py, RUN/model-STEP that of an evaluation: the best is not always the last.
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
import torch.nn.functional as F
from transformers import AutoTokenizer

from cached import Pool, inverse_frequency, scaled
from loop import Loop
from model import Splade
from penalties import Penalty
from query_side import report
from targets import Teachers, lacking_teachers, named_weights
from teacher import fast_bfloat16
from texts import Texts, blocks
from top import SparseProduct, Top, blended

BLOCK_TOKENS = 4096


class Bank:
    """A pool with its texts below the trained layers and the vectors that are remembered of its documents."""

    def __init__(self, folder, cache, first, vocabulary):
        self.pool, self.vocabulary = Pool(folder, cache), vocabulary
        self.queries, self.documents = (Texts(self.pool.cache, part, first) for part in ("queries", "documents"))
        self.values = self.documents.weights.astype(np.float32)
        self.idf = self.frequency(self.matrix(self.values))

    def matrix(self, values):
        """Sparse documents from the weights of each text's own terms."""
        active = values > 0
        ends = np.concatenate([[0], np.cumsum(active.sum(1))])
        return sp.csr_matrix((values[active], self.documents.terms[active].astype(np.int32), ends), (len(values), self.vocabulary))

    def frequency(self, matrix):
        """idf^.5, as queries are multiplied by in `apus search`."""
        return torch.from_numpy(np.sqrt(inverse_frequency(matrix)))

    def own(self, rows):
        """The judged documents of queries, each row summing to 1."""
        out = torch.zeros(len(rows), len(self.values))
        for line, row in zip(out, rows):
            for document, grade in self.pool.grades[row].items():
                line[document] = grade
        return out / out.sum(1, keepdim=True).clamp(min=1)


def weights(top, texts, rows):
    """Weights of each text's own terms, `[rows, terms]`, encoded in blocks of about the same length."""
    order, parts = [], []
    for part in blocks(texts.sizes[rows], BLOCK_TOKENS):
        parts.append(top.screened(*texts.batch(rows[part])))
        order.append(part)
    return torch.cat(parts)[torch.from_numpy(np.argsort(np.concatenate(order)))]


def dense(values, terms, vocabulary):
    """`[rows, vocabulary]` of the weights of each text's own terms."""
    return values.new_zeros(len(values), vocabulary).scatter(1, torch.from_numpy(terms.astype(np.int64)), values)


def rankings(top, bank, rows, options):
    """The three query sides of some queries, `[rows, vocabulary]` each: blended, siamese, free."""
    siamese = dense(weights(top, bank.queries, rows), bank.queries.terms[rows], bank.vocabulary)
    free = top.free(bank.queries.bags(rows, bank.vocabulary))
    return blended(siamese, free, options.share, options.most), siamese, free


@torch.inference_mode()
def evaluate(top, banks, options):
    """nDCG@10 of development pools with documents and queries encoded anew, and the active terms of both."""
    out, terms = {}, []
    for bank in banks:
        values = weights(top, bank.documents, np.arange(len(bank.documents))).numpy()
        documents, parts = bank.matrix(values), []
        idf = bank.frequency(documents)
        for rows in np.array_split(np.arange(len(bank.queries)), max(1, len(bank.queries) // 50)):
            parts.append([SparseProduct.apply(q * idf, documents).numpy() for q in rankings(top, bank, rows, options)])
        lexical = scaled(bank.pool.bm25)
        for kind, scores in zip(("blended", "siamese", "free"), map(np.concatenate, zip(*parts))):
            out[bank.pool.name, kind] = bank.pool.gains(scores)
            out[bank.pool.name, kind + " hybrid"] = bank.pool.gains(0.4 * lexical + 0.6 * scaled(scores))
        terms.append((values > 0).sum(1).mean())
    out["terms"] = float(np.mean(terms))
    return out


def summary(out, first):
    """The mean over pools of the differences to the first evaluation, for alone, hybrid and free."""
    line = []
    for kind in ("blended", "blended hybrid", "siamese", "free", "free hybrid"):
        rows = [gains - first[key] for key, gains in out.items() if key != "terms" and key[1] == kind]
        error = sum(d.var() / len(d) for d in rows) ** 0.5 / len(rows)
        line.append(f"{kind} {np.mean([d.mean() for d in rows]):+.4f}±{error:.4f}")
    return "mean | " + " | ".join(line)


@torch.inference_mode()
def escaped(top, banks, rng, count=12):
    """Active terms of some documents that are not among their own, as a share of the active ones."""
    outside = total = 0
    for bank in banks:
        rows = rng.choice(len(bank.documents), min(count, len(bank.documents)), replace=False)
        hidden, mask, terms = bank.documents.batch(rows)
        whole = top.siamese(hidden, mask) > 0
        total += int(whole.sum())
        outside += int(whole.scatter(1, terms, False).sum())
    return outside / max(1, total)


def hybrid(scores, lexical):
    """Scores with BM25's as `apus search` weighs them, each divided by its range; both `[queries, documents]`."""
    return 0.6 * scores / scores.detach().amax(1, keepdim=True).clamp(min=1e-6) + 0.4 * lexical


def divergence(scores, target):
    """KL of the target ranking from that of the scores, mean over queries."""
    return F.kl_div(F.log_softmax(scores, 1), target, reduction="batchmean")


class Step:
    """The loss of one step, and what is remembered after it."""

    def __init__(self, top, teachers, hybrid_teachers, temperature, options):
        self.top, self.teachers, self.temperature, self.options = top, teachers, temperature, options
        self.hybrid_teachers, self.lexical = hybrid_teachers, Teachers({"bm25": 1.0}, teachers.vocabulary)
        self.rarity = (5.0 / top.table.detach().clamp(min=0.1)).clamp(0.6, 5.0)
        self.document = Penalty(options.document_strength, options.document_share, 1e-6, 1.0)
        self.query = Penalty(options.query_strength, options.query_share, 1e-7, 1.0)

    def target(self, teachers, bank, rows):
        """What the teachers say, with a share for the query's own document."""
        o = self.options
        return (1 - o.own) * F.softmax(o.sharpness * teachers.targets(bank, rows).float(), 1) + o.own * bank.own(rows)

    def chosen(self, scores, target, rng):
        """The documents whose share of the ranking is most wrong, and some others."""
        wrong = (F.softmax(scores.detach() * self.temperature[0].detach().exp(), 1) - target).abs().sum(0)
        most = min(self.options.documents, len(wrong))
        others = rng.choice(len(wrong), min(self.options.others, len(wrong)), replace=False)
        return np.union1d(wrong.topk(most).indices.numpy(), others)

    def __call__(self, bank, rng):
        """Divergence and penalties, as (loss, penalty, share of the terms at the start: documents, queries)."""
        o = self.options
        rows = rng.choice(len(bank.queries), min(o.batch, len(bank.queries)), replace=False)
        target, remembered = self.target(self.teachers, bank, rows), bank.matrix(bank.values)
        sides = rankings(self.top, bank, rows, o)
        scores = [SparseProduct.apply(q * bank.idf, remembered) for q in sides]
        chosen = self.chosen(scores[0], target, rng)
        values = weights(self.top, bank.documents, chosen)
        fresh = dense(values, bank.documents.terms[chosen], bank.vocabulary)
        loss, columns = 0, torch.from_numpy(chosen)
        for side, old, heat, weight in zip(sides, scores, self.temperature, (1.0, o.siamese_weight, o.free_weight)):
            new = old.index_copy(1, columns, (side * bank.idf) @ fresh.T)
            loss = loss + weight * divergence(new * heat.exp(), target)
            if side is sides[0] and o.hybrid_weight > 0:
                both = hybrid(new, self.lexical.targets(bank, rows).float()) * self.temperature[3].exp()
                loss = loss + o.hybrid_weight * divergence(both, self.target(self.hybrid_teachers, bank, rows))
        penalty = self.document.strength * (fresh * self.rarity).sum(1).mean() + self.query.strength * (sides[1] * self.rarity).sum(1).mean()
        bank.values[chosen] = values.detach().numpy()
        now = (values > 0).sum().item() / bank.documents.active[chosen].sum(), (sides[1] > 0).sum().item() / bank.queries.active[rows].sum()
        self.document.steer(now[0]), self.query.steer(now[1])
        return loss, penalty, *now


def train(top, splade, banks, dev, teachers, hybrid_teachers, options):
    """The loop."""
    temperature = torch.nn.Parameter(torch.tensor([0.6, 0.6, 0.6, 20.0]).log())
    body = [p for layer in top.layers for p in layer.parameters()] + list(top.transform.parameters())
    groups = [(body, options.rate), ([top.bias], options.rate * options.bias_rate), ([top.table], options.table_rate)]
    loop, step = Loop(top, groups, [temperature], options), Step(top, teachers, hybrid_teachers, temperature, options)
    more = loop.restore()
    if more:
        step.document.strength, step.query.strength = more["strengths"]
        for bank, values in zip(banks, more["banks"]):
            bank.values = values

    def kept():
        return {"strengths": (step.document.strength, step.query.strength), "banks": [bank.values.copy() for bank in banks]}

    path = options.out / "first.pt"
    if dev and not path.exists():
        torch.save(evaluate(top, dev, options), path)
        loop.say("start | " + report(torch.load(path, weights_only=False)))
    first = torch.load(path, weights_only=False) if dev else None
    odds = np.array([len(bank.queries) for bank in banks], float) ** 0.5
    lines, clock = [], time.time()
    while loop.step < options.steps:
        rng = np.random.default_rng((options.seed, loop.step))
        loss, penalty, *now = step(banks[rng.choice(len(banks), p=odds / odds.sum())], rng)
        loop.update(loss + penalty + options.stay * loop.distance(), kept)
        lines.append((float(loss.detach()), float(penalty.detach()), *now))
        if loop.step % 20 == 0:
            told = np.mean(lines[-20:], 0)
            loop.say(f"step {loop.step} | {told[0]:.3f} + {told[1]:.3f} | terms × {told[2]:.2f} and {told[3]:.2f} | {(time.time() - clock) / 20:.2f} s")
            clock = time.time()
        if dev and (loop.step % options.every == 0 or loop.step == options.steps):
            out, away = loop.averaged(lambda: (evaluate(top, dev, options), escaped(top, dev, rng)))
            loop.say(f"step {loop.step} | {report(out, first)}\n{summary(out, first)} | near {float(loop.distance().detach()):.3f} | escaped {away:.3f}")
            loop.averaged(lambda: export(top, splade, options, f"model-{loop.step}"))
            clock = time.time()
        if loop.step == options.stop:
            break
    return loop


def export(top, splade, options, name="model"):
    """RUN/NAME: weights, table and tokenizer."""
    out = options.out / name
    splade.masked_lm.save_pretrained(out)
    np.save(out / "terms.npy", F.relu(top.table.detach()).numpy())
    for path in options.model.glob("*token*.json"):
        shutil.copy(path, out)


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--dev", type=Path, nargs="*", default=[])
    parser.add_argument("--first", type=int, default=4, help="the first layer that is trained")
    parser.add_argument("--teachers", nargs="+", default=["bm25=1", "e5=1"], help="NAME=WEIGHT")
    parser.add_argument("--also", nargs="*", default=[], help="NAME=WEIGHT, of pools that have vectors of it")
    parser.add_argument("--sharpness", type=float, default=25, help="of the teachers' mean, as logits")
    parser.add_argument("--own", type=float, default=0.1, help="share of the target for the query's own document")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--stop", type=int, default=0, help="save and end after this step, to go on later")
    parser.add_argument("--every", type=int, default=200, help="steps between evaluations")
    parser.add_argument("--batch", type=int, default=48, help="queries of a step")
    parser.add_argument("--documents", type=int, default=64, help="of a step: those most in dispute")
    parser.add_argument("--others", type=int, default=12, help="of a step: drawn from all")
    parser.add_argument("--rate", type=float, default=4e-5)
    parser.add_argument("--bias-rate", type=float, default=5, help="of the head's bias, times --rate")
    parser.add_argument("--table-rate", type=float, default=3e-3)
    parser.add_argument("--stay", type=float, default=0.0, help="strength of the distance to the start")
    parser.add_argument("--hybrid-teachers", nargs="+", default=["bm25=1", "e5=1"], help="NAME=WEIGHT, of what the hybrid is to say")
    parser.add_argument("--hybrid-weight", type=float, default=0.0)
    parser.add_argument("--siamese-weight", type=float, default=0.3)
    parser.add_argument("--free-weight", type=float, default=0.3)
    parser.add_argument("--document-strength", type=float, default=1e-3)
    parser.add_argument("--document-share", type=float, default=0.98, help="of a text's terms at the start")
    parser.add_argument("--query-strength", type=float, default=1e-3)
    parser.add_argument("--query-share", type=float, default=1.0)
    parser.add_argument("--share", type=float, default=0.3, help="the table's in a blended query")
    parser.add_argument("--most", type=int, default=30, help="terms of a blended query")
    parser.add_argument("--average", type=float, default=0.99)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if any(item.startswith("mini1=") for item in options.teachers + options.hybrid_teachers + options.also):
        parser.error("mini1 is no teacher here: its documents change; name bm25, minilm or e5")
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    lacking_teachers(options.teachers + (options.hybrid_teachers if options.hybrid_weight > 0 else []), options.train, options.cache)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "options.json").write_text(json.dumps(vars(options), default=str, indent=1))
    splade = Splade.load(options.model, fast_bfloat16("cpu")).eval()
    top = Top(splade, np.load(options.model / "terms.npy"), options.first)
    vocabulary = AutoTokenizer.from_pretrained(options.model).get_vocab()
    banks, dev = ([Bank(p, options.cache, options.first, len(top.table)) for p in part] for part in (options.train, options.dev))
    teachers = [Teachers(named_weights(names), vocabulary, named_weights(options.also)) for names in (options.teachers, options.hybrid_teachers)]
    train(top, splade, banks, dev, *teachers, options).averaged(lambda: export(top, splade, options))


if __name__ == "__main__":
    sys.exit(main())
