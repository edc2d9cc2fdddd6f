"""Distil document vectors of a large encoder into a small one, with a query table of its own.

    python distil.py --taught TAUGHT --init START --out RUN --steps 8000         # TAUGHT: taught.py; START: deepen.py

A step: neighbourhoods of texts, encoded over the terms that the teacher gives them, their own tokens and a random part of
the vocabulary; the squared difference of weights, dearer for terms that queries weigh more; and for spans of the texts as
inference-free queries, scored as `apus search` does (idf^.5), the divergence of the student's ranking of the batch from the
teacher's. An L1 penalty is steered to a number of terms. RUN/state.pt is written every two minutes and gone on from (state.py);
a loss that is no number stops the run with 3 and keeps the last good weights. RUN/model is the average, for export.py; it
is written at every save. --steps may be changed for a run that goes on: the rate falls to 0 over the last part of it.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from transformers import AutoTokenizer

from model import Splade
from loop import Loop
from penalties import Penalty
from sampled import Columns, encode
from taught import Taught
from teacher import fast_bfloat16

# An average of all parameters costs as much as an eighth of a step.
AVERAGE_EVERY = 4


class Batches:
    """Batches of neighbourhoods; a function of seed and step alone."""

    def __init__(self, taught, size, group, seed):
        self.taught, self.size, self.group, self.seed = taught, size, group, seed
        self.epoch, self.groups = None, []

    def rows(self, step):
        """The texts of a step."""
        per_epoch = max(1, len(self.taught) // self.size - 1)
        epoch, at = divmod(step, per_epoch)
        if epoch != self.epoch:
            self.groups = np.concatenate(self.taught.neighbourhoods(self.group, self.seed + epoch))
            self.epoch = epoch
        return self.groups[at * self.size : (at + 1) * self.size]


def spans(texts, rng, least=3, most=16):
    """A span of each text as a query: its distinct tokens."""
    out = []
    for ids in texts:
        inner = ids[1:-1]
        size = min(len(inner), int(rng.integers(least, most + 1)))
        start = int(rng.integers(0, len(inner) - size + 1))
        out.append(np.unique(inner[start : start + size]))
    return out


class Distillation:
    """Student, table, average and optimiser."""

    def __init__(self, taught, options):
        self.taught, self.options = taught, options
        torch.manual_seed(options.seed)
        # No dropout: a small model does not learn this many texts by heart.
        self.student = Splade.load(options.init, fast_bfloat16("cpu")).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(options.init)
        self.given = torch.from_numpy(np.load(options.init / "terms.npy"))
        self.table = torch.nn.Parameter(self.given.clone())
        self.importance = (self.given / self.given.mean()).clamp(0.2, 3)
        self.rarity = (5.0 / self.given.clamp(min=0.1)).clamp(0.6, 5.0)
        self.root_idf = torch.from_numpy(np.sqrt(taught.idf))
        body = [p for p in self.student.parameters() if p.requires_grad]
        self.penalty = Penalty(options.strength, options.terms, 1e-5, 1.0)
        self.batches = Batches(taught, options.batch, options.group, options.seed)
        module = torch.nn.ModuleList([self.student, torch.nn.ParameterList([self.table])])
        groups = [(body, options.rate), ([self.table], options.table_rate)]
        self.loop = Loop(module, groups, [], options, options.warm, options.fall, 2.0, AVERAGE_EVERY, saved=self.export)

    def loss(self, step):
        """The loss of a step and what is reported of it: difference of weights, divergence, terms of a text."""
        rng = np.random.default_rng((self.options.seed, step))
        rows = self.batches.rows(step)
        texts, teacher = [self.taught.ids(r) for r in rows], self.taught.vectors(rows)
        needed = np.concatenate([teacher.indices, *texts])
        columns = Columns(needed, self.taught.vocabulary, self.options.others, rng)
        wanted, found = columns.dense(teacher), encode(self.student, texts, columns)
        ids, share = torch.from_numpy(columns.ids), columns.share
        apart = ((found - wanted).square() * (self.importance[ids] * share)).sum(1).mean()
        bags = torch.zeros(len(texts), len(ids))
        for row, tokens in enumerate(spans(texts, rng)):
            bags[row, columns.place[tokens]] = 1
        bags = bags * self.root_idf[ids] * self.options.sharpness
        target = F.softmax((bags * self.given[ids]) @ wanted.T, 1)
        ranked = F.log_softmax((bags * F.relu(self.table[ids])) @ found.T, 1)
        divergence = F.kl_div(ranked, target, reduction="batchmean")
        terms = float(((found.detach() > 0) * share).sum(1).mean())
        cost = self.penalty.strength * (found * (self.rarity[ids] * share)).sum(1).mean()
        return self.options.apart * apart + divergence + cost, float(apart.detach()), float(divergence.detach()), terms

    def export(self):
        """RUN/model, of the averaged weights."""
        out = self.options.out / "model"
        self.loop.averaged(lambda: (self.student.masked_lm.save_pretrained(out), np.save(out / "terms.npy", F.relu(self.table.detach()).numpy())))
        self.tokenizer.save_pretrained(out)

    def run(self):
        """Steps until --steps, or --stop, from a state where there is one."""
        loop, o = self.loop, self.options
        self.penalty.strength = loop.restore().get("strength", self.penalty.strength)
        start, told = time.time(), []
        while loop.step < o.steps:
            loss, *line = self.loss(loop.step)
            self.penalty.steer(line[2])
            loop.update(loss, lambda: {"strength": self.penalty.strength})
            told.append(line)
            if loop.step % o.report == 0:
                apart, divergence, terms = np.mean(told, 0)
                loop.say(f"step {loop.step} | weights {apart:.2f} | ranking {divergence:.3f} | {terms:.0f} terms, strength "
                         f"{self.penalty.strength:.2g} | {(time.time() - start) / len(told):.2f} s a step")  # fmt: skip
                start, told = time.time(), []
            if loop.step == o.stop:
                return


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taught", type=Path, nargs="+", required=True)
    parser.add_argument("--init", type=Path, required=True, help="a model folder with terms.npy")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--stop", type=int, default=0, help="save and end after this step")
    parser.add_argument("--batch", type=int, default=48, help="texts of a step")
    parser.add_argument("--group", type=int, default=8, help="texts of a neighbourhood, at most")
    parser.add_argument("--others", type=int, default=2000, help="random terms of a step")
    parser.add_argument("--apart", type=float, default=0.05, help="the share of the difference of weights in the loss")
    parser.add_argument("--sharpness", type=float, default=0.15, help="of scores before the softmax")
    parser.add_argument("--terms", type=float, default=115, help="of a text")
    parser.add_argument("--strength", type=float, default=1e-3, help="of the L1 penalty, where it begins")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--table-rate", type=float, default=2e-3)
    parser.add_argument("--warm", type=int, default=100)
    parser.add_argument("--fall", type=float, default=0.5, help="the part of the steps over which the rate falls")
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--report", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    vocabulary = len(np.load(options.init / "terms.npy"))
    Distillation(Taught(options.taught, vocabulary), options).run()


if __name__ == "__main__":
    main()
