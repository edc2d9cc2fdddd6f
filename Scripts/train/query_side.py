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
from model import MaxOverPositions, Splade, padded
from state import State
from targets import Teachers, lacking_teachers
from teacher import fast_bfloat16

QUERY_TOKENS = 256


class SparseProduct(torch.autograd.Function):
    """Queries `[n, vocabulary]` times constant sparse documents, `[n, documents]`."""

    @staticmethod
    def forward(ctx, queries, documents):
        ctx.documents = documents
        return torch.from_numpy((documents @ queries.detach().numpy().T).T.copy())

    @staticmethod
    def backward(ctx, gradient):
        return torch.from_numpy((ctx.documents.T @ gradient.numpy().T).T.copy()), None


class Top(torch.nn.Module):
    """What is trained: the last layers, the head's transform and bias, the table, and a factor for each term."""

    def __init__(self, splade, table, first):
        super().__init__()
        bert = splade.masked_lm.bert
        self.heads = splade.masked_lm.config.num_attention_heads
        self.layers = bert.encoder.layer[first:]
        self.transform = splade.masked_lm.cls.predictions.transform
        self.bias = splade.masked_lm.cls.predictions.bias
        self.embeddings = bert.embeddings.word_embeddings.weight.detach()
        self.table = torch.nn.Parameter(torch.as_tensor(table).clone())
        self.factor = torch.nn.Parameter(torch.zeros_like(self.table))
        self.mixed = splade.mixed

    def layer(self, layer, hidden, mask):
        """One BERT layer."""
        attention, (rows, length, width) = layer.attention, hidden.shape

        def split(part):
            return part(hidden).view(rows, length, self.heads, -1).transpose(1, 2)

        own = attention.self
        mixed = F.scaled_dot_product_attention(split(own.query), split(own.key), split(own.value), attn_mask=mask[:, None, None])
        mixed = mixed.transpose(1, 2).reshape(rows, length, width)
        hidden = attention.output.LayerNorm(attention.output.dense(mixed) + hidden)
        inner = F.gelu(layer.intermediate.dense(hidden))
        return layer.output.LayerNorm(layer.output.dense(inner) + hidden)

    def siamese(self, hidden, mask):
        """Term weights of hidden states `[rows, length, width]`; `mask` is true at real positions."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.mixed):
            for layer in self.layers:
                hidden = self.layer(layer, hidden, mask)
            hidden = self.transform(hidden)
        hidden = hidden.float()
        hidden = torch.where(mask[..., None], hidden, hidden[:, :1])
        dtype = torch.bfloat16 if self.mixed else torch.float32
        weights = torch.log1p(F.relu(MaxOverPositions.apply(hidden, self.embeddings, self.bias, dtype)))
        return weights * self.factor.exp()

    def free(self, bags):
        """The table's weights of typed tokens `[rows, vocabulary]` of 0 and 1."""
        return bags * F.relu(self.table)


def blended(siamese, free, share, most):
    """As `cached.blend`, with gradients."""
    length = siamese.norm(dim=1, keepdim=True) / free.norm(dim=1, keepdim=True).clamp(min=1e-6)
    return cut((1 - share) * siamese + share * length * free, most)


