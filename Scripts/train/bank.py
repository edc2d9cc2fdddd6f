"""Recent vectors as further candidates: a batch of 32 that is ranked among hundreds, for the price of a few products.

The vectors are those of the step that made them (a few steps old, "cross-batch memory", arXiv 1912.06798). With batches
that stay in a neighbourhood for some steps, the remembered passages are hard negatives for the new queries, and the
remembered queries judge the new passages. Scores among remembered vectors are kept, not computed again.
"""

import torch

KINDS = ("siamese", "free")


class Bank:
    """A ring of `size` remembered pairs: index, term weights of passage and queries, scores, teacher's logits."""

    def __init__(self, size, vocabulary, device):
        self.size, self.filled, self.place = size, 0, 0
        self.index = torch.zeros(size, dtype=torch.long)
        self.documents = torch.zeros(size, vocabulary, device=device)
        self.queries = {kind: torch.zeros(size, vocabulary, device=device) for kind in KINDS}
        self.scores = {kind: torch.zeros(size, size, device=device) for kind in KINDS}
        self.target = torch.zeros(size, size, device=device)

    def rows(self):
        """The pairs remembered, as indices."""
        return self.index[: self.filled].numpy()

    def add(self, index, documents, queries, scores, target):
        """Remember a batch of n in place of the oldest; scores and target are `[n + filled, n + filled]`, batch first."""
        count, filled = len(index), self.filled
        places = (torch.arange(count) + self.place) % self.size
        old = torch.arange(filled)
        everywhere = torch.cat([places, old])
        order = torch.cat([torch.arange(count), torch.arange(filled) + count])
        keep = torch.cat([torch.ones(count, dtype=torch.bool), ~torch.isin(old, places)])
        everywhere, order = everywhere[keep], order[keep]
        for kind in KINDS:
            self.scores[kind][everywhere[:, None], everywhere] = scores[kind][order[:, None], order]
            self.queries[kind][places] = queries[kind]
        self.target[everywhere[:, None], everywhere] = target[order[:, None], order]
        self.index[places] = torch.as_tensor(index)
        self.documents[places] = documents
        self.place = int((self.place + count) % self.size)
        self.filled = max(self.filled, int(places.max()) + 1)

    def state(self):
        """What a checkpoint holds; vectors as sparse tensors."""
        return {
            "place": self.place, "filled": self.filled, "index": self.index, "target": self.target,
            "scores": self.scores, "documents": self.documents.to_sparse(),
            "queries": {kind: self.queries[kind].to_sparse() for kind in KINDS},
        }  # fmt: skip

    def restore(self, state):
        """Take over what `state` returned."""
        self.place, self.filled = state["place"], state["filled"]
        self.index.copy_(state["index"])
        self.target.copy_(state["target"])
        self.documents.copy_(state["documents"].to_dense())
        for kind in KINDS:
            self.scores[kind].copy_(state["scores"][kind])
            self.queries[kind].copy_(state["queries"][kind].to_dense())
