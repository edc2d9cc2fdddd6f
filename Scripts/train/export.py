"""Write a model folder that Apus, Hugging Face and sentence-transformers load, weights as float16.

    python export.py --model RUN/model --out FOLDER [--card CARD.md] [--query-side inference-free]

FOLDER receives config.json, model.safetensors, tokenizer.json, modules.json, 1_SpladePooling, idf.json (the
inference-free table, from terms.npy), apus.json (how Apus blends both query sides, or with --query-side which one it takes) and README.md (the model card, copied from --card). The folder is loaded once with
sentence-transformers, and its vectors are compared with those of model.py in float32 (check_export.py).
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SparseEncoder
from sentence_transformers.sparse_encoder.modules import MLMTransformer, SpladePooling
from transformers import AutoTokenizer, BertForMaskedLM

from check_export import TEXTS, differences


def export(source, out):
    """Save weights, tokenizer, module list and table of `source` in `out`, through a temporary folder."""
    tokenizer = AutoTokenizer.from_pretrained(source, model_max_length=256)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    with tempfile.TemporaryDirectory() as half:
        BertForMaskedLM.from_pretrained(source, dtype=torch.float16).save_pretrained(half)
        tokenizer.save_pretrained(half)
        transformer = MLMTransformer(half, max_seq_length=256, model_kwargs={"dtype": torch.float16})
        modules = [transformer, SpladePooling(pooling_strategy="max")]
        SparseEncoder(modules=modules, device="cpu").save_pretrained(str(out), create_model_card=False)
    table = np.load(source / "terms.npy")
    tokens = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    weights = {token: round(float(table[i]), 4) for token, i in tokens if table[i] > 0}
    (out / "idf.json").write_text(json.dumps(weights, ensure_ascii=False))
    (out / "model.safetensors").chmod(0o644)


def show(out, texts):
    """Print the heaviest terms of a few texts."""
    encoder = SparseEncoder(str(out), device="cpu")
    tokens = encoder.tokenizer
    for text, row in zip(texts, encoder.encode_document(texts).to_dense().float()):
        best = row.topk(20)
        terms = zip(tokens.convert_ids_to_tokens(best.indices.tolist()), best.values.tolist())
        print(f"{text} ({int((row > 0).sum())} terms) " + ", ".join(f"{term} {value:.2f}" for term, value in terms))


def main():
    """Export, check, copy the card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--card", type=Path)
    parser.add_argument("--table-share", type=float, default=0.3, help="the table's share of a blended query")
    parser.add_argument("--most-terms", type=int, default=30, help="terms that a blended query keeps")
    parser.add_argument("--query-side", choices=["siamese", "inference-free"], help="instead of the blend")
    options = parser.parse_args()
    export(options.model, options.out)
    blend = {"table_share": options.table_share, "most_terms": options.most_terms}
    settings = {"query_side": options.query_side} if options.query_side else {"blended_query": blend}
    (options.out / "apus.json").write_text(json.dumps(settings) + "\n")
    for what, difference in differences(options.out, options.model):
        print(f"{what}: largest difference {difference:.5f}")
    show(options.out, TEXTS[:2])
    if options.card:
        shutil.copyfile(options.card, options.out / "README.md")


if __name__ == "__main__":
    main()
