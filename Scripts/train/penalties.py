"""What keeps vectors short: penalties on documents and queries, and the steering of their strengths."""

import torch


class Penalty:
    """A strength steered, a few per cent a step, so that a number of active terms meets its target."""

    def __init__(self, strength, target, least, most):
        self.strength, self.target, self.least, self.most = strength, target, least, most

    def steer(self, active):
        """Raise or lower the strength by the distance from the target, at most 3 % a step."""
        change = min(0.03, max(-0.03, 0.1 * (active / self.target - 1)))
        self.strength = min(self.most, max(self.least, self.strength * (1 + change)))


def document_penalty(weights, rarity, threshold):
    """IDF-aware FLOPS: squared mean weight of each term, common terms dearer, short documents nearly free."""
    active = (weights > 0).sum(1, keepdim=True)
    share = torch.where(active > threshold, 1.0, 0.15)
    return (rarity * (weights * share).mean(0) ** 2).sum()


def common_penalty(weights, excess):
    """FLOPS of terms that too many documents activate, whatever their idf (after DF-FLOPS, arXiv 2505.15070).

    Without it function words and a dozen topic words (animal, computer, food) become latent dimensions of every text.
    """
    return (excess * weights.mean(0) ** 2).sum()


def query_penalty(weights, ids, idf, rarity, excess, most):
    """L1 of a query's terms; typed content words are cheap, expansion by common terms is not.

    A query pays in full at `most` active terms, hardly at half of them, and more than in full above: a long query must
    choose among its own words too.
    """
    typed = torch.zeros_like(weights).scatter_(1, ids, 1.0).bool()
    own = 0.25 * ((typed & (idf > 2.5)).sum(1, keepdim=True) / (most / 2)).clamp(min=1)
    cost = torch.where(typed & (idf > 2.5), own, rarity + excess)
    crowd = ((weights > 0).sum(1) / most).square().clamp(0.1, 4)
    return ((weights * cost).sum(1) * crowd).mean()
