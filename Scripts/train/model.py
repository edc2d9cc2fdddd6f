"""SPLADE-max on a small BERT with a masked-LM head, with a maximum that is cheap to differentiate.

w_j = log(1 + relu(max_i E_j . g_i + c_j)), i over the positions of the text, [CLS] and [SEP] included
(SPLADE v2, "SPLADE-max"). One `BertForMaskedLM` holds all weights, so saving it is exporting it.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import AutoTokenizer, BertForMaskedLM


class MaxOverPositions(torch.autograd.Function):
    """`max_i H[b, i] . E[v] + bias[v]`, `[batch, vocabulary]`, exact where it is positive, -1 elsewhere.

    The product runs in `dtype`; only entries above zero get their argmax, their float value and a gradient, which are a
    few hundred of 30,522. Padding must already hold copies of a real position.
    """

    @staticmethod
    def forward(ctx, hidden, embeddings, bias, dtype):
        batch, length, width = hidden.shape
        logits = (hidden.reshape(-1, width).to(dtype) @ embeddings.to(dtype).t()).view(batch, length, -1)
        row, column = (logits.amax(1).float() + bias > 0).nonzero(as_tuple=True)
        position = logits[row, :, column].argmax(1)
        value = (hidden[row, position] * embeddings[column]).sum(1) + bias[column]
        out = hidden.new_full((batch, embeddings.shape[0]), -1.0)
        out[row, column] = value
        ctx.save_for_backward(hidden, embeddings, row, column, position)
        return out

    @staticmethod
    def backward(ctx, gradient):
        hidden, embeddings, row, column, position = ctx.saved_tensors
        batch, length, width = hidden.shape
        scale = gradient[row, column]
        to_hidden = torch.zeros_like(hidden)
        to_hidden.view(-1, width).index_add_(0, row * length + position, scale[:, None] * embeddings[column])
        to_embeddings = None
        if ctx.needs_input_grad[1]:
            to_embeddings = torch.zeros_like(embeddings)
            to_embeddings.index_add_(0, column, scale[:, None] * hidden[row, position])
        to_bias = torch.zeros(embeddings.shape[0], device=hidden.device).index_add_(0, column, scale)
        return to_hidden, to_embeddings, to_bias, None


class Splade(torch.nn.Module):
    """Texts to non-negative term weights `[batch, vocabulary]`, for documents and siamese queries alike."""

    def __init__(self, masked_lm, mixed):
        super().__init__()
        self.masked_lm = masked_lm
        self.mixed = mixed

    @classmethod
    def load(cls, folder, mixed):
        """Weights of a Hugging Face folder, in float32; eager attention, three times faster on a CPU at 128 tokens."""
        masked_lm = BertForMaskedLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
        return cls(masked_lm, mixed)

    def states(self, ids, mask):
        """What the decoder multiplies, `[batch, length, width]`; padding holds copies of the first position."""
        with torch.autocast(ids.device.type, dtype=torch.bfloat16, enabled=self.mixed):
            hidden = self.masked_lm.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            hidden = self.masked_lm.cls.predictions.transform(hidden)
        hidden = hidden.float()
        return torch.where(mask[..., None].bool(), hidden, hidden[:, :1])

    def forward(self, ids, mask):
        """Term weights of padded ids `[batch, length]`; `mask` is 1 at real positions."""
        hidden = self.states(ids, mask)
        embeddings = self.masked_lm.bert.embeddings.word_embeddings.weight
        bias = self.masked_lm.cls.predictions.bias
        dtype = torch.bfloat16 if self.mixed else torch.float32
        return torch.log1p(F.relu(MaxOverPositions.apply(hidden, embeddings, bias, dtype)))


def padded(ids, device="cpu"):
    """Ids `[batch, longest]` and mask of a numpy block padded with 0."""
    longest = max(1, int((ids != 0).sum(1).max()))
    block = torch.from_numpy(ids[:, :longest].astype("int64")).to(device)
    return block, (block != 0).long()


def read_table(folder, vocabulary):
    """The inference-free table of `idf.json`, weight by token id."""
    tokens = AutoTokenizer.from_pretrained(folder).get_vocab()
    table = torch.zeros(vocabulary)
    for token, weight in json.loads((Path(folder) / "idf.json").read_text()).items():
        table[tokens[token]] = weight
    return table
