"""SPLADE vectors over a part of the vocabulary: what a step needs of 30,522 terms, at a tenth of the cost."""

import numpy as np
import torch
import torch.nn.functional as F

from model import MaxOverPositions, padded


class Columns:
    """The terms of a step: those that matter to it, each with chance 1, and a random part of all others.

    `share` divides the chance out, so that a sum over the columns estimates the sum over the vocabulary.
    """

    def __init__(self, needed, vocabulary, others, rng):
        needed = np.unique(needed)
        rest = np.setdiff1d(np.arange(vocabulary), needed, assume_unique=True)
        drawn = rng.choice(rest, min(others, len(rest)), replace=False)
        self.ids = np.concatenate([needed, drawn])
        share = np.ones(len(self.ids), np.float32)
        share[len(needed) :] = len(rest) / max(1, len(drawn))
        self.share = torch.from_numpy(share)
        self.place = np.full(vocabulary, -1, np.int32)
        self.place[self.ids] = np.arange(len(self.ids))

    def dense(self, matrix):
        """A sparse matrix over the vocabulary as a dense one over the columns; its terms must all be there."""
        out = np.zeros((matrix.shape[0], len(self.ids)), np.float32)
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        out[rows, self.place[matrix.indices]] = matrix.data
        return torch.from_numpy(out)


def encode(splade, texts, columns):
    """Term weights `[texts, columns]` of lists of token ids; texts of like length are encoded together."""
    wanted = torch.from_numpy(columns.ids)
    embeddings = splade.masked_lm.bert.embeddings.word_embeddings.weight[wanted]
    bias = splade.masked_lm.cls.predictions.bias[wanted]
    dtype = torch.bfloat16 if splade.mixed else torch.float32
    order = np.argsort([len(row) for row in texts], kind="stable")
    parts = []
    for part in np.array_split(order, min(3, len(order))):
        block = np.zeros((len(part), len(texts[part[-1]])), np.int64)
        for row, i in zip(block, part):
            row[: len(texts[i])] = texts[i]
        logits = MaxOverPositions.apply(splade.states(*padded(block)), embeddings, bias, dtype)
        parts.append(torch.log1p(F.relu(logits)))
    return torch.cat(parts)[torch.from_numpy(np.argsort(order))]