def cut(weights, most):
    """Each row's heaviest terms."""
    least = weights.topk(most, dim=1).values[:, -1:]
    return torch.where(weights >= least, weights, 0)


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
        longest = int(self.sizes[rows].max())
        hidden = np.zeros((len(rows), longest, self.hidden.shape[1]), np.float32)
        mask, bags = np.zeros((len(rows), longest), bool), np.zeros((len(rows), len(self.idf)), np.float32)
        for i, row in enumerate(rows):
            end, size = self.ends[row], self.sizes[row]
            hidden[i, :size], mask[i, :size] = self.hidden[end - size : end], True
            bags[i, self.tokens[end - size + 1 : end - 1]] = 1
        return torch.from_numpy(hidden), torch.from_numpy(mask), torch.from_numpy(bags)

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
    groups = [
        {"params": [p for l in top.layers for p in l.parameters()] + list(top.transform.parameters()), "lr": options.rate},
        {"params": [top.bias], "lr": options.rate * options.bias_rate},
        {"params": [top.table], "lr": options.table_rate},
        {"params": [top.factor], "lr": options.factor_rate},
    ]
    groups = [g for g in groups if g["lr"] > 0 and g["params"]]
    parameters = [p for g in groups for p in g["params"]]
    for p in top.parameters():
        p.requires_grad_(False)
    for p in parameters:
        p.requires_grad_(True)
    temperature = torch.nn.Parameter(torch.tensor([0.6, 0.6, 0.6]).log())
    groups.append({"params": [temperature], "lr": 5e-3})
    optimiser = torch.optim.AdamW(groups, weight_decay=0.0, betas=(0.9, 0.98))
    for group in optimiser.param_groups:
        group["rate"] = group["lr"]
    start = [p.detach().clone() for p in parameters]
    average = [p.detach().clone() for p in parameters]
    state, step = State(options.out), 0
    found = state.load()
    if found:
        for p, a, value, mean in zip(parameters, average, found["parameters"], found["average"]):
            p.data.copy_(value), a.copy_(mean)
        temperature.data.copy_(found["temperature"])
        optimiser.load_state_dict(found["optimiser"])
        step = found["step"]
        print(f"goes on from step {step}", flush=True)
    first_path = options.out / "first.pt"
    log = open(options.out / "log.txt", "a")

    def say(text):
        print(text, flush=True)
        log.write(text + "\n")
        log.flush()

    def with_average(work):
        own = [p.detach().clone() for p in parameters]
        for p, a in zip(parameters, average):
            p.data.copy_(a)
        result = work()
        for p, value in zip(parameters, own):
            p.data.copy_(value)
        return result

    def save():
        state.save(parameters=[p.detach() for p in parameters], average=average, temperature=temperature.detach(),
                   optimiser=optimiser.state_dict(), step=step)  # fmt: skip

    if first_path.exists():
        first = torch.load(first_path, weights_only=False)
    else:
        first = evaluate(top, dev, options.share, options.most)
        torch.save(first, first_path)
        say("start | " + report(first))
    sizes = np.array([len(c.sizes) for c in cached], float) ** 0.5
    saved, losses, clock = time.time(), [], time.time()
    while step < options.steps:
        rng = np.random.default_rng((options.seed, step))
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
        penalty = options.query_strength * (siamese.abs().sum(1) ** 2).mean()
        near = sum(((p - s) ** 2).sum() for p, s in zip(parameters, start))
        optimiser.zero_grad()
        (loss + penalty + options.stay * near).backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        if not torch.isfinite(loss) or not torch.isfinite(norm):
            say(f"step {step}: the loss is {float(loss)}, its gradient {float(norm)}: stopped, the weights before it are kept")
            save()
            raise SystemExit(3)
        warm = min(1.0, (step + 1) / 30) * (1 - step / options.steps)
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * warm
        optimiser.step()
        step += 1
        keep = min(options.average, 1 - 1 / (step / 2 + 1))
        for p, a in zip(parameters, average):
            a.mul_(keep).add_(p.detach(), alpha=1 - keep)
        losses.append(float(loss.detach()))
        if step % 20 == 0:
            say(f"step {step} | {np.mean(losses[-20:]):.3f} | near {float(near.detach()):.4f} | {(siamese > 0).sum(1).float().mean():.0f} terms | {(time.time() - clock) / 20:.2f} s")
            clock = time.time()
        if time.time() - saved > 120 or step == options.steps or step == options.stop:
            save()
            saved = time.time()
        if step % options.every == 0 or step == options.steps:
            say(f"step {step} | " + with_average(lambda: report(evaluate(top, dev, options.share, options.most), first)))
            clock = time.time()
        if step == options.stop:
            return
    with_average(lambda: torch.save(top.state_dict(), options.out / "top.pt"))


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
    teachers = Teachers({name: float(w) for name, w in (item.split("=") for item in options.teachers)}, vocabulary)
    train(top, cached, dev, teachers, options)


if __name__ == "__main__":
    sys.exit(main())
