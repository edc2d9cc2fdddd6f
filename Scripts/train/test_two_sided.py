"""`texts.py` and `two_sided.py` for three steps on a CPU, with a tiny model: python -m unittest test_two_sided (from this folder)."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

from model import MaxOverPositions
from state import State
from texts import ScreenedMaximum, Texts

HERE = Path(__file__).resolve().parent
WORDS = [f"word{i}" for i in range(400)]


class ScreenedTest(unittest.TestCase):
    """The head over a text's own terms against the head over all of them."""

    def test_values_and_gradients_are_those_of_the_whole_head(self):
        torch.manual_seed(0)
        hidden, embeddings, bias = torch.randn(3, 5, 8), torch.randn(40, 8), torch.randn(40)
        terms = torch.stack([torch.randperm(40)[:25] for _ in range(3)])
        found = []
        for screened in (False, True):
            h, c = hidden.clone().requires_grad_(), bias.clone().requires_grad_()
            if screened:
                out = ScreenedMaximum.apply(h, embeddings, c, terms, torch.float32)
            else:
                out = MaxOverPositions.apply(h, embeddings, c, torch.float32).gather(1, terms)
            out.square().sum().backward()
            found.append((out.detach(), h.grad, c.grad))
        for whole, part in zip(*found):
            self.assertTrue(torch.allclose(whole, part, atol=1e-5))


class TwoSidedTest(unittest.TestCase):
    """The tests share a model and one prepared pool; each has a run of its own."""

    @classmethod
    def setUpClass(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder, rng = Path(self.temporary.name), np.random.default_rng(0)
        torch.manual_seed(0)
        vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
        config = BertConfig(vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
        BertForMaskedLM(config).save_pretrained(self.folder / "init")
        (self.folder / "vocab.txt").write_text("\n".join(vocabulary))
        BertTokenizerFast(vocab_file=str(self.folder / "vocab.txt")).save_pretrained(self.folder / "init")
        np.save(self.folder / "init" / "terms.npy", np.full(len(vocabulary), 2, np.float32))
        pool = self.folder / "pools" / "train" / "tiny"
        pool.mkdir(parents=True)
        texts = [" ".join(rng.choice(WORDS, rng.integers(8, 20))) for _ in range(30)]
        (pool / "corpus.jsonl").write_text("".join(json.dumps({"_id": f"d{i}", "text": text}) + "\n" for i, text in enumerate(texts)))
        (pool / "queries.tsv").write_text("".join(f"q{i}\t{' '.join(text.split()[:4])}\n" for i, text in enumerate(texts)))
        (pool / "qrels.txt").write_text("".join(f"q{i} 0 d{i} 1\n" for i in range(30)))
        self.pool, self.cache = pool, self.folder / "cache" / "train" / "tiny"
        for more in (["--first", "0"], ["--first", "1", "--below", "0"]):
            self.python("texts.py", pool, "--model", self.folder / "init", "--cache", self.folder / "cache", "--threads", "1", *more)

    @classmethod
    def tearDownClass(self):
        self.temporary.cleanup()

    @staticmethod
    def python(script, *arguments):
        return subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)], capture_output=True, text=True)

    def call(self, out, *more):
        return self.python("two_sided.py", "--model", self.folder / "init", "--cache", self.folder / "cache", "--out", self.folder / out,
                           "--train", self.pool, "--dev", self.pool, "--teachers", "bm25=1", "--hybrid-teachers", "bm25=1", "--hybrid-weight", "0.5", "--first", "1", "--steps", "3", "--every", "3",
                           "--batch", "6", "--documents", "5", "--others", "2", "--rate", "1e-3", "--threads", "1", *more)  # fmt: skip

    def test_three_steps_in_one_go_and_with_a_stop_are_equal_and_both_sides_are_exported(self):
        whole = self.call("whole")
        self.assertEqual(whole.returncode, 0, whole.stderr)
        self.assertEqual(self.call("parts", "--stop", "2").returncode, 0)
        self.assertIn("goes on from step 2", self.call("parts").stdout)
        states = [State(self.folder / name).load() for name in ("whole", "parts")]
        self.assertEqual(states[0]["step"], 3)
        for one, other in zip(states[0]["average"], states[1]["average"]):
            self.assertTrue(torch.equal(one, other))
        first, last = (BertForMaskedLM.from_pretrained(self.folder / path).state_dict() for path in ("init", "whole/model"))
        changed = {name for name in first if not torch.equal(first[name], last[name])}
        self.assertTrue(any(".layer.1." in name for name in changed))
        self.assertFalse(any(".layer.0." in name or "embeddings" in name for name in changed))
        self.assertTrue((self.folder / "whole" / "model" / "terms.npy").exists())
        evaluated = BertForMaskedLM.from_pretrained(self.folder / "whole" / "model-3").state_dict()
        self.assertTrue(all(torch.equal(evaluated[name], last[name]) for name in last))

    def test_remembered_vectors_are_those_of_the_documents_that_were_encoded(self):
        self.call("all", "--documents", "30", "--stop", "1")
        remembered = State(self.folder / "all").load()["more"]["banks"][0]
        self.assertEqual(remembered.shape, Texts(self.cache, "documents", 1).weights.shape)
        self.assertFalse(np.array_equal(remembered, Texts(self.cache, "documents", 1).weights))

    def test_a_missing_teacher_is_named_before_the_first_step(self):
        stopped = self.call("lacking", "--teachers", "e5=1")
        self.assertNotEqual(stopped.returncode, 0)
        self.assertIn("no vectors of e5", stopped.stderr)
        self.assertFalse((self.folder / "lacking").exists())

    def test_a_loss_that_is_no_number_stops_and_keeps_good_weights(self):
        for part, rows in (("queries", 30), ("documents", 30)):
            np.save(self.cache / f"minilm-{part}.npy", np.full((rows, 4), np.nan, np.float16))
        stopped = self.call("broken", "--teachers", "minilm=1")
        self.assertEqual(stopped.returncode, 3, stopped.stderr)
        self.assertTrue(all(bool(torch.isfinite(p).all()) for p in State(self.folder / "broken").load()["parameters"]))


if __name__ == "__main__":
    unittest.main()
