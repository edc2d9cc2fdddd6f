"""Encoding with the `apus` program instead of torch: the vectors that users get, int8 included, and several times faster
on a CPU. The model is a folder made by Scripts/train/pack (or any that Apus reads)."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import scipy.sparse as sp


class ApusEncoder:
    """The interface of `evaluate.Encoder`, over `apus encode`."""

    def __init__(self, program, folder, threads=2, precision="automatic"):
        self.program, self.folder, self.threads = str(program), str(folder), threads
        self.precision = precision
        vocabulary = Path(folder) / "vocab.txt"
        if vocabulary.exists():
            tokens = vocabulary.read_text(encoding="utf-8").rstrip("\n").split("\n")
            self.ids = {token: i for i, token in enumerate(tokens)}
        else:
            self.ids = json.loads((Path(folder) / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]

    def _run(self, texts, tokens, name, line, options):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_text("".join(line(i, text) + "\n" for i, text in enumerate(texts)), encoding="utf-8")
            call = [self.program, "encode", "--model", self.folder, "--max-length", str(tokens)]
            call += ["--threads", str(self.threads), "--precision", self.precision, *options, str(path)]
            output = subprocess.run(call, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        rows, columns, values = [], [], []
        for text in output.splitlines():
            record = json.loads(text)
            for term, weight in record["vector"].items():
                rows.append(int(record["id"]))
                columns.append(self.ids[term])
                values.append(weight)
        return sp.csr_matrix((np.array(values, np.float32), (rows, columns)), (len(texts), len(self.ids)))

    def encode(self, texts, tokens):
        """Term weights `[texts, vocabulary]` of the encoder."""

        def line(i, text):
            return json.dumps({"id": str(i), "text": text})

        return self._run(texts, tokens, "corpus.jsonl", line, ["--input"])

    def free(self, texts, tokens=64):
        """Inference-free queries."""

        def line(i, text):
            return f"{i}\t{' '.join(text.split())}"

        return self._run(texts, tokens, "queries.tsv", line, ["--query", "--query-side", "inference-free", "--topics"])
