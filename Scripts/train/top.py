"""The upper part of a SPLADE model, which is what is trained on cached hidden states, and what `apus search` makes of it."""

import torch
import torch.nn.functional as F

from model import MaxOverPositions
from texts import ScreenedMaximum


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
        self.dtype = torch.bfloat16 if self.mixed else torch.float32

    def layer(self, layer, hidden, mask):
        """One BERT layer."""
        attention, (rows, length, width) = layer.attention, hidden.shape

        def split(part):
            return part(hidden).view(rows, length, self.heads, -1).transpose(1, 2)

        own = attention.self
        # Written out: on a CPU torch's fused attention takes three times as long, above all backwards.
        scores = split(own.query) @ split(own.key).transpose(2, 3) * (width // self.heads) ** -0.5
        mixed = scores.masked_fill(~mask[:, None, None], -1e9).softmax(3).to(scores.dtype) @ split(own.value)
        mixed = mixed.transpose(1, 2).reshape(rows, length, width)
        hidden = attention.output.LayerNorm(attention.output.dense(mixed) + hidden)
        inner = F.gelu(layer.intermediate.dense(hidden))
        return layer.output.LayerNorm(layer.output.dense(inner) + hidden)

    def states(self, hidden, mask):
        """What the decoder sees of hidden states `[rows, length, width]`; `mask` is true at real positions."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.mixed):
            for layer in self.layers:
                hidden = self.layer(layer, hidden, mask)
            hidden = self.transform(hidden)
        hidden = hidden.float()
        return torch.where(mask[..., None], hidden, hidden[:, :1])

    def siamese(self, hidden, mask):
        """Term weights `[rows, vocabulary]`."""
        maxima = MaxOverPositions.apply(self.states(hidden, mask), self.embeddings, self.bias, self.dtype)
        return torch.log1p(F.relu(maxima)) * self.factor.exp()

    def screened(self, hidden, mask, terms):
        """Weights of each row's own terms, `[rows, terms]`."""
        maxima = ScreenedMaximum.apply(self.states(hidden, mask), self.embeddings, self.bias, terms, self.dtype)
        return torch.log1p(F.relu(maxima)) * self.factor.exp()[terms]

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
