"""A BERT of one layer and a query table for tests: random, always the same."""

import numpy as np
import torch
from transformers import BertConfig, BertForMaskedLM


def small_model(folder, words):
    """Writes a model of `words` words to `folder`."""
    torch.manual_seed(0)
    config = BertConfig(vocab_size=words, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertForMaskedLM(config).save_pretrained(folder)
    np.save(folder / "terms.npy", np.full(words, 2, np.float32))
