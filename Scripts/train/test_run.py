"""`run` for three steps on a CPU, with a tiny model: python -m unittest test_run (from this folder)."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from transformers import BertForMaskedLM

from small_model import small_model
from state import State

HERE = Path(__file__).resolve().parent
WORDS = 200


class RunTest(unittest.TestCase):
    """Each test has a model and one shard in a folder of its own."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        small_model(self.folder / "init", WORDS)
        rng = np.random.default_rng(0)
        shard = {
            "queries": rng.integers(103, WORDS, (12, 5)).astype(np.uint16), "documents": rng.integers(103, WORDS, (30, 9)).astype(np.uint16),
            "candidates": rng.integers(0, 30, (12, 8)).astype(np.int32), "scores": rng.random((12, 8)).astype(np.float16),
        }  # fmt: skip
        (self.folder / "shards").mkdir()
        np.savez(self.folder / "shards" / "shard-000.npz", **shard)
        self.describe(["minilm=1", "bm25=1"])

    def tearDown(self):
        self.temporary.cleanup()

    def describe(self, teachers):
        (self.folder / "shards" / "shards.json").write_text(json.dumps({"teachers": teachers, "shards": 1}))

    def call(self, out, *more):
        command = [sys.executable, HERE / "run", "--shards", self.folder / "shards", "--init", self.folder / "init", "--out", self.folder / out]
        command += ["--device", "cpu", "--steps", "3", "--batch", "4", "--candidates", "4", "--threads", "1", "--report", "1", *more]
        return subprocess.run([str(c) for c in command], capture_output=True, text=True)

    def state(self, out):
        return State(self.folder / out).load()

    def test_three_steps_in_one_go_and_with_a_stop_are_equal(self):
        self.assertEqual(self.call("whole").returncode, 0)
        self.assertEqual(self.call("parts", "--stop", "2").returncode, 0)
        resumed = self.call("parts")
        self.assertIn("goes on from step 2", resumed.stdout)
        whole, parts = self.state("whole"), self.state("parts")
        self.assertEqual(whole["step"], 3)
        for one, other in zip(whole["average"], parts["average"]):
            self.assertTrue(torch.equal(one, other))
        first = BertForMaskedLM.from_pretrained(self.folder / "init").state_dict()
        last = BertForMaskedLM.from_pretrained(self.folder / "whole" / "model").state_dict()
        self.assertTrue(any(not torch.equal(first[name], last[name]) for name in first))

    def test_a_damaged_state_is_refused_and_the_one_before_taken(self):
        for stop in ("1", "2"):
            self.assertEqual(self.call("run", "--stop", stop).returncode, 0)
        path = self.folder / "run" / "state.pt"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        resumed = self.call("run")
        self.assertIn("refused", resumed.stdout)
        self.assertIn("goes on from step 1", resumed.stdout)
        self.assertEqual(self.state("run")["step"], 3)

    def test_nothing_whole_stops_instead_of_beginning_anew(self):
        self.assertEqual(self.call("run", "--stop", "1").returncode, 0)
        (self.folder / "run" / "state.pt").write_bytes(b"short")
        stopped = self.call("run")
        self.assertNotEqual(stopped.returncode, 0)
        self.assertIn("no state that is whole", stopped.stderr)

    def test_a_missing_teacher_or_shard_is_named_before_the_first_step(self):
        self.describe(["bm25=1"])
        stopped = self.call("run")
        self.assertNotEqual(stopped.returncode, 0)
        self.assertIn("made without the teacher minilm", stopped.stderr)
        self.describe(["minilm=1", "bm25=1"])
        path = self.folder / "shards" / "shard-000.npz"
        path.write_bytes(path.read_bytes()[:-400])
        stopped = self.call("run")
        self.assertIn("shard-000.npz: cannot be read", stopped.stderr)
        self.assertFalse((self.folder / "run" / "state.pt").exists())

    def test_a_loss_that_is_no_number_stops_and_keeps_good_weights(self):
        path = self.folder / "shards" / "shard-000.npz"
        shard = dict(np.load(path))
        shard["scores"][:] = np.nan
        np.savez(path, **shard)
        stopped = self.call("run")
        self.assertEqual(stopped.returncode, 3)
        self.assertTrue(all(bool(torch.isfinite(p).all()) for p in self.state("run")["parameters"]))


if __name__ == "__main__":
    unittest.main()
