"""Distil a dense teacher and BM25 into a SPLADE encoder, for siamese and inference-free queries at once.

    python train.py --data DATA --init FOLDER --out RUN --minutes 75 [--device cuda]

RUN receives `log.txt`, `state.pt` (everything needed to go on: start again with the same command) and `model/`
(averaged weights and `terms.npy`, the inference-free table; see export.py). The learning rate falls to zero with the
clock when --minutes is given, with --steps otherwise (then the run is deterministic for a seed and machine).
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from bank import KINDS, Bank
from model import Splade, padded
from pairs import Pairs
from penalties import Penalty, common_penalty, document_penalty, query_penalty
from teacher import Teacher, fast_bfloat16
from warmup import masked_batch


class Run:
    """Model, averaged model, optimiser and the counters that a checkpoint holds."""

    def __init__(self, options):
        self.options = options
        self.device = torch.device(options.device)
        torch.manual_seed(options.seed)
        self.pairs = Pairs(options.data)
        mixed = fast_bfloat16(options.device)
        self.model = Splade.load(options.init, mixed).to(self.device)
        self.average = Splade.load(options.init, mixed).to(self.device).requires_grad_(False)
        self.idf = self.pairs.idf.to(self.device)
        self.share = torch.zeros_like(self.idf)
        self.rarity = (5.0 / self.idf.clamp(min=0.1)).clamp(0.6, 5.0)
        learned = options.init / "terms.npy"
        start = torch.from_numpy(np.load(learned)).to(self.device) if learned.exists() else self.idf
        self.table = torch.nn.Parameter(start.clone())
        self.average_table = start.clone()
        self.bank = Bank(options.bank, len(self.idf), self.device)
        self.temperature = torch.nn.Parameter(torch.tensor([0.5, 0.3], device=self.device).log())
        head = list(self.model.masked_lm.cls.predictions.transform.parameters()) + [
            self.model.masked_lm.cls.predictions.bias
        ]
        seen = {id(p) for p in head}
        self.freeze(options.freeze)
        body = [p for p in self.model.parameters() if id(p) not in seen and p.requires_grad]
        rate = options.rate
        groups = [
            {"params": body, "lr": rate, "weight_decay": 0.01},
            {"params": head, "lr": 4 * rate, "weight_decay": 0.01},
            {"params": [self.table], "lr": options.table_rate, "weight_decay": 0.0},
            {"params": [self.temperature], "lr": 2e-3, "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, fused=True)
        self.rates = [group["lr"] for group in groups]
        self.document = Penalty(options.document_strength, options.document_terms, 1e-5, 1.0)
        self.query = Penalty(options.query_strength, options.query_terms, 1e-6, 0.5)
        self.step, self.seconds = 0, 0.0
        path = options.data / "document-embeddings.npy"
        width = self.pairs.embeddings.shape[1]
        if not path.exists():
            np.lib.format.open_memmap(path, "w+", np.float16, (len(self.pairs.queries), width))[:] = np.nan
        self.embedded = np.load(path, mmap_mode="r+")
        self.teacher = Teacher(options.device)

    def freeze(self, layers):
        """Keep the embeddings and the lowest layers as they are (none of either for 0): cheaper, and calmer in short runs."""
        bert = self.model.masked_lm.bert
        if layers:
            bert.embeddings.requires_grad_(False)
            for layer in bert.encoder.layer[: layers - 1]:
                layer.requires_grad_(False)

    def save(self):
        """Write `state.pt` and `model/` through temporary names."""
        state = {
            "model": self.model.state_dict(), "average": self.average.state_dict(), "table": self.table.data,
            "average_table": self.average_table, "share": self.share, "temperature": self.temperature.data,
            "optimiser": self.optimiser.state_dict(), "step": self.step, "seconds": self.seconds,
            "strengths": (self.document.strength, self.query.strength), "used": self.pairs.used,
            "centres": self.pairs.centres, "bank": self.bank.state(),
        }  # fmt: skip
        partial = self.options.out / "state.tmp"
        torch.save(state, partial)
        partial.rename(self.options.out / "state.pt")
        folder = self.options.out / "model"
        self.average.masked_lm.save_pretrained(folder)
        self.teacher.tokenizer.save_pretrained(folder)
        np.save(folder / "terms.npy", self.average_table.cpu().numpy())

    def restore(self):
        """Go on from `state.pt` where there is one."""
        path = self.options.out / "state.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=False)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.table.data.copy_(state["table"])
        self.average_table.copy_(state["average_table"])
        self.share.copy_(state.get("share", self.share))
        self.temperature.data.copy_(state["temperature"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.document.strength, self.query.strength = state["strengths"]
        self.pairs.used, self.pairs.centres = state["used"], state["centres"]
        self.bank.restore(state["bank"])

    def encode_documents(self, index):
        """Term weights and teacher embeddings of a batch, a third at a time so that little padding is encoded."""
        weights, teacher = [], []
        for part in np.array_split(index, 3):
            ids, mask = padded(self.pairs.documents[part], self.device)
            weights.append(self.model(ids, mask))
            rows = np.array(self.embedded[part], np.float32)
            if np.isnan(rows).any():
                rows = self.teacher.forward(ids, mask).cpu().numpy().astype(np.float16)
                self.embedded[part] = rows  # rounded at once, so that a second reading sees the same values
            teacher.append(torch.from_numpy(rows.astype(np.float32)))
        return torch.cat(weights), torch.cat(teacher)

    def encode_queries(self, index):
        """Term weights and padded ids of a batch's queries; thirds by length, since one long query pads all others."""
        lengths = (self.pairs.queries[index] != 0).sum(1)
        order = np.argsort(lengths, kind="stable")
        weights = [self.model(*padded(self.pairs.queries[index[part]], self.device)) for part in np.array_split(order, 3)]
        back = torch.from_numpy(np.argsort(order, kind="stable")).to(self.device)
        return torch.cat(weights)[back], padded(self.pairs.queries[index], self.device)[0]

    def masked_loss(self, index, rng):
        """Cross-entropy of 15 % masked words in a third of the batch's passages, over the same head."""
        part = np.sort(rng.permutation(index)[: max(1, len(index) // 3)])
        block, mask, chosen, truth = masked_batch(self.pairs.documents[part], rng)
        block, mask, chosen, truth = (x.to(self.device) for x in (block, mask, chosen, truth))
        masked_lm = self.model.masked_lm
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.model.mixed):
            hidden = masked_lm.bert(input_ids=block, attention_mask=mask).last_hidden_state[chosen]
            logits = masked_lm.cls(hidden)
        return F.cross_entropy(logits.float(), truth)

    def progress(self):
        """0 at the start, 1 at the end, by the clock or by steps."""
        if self.options.minutes:
            return min(1.0, self.seconds / (60 * self.options.minutes))
        return min(1.0, self.step / self.options.steps)

    def targets(self, index, dense, remembered):
        """Teacher's logits, queries by passages: of the batch, and of the batch with the remembered pairs, both ways."""
        options, pairs = self.options, self.pairs
        old = torch.from_numpy(np.array(self.embedded[remembered], np.float32))

        def logits(queries, documents, embeddings):
            cosine = pairs.embeddings[queries] @ embeddings.T
            return (options.dense_scale * cosine + options.bm25_scale * pairs.bm25(queries, documents)).to(self.device)

        return logits(index, index, dense), logits(index, remembered, old), logits(remembered, index, dense)

    def distil(self, kind, queries, documents, target):
        """Loss of one query side, and its scores over batch and bank (batch first)."""
        bank, count = self.bank, len(documents)
        remembered = bank.filled
        rate = self.temperature[KINDS.index(kind)].exp()
        across = queries @ bank.documents[:remembered].T
        back = bank.queries[kind][:remembered] @ documents.T
        inside = queries @ documents.T
        scores = torch.cat(
            [torch.cat([inside, across], 1), torch.cat([back, bank.scores[kind][:remembered, :remembered]], 1)]
        )
        student = F.log_softmax(scores * rate, 1)
        divergence = F.kl_div(student, F.log_softmax(target, 1), log_target=True, reduction="none").sum(1)
        labels = torch.arange(count, device=self.device)
        loss = divergence[:count].mean() + self.options.contrast * F.nll_loss(student[:count], labels)
        if remembered:
            loss = loss + self.options.bank_weight * divergence[count:].sum() / count
        log = {kind: divergence[:count].mean().item()}
        log[kind + "@1"] = (scores[:count].argmax(1) == labels).float().mean().item()
        return loss, scores.detach(), log

    def update(self, rng):
        """One step; returns what is logged."""
        options, pairs = self.options, self.pairs
        warm = min(1.0, (self.step + 1) / 40) * (1 - self.progress())
        for group, rate in zip(self.optimiser.param_groups, self.rates):
            group["lr"] = rate * warm
        index = pairs.batch(options.batch, options.seeds, options.stay, self.step, rng, options.favour)
        documents, dense = self.encode_documents(index)
        siamese, ids = self.encode_queries(index)
        presence = torch.zeros_like(siamese).scatter_(1, ids, 1.0) * (self.idf > 0)
        queries = {"siamese": siamese, "free": presence * F.relu(self.table)}
        inside, across, back = self.targets(index, dense, self.bank.rows())
        known = self.bank.target[: self.bank.filled, : self.bank.filled]
        target = torch.cat([torch.cat([inside, across], 1), torch.cat([back, known], 1)])
        labels = torch.arange(len(index), device=self.device)
        loss, log, scores = 0.0, {}, {}
        for kind in KINDS:
            part, scores[kind], values = self.distil(kind, queries[kind], documents, target)
            loss = loss + part
            log.update(values)
        flops = document_penalty(documents, self.rarity, options.threshold)
        self.share.lerp_((documents > 0).float().mean(0), 0.02)
        excess = (self.share / options.share - 1).clamp(0, 8)
        length = query_penalty(siamese, ids, self.idf, self.rarity, excess, options.query_most)
        loss = loss + self.document.strength * flops + self.query.strength * length
        loss = loss + options.common_strength * common_penalty(documents, excess)
        if options.masked:
            masked = self.masked_loss(index, rng)
            loss = loss + options.masked * masked
            log["masked"] = masked.item()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        held = {kind: value.detach() for kind, value in queries.items()}
        self.bank.add(index, documents.detach(), held, scores, target)
        if self.step % 5 == 0:
            keep = min(options.keep, (self.step + 1) / (self.step + 50))
            with torch.no_grad():
                for slow, fast in zip(self.average.parameters(), self.model.parameters()):
                    slow.lerp_(fast, 1 - keep)
                self.average_table.lerp_(F.relu(self.table), 1 - keep)
        log["terms"] = (documents > 0).sum(1).float().mean().item()
        log["query"] = (siamese > 0).sum(1).float().mean().item()
        log["typed"] = presence.sum(1).mean().item()
        log["flops"] = (documents.mean(0) ** 2).sum().item()
        log["teacher@1"] = (target[: len(index)].argmax(1) == labels).float().mean().item()
        self.document.steer(log["terms"])
        self.query.steer(log["query"])
        return log

    def train(self):
        """Steps until the clock or the count is done, a log line every 20, a checkpoint every few minutes."""
        options = self.options
        options.out.mkdir(parents=True, exist_ok=True)
        self.restore()
        smooth, saved = {}, self.seconds
        with open(options.out / "log.txt", "a", buffering=1) as file:
            file.write(f"# {vars(options)}\n")
            while self.progress() < 1 and self.step != options.stop:
                start = time.monotonic()
                rng = np.random.default_rng([options.seed, self.step])
                for name, value in self.update(rng).items():
                    smooth[name] = 0.95 * smooth.get(name, value) + 0.05 * value
                self.step += 1
                self.seconds += time.monotonic() - start
                if self.step % 20 == 0 or self.step < 4:
                    values = " ".join(f"{name} {value:.3f}" for name, value in smooth.items())
                    strengths = f"λd {self.document.strength:.2g} λq {self.query.strength:.2g}"
                    scales = " ".join(f"{v:.3f}" for v in self.temperature.exp().tolist())
                    file.write(f"{self.step} {self.seconds:.0f} s {values} {strengths} τ {scales}\n")
                if self.seconds - saved > 60 * options.every:
                    saved = self.seconds
                    self.save()
            self.save()
            file.write("done\n" if self.progress() >= 1 else "stopped\n")


def main():
    """Parse the options and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--init", type=Path, required=True, help="Hugging Face folder with a masked-LM head")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--stop", type=int, default=-1, help="save and leave at this step; start again to go on")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--seeds", type=int, default=4, help="neighbourhoods in a batch")
    parser.add_argument("--stay", type=int, default=6, help="steps that a neighbourhood stays")
    parser.add_argument("--bank", type=int, default=384, help="remembered pairs that are ranked along; see bank.py")
    parser.add_argument("--bank-weight", type=float, default=0.3, help="weight of a remembered query beside a new one")
    parser.add_argument("--favour", nargs="*", default=[], help="sources that half of the neighbourhoods start from")
    parser.add_argument("--freeze", type=int, default=0, help="1: embeddings, 1 + n: and the lowest n layers, keep still")
    parser.add_argument("--rate", type=float, default=6e-5, help="peak learning rate; the head's is 4 times it")
    parser.add_argument("--table-rate", type=float, default=2e-3, help="0 keeps the idf table")
    parser.add_argument("--dense-scale", type=float, default=18.0, help="teacher logits per unit of cosine")
    parser.add_argument("--bm25-scale", type=float, default=8.0, help="teacher logits per whole idf mass matched")
    parser.add_argument("--contrast", type=float, default=0.15, help="weight of the in-batch cross-entropy")
    parser.add_argument("--masked", type=float, default=0.0, help="weight of a masked-LM loss on the passages")
    parser.add_argument("--document-terms", type=float, default=105, help="target of active terms in training passages")
    parser.add_argument("--threshold", type=float, default=100, help="documents with fewer terms are nearly free")
    parser.add_argument("--query-terms", type=float, default=21)
    parser.add_argument("--query-most", type=float, default=26, help="active terms from which a query pays in full")
    parser.add_argument("--document-strength", type=float, default=3e-3)
    parser.add_argument("--common-strength", type=float, default=6e-3, help="constant FLOPS strength on common terms")
    parser.add_argument("--share", type=float, default=0.03, help="share of documents above which a term is common")
    parser.add_argument("--query-strength", type=float, default=1e-3)
    parser.add_argument("--keep", type=float, default=0.98, help="average of weights: share kept every 5 steps")
    parser.add_argument("--every", type=float, default=5, help="minutes between checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    Run(options).train()


if __name__ == "__main__":
    main()
