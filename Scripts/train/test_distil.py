"""`distil.py` in a few steps with a model of 200 words: python -m unittest test_distil (from this folder)."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from transformers import BertForMaskedLM, BertTokenizerFast

from deepen import deepen
from model import Splade
from sampled import Columns, encode
from small_model import small_model
from state import State
from taught import Taught

HERE = Path(__file__).resolve().parent
WORDS = 200


class DistilTest(unittest.TestCase):
    """Each test has a model and 40 texts of two topics in a folder of its own."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        small_model(self.folder / "init", WORDS)
        words = ["[PAD]"] + [f"w{i}" for i in range(1, 100)] + ["[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        (self.folder / "vocab.txt").write_text("\n".join(words + [f"w{i}" for i in range(len(words), WORDS)]))
        BertTokenizerFast(vocab_file=str(self.folder / "vocab.txt")).save_pretrained(self.folder / "init")
        rng = np.random.default_rng(0)
        topics = [np.arange(104, 150), np.arange(150, 196)]
        texts = [np.concatenate([[101], rng.choice(topics[i % 2], 8), [102]]) for i in range(40)]
        terms = [np.unique(np.concatenate([t[1:-1], rng.choice(topics[i % 2], 5)])) for i, t in enumerate(texts)]
        self.weights = [rng.uniform(0.5, 2, len(t)) for t in terms]
        (self.folder / "taught").mkdir()
        parts = {"tokens": (texts, np.uint16), "terms": (terms, np.uint16), "weights": (self.weights, np.float16)}
        for name, (rows, kind) in parts.items():
            np.save(self.folder / "taught" / f"{name}.npy", np.concatenate(rows).astype(kind))
        for name, rows in (("token", texts), ("term", terms)):
            np.save(self.folder / "taught" / f"{name}-ends.npy", np.concatenate([[0], np.cumsum([len(r) for r in rows])]))

    def tearDown(self):
        self.temporary.cleanup()

    def call(self, out, *more):
        command = [sys.executable, HERE / "distil.py", "--taught", self.folder / "taught", "--init", self.folder / "init", "--out", self.folder / out]
        command += ["--batch", "8", "--group", "4", "--others", "20", "--threads", "1", "--report", "1", "--terms", "13", *more]
        return subprocess.run([str(c) for c in command], capture_output=True, text=True)

    def test_it_learns_and_a_stop_changes_nothing(self):
        whole = self.call("whole", "--steps", "8", "--rate", "5e-3", "--warm", "1")
        self.assertEqual(whole.returncode, 0, whole.stderr)
        losses = [float(line.split("weights ")[1].split(" ")[0]) for line in whole.stdout.splitlines() if "weights" in line]
        self.assertEqual(len(losses), 8)
        self.assertLess(losses[-1], losses[0])
        self.assertEqual(self.call("parts", "--steps", "8", "--rate", "5e-3", "--warm", "1", "--stop", "5").returncode, 0)
        resumed = self.call("parts", "--steps", "8", "--rate", "5e-3", "--warm", "1")
        self.assertIn("goes on from step 5", resumed.stdout)
        one, other = (State(self.folder / name).load() for name in ("whole", "parts"))
        self.assertEqual(one["step"], 8)
        for name in ("parameters", "average"):
            for a, b in zip(one[name], other[name]):
                self.assertTrue(torch.equal(a, b))
        self.assertTrue((self.folder / "whole" / "model" / "terms.npy").exists())

    def test_a_loss_that_is_no_number_stops_and_keeps_good_weights(self):
        weights = np.load(self.folder / "taught" / "weights.npy")
        weights[:] = np.nan
        np.save(self.folder / "taught" / "weights.npy", weights)
        stopped = self.call("run", "--steps", "3")
        self.assertEqual(stopped.returncode, 3, stopped.stderr)
        self.assertTrue(all(bool(torch.isfinite(p).all()) for p in State(self.folder / "run").load()["parameters"]))

    def test_neighbourhoods_hold_every_text_once_and_like_ones_together(self):
        taught = Taught([self.folder / "taught"], WORDS)
        groups = taught.neighbourhoods(5, 1)
        self.assertEqual(sorted(int(i) for g in groups for i in g), list(range(40)))

        def mixed(rows):
            """The share of the rarer topic in groups of these rows, on average."""
            return np.mean([min((g % 2).mean(), 1 - (g % 2).mean()) for g in np.array_split(rows, len(groups))])

        chance = np.mean([mixed(np.random.default_rng(seed).permutation(40)) for seed in range(50)])
        found = np.mean([mixed(np.concatenate(taught.neighbourhoods(5, seed))) for seed in range(10)])
        self.assertLess(found, 0.75 * chance)

    def test_columns_are_the_full_vectors_where_they_are(self):
        taught = Taught([self.folder / "taught"], WORDS)
        model = Splade.load(self.folder / "init", False).eval()
        texts = [taught.ids(i) for i in range(5)]
        whole = Columns(np.arange(WORDS), WORDS, 0, np.random.default_rng(0))
        part = Columns(np.array([120, 5, 170, 5]), WORDS, 30, np.random.default_rng(0))
        self.assertEqual(len(part.ids), 33)
        self.assertAlmostEqual(float(part.share.sum()), WORDS, places=3)
        full, some = encode(model, texts, whole), encode(model, texts, part)
        self.assertTrue(torch.allclose(full[:, part.ids], some, atol=1e-6))

    def test_a_new_layer_changes_little(self):
        masked_lm = BertForMaskedLM.from_pretrained(self.folder / "init", attn_implementation="eager").eval()
        ids = torch.tensor([[101, 110, 120, 130, 102]])
        with torch.no_grad():
            before, hidden = masked_lm(ids).logits, masked_lm.bert(ids).last_hidden_state[0]
            deepen(masked_lm, hidden)
            after = masked_lm(ids).logits
        self.assertLess(float((after - before).abs().mean()), 0.05 * float(before.abs().mean()))


if __name__ == "__main__":
    unittest.main()
