"""Load an exported folder with sentence-transformers and compare its vectors with those of model.py, text by text.

    python check_export.py FOLDER [--reference MODEL] [--apus PROGRAM] [--tolerance 0.02]

Checked: documents and siamese queries (the SparseEncoder of the folder against float32 weights of --reference, the folder
itself if not given), the inference-free table (`idf.json` against `terms.npy` where the reference has one), and with
--apus what `apus encode` makes of the folder in f32. Ends with 1 and one line a failure if a weight differs by more.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SparseEncoder
from transformers import AutoTokenizer

from apus_encoder import ApusEncoder
from model import Splade, padded, read_table

TEXTS = [
    "How do glaciers form and why do they move downhill?",
    "The mitochondrion is the powerhouse of the cell.",
    "CRISPR-Cas9",
    "a",
    "naïve café — 3.14 % of 1,000,000 users; e-mail: x_y@z",
    "boundary layer transition on a flat plate at hypersonic speed " * 40,
]


def own_vectors(folder, texts):
    """Vectors in float32 by model.py, one text at a time, so that padding plays no part."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), Splade.load(folder, mixed=False).eval()
    rows = []
    with torch.no_grad():
        for text in texts:
            ids = tokenizer([text], truncation=True, max_length=256)["input_ids"]
            rows.append(model(*padded(np.array(ids)))[0])
    return torch.stack(rows).numpy()


def differences(folder, reference, apus=None, texts=TEXTS):
    """(what, largest difference) of each comparison."""
    own = own_vectors(reference, texts)
    encoder = SparseEncoder(str(folder), device="cpu")
    found = []
    for what, encode in (("document", encoder.encode_document), ("query", encoder.encode_query)):
        found.append((f"sentence-transformers {what}", np.abs(encode(texts).to_dense().float().numpy() - own).max()))
    learned = Path(reference) / "terms.npy"
    if learned.exists():
        table = np.load(learned)
        found.append(("idf.json", np.abs(read_table(folder, len(table)).numpy() - np.maximum(table, 0)).max()))
    if apus:
        theirs = ApusEncoder(apus, folder, precision="f32").encode(texts, 256).toarray()
        found.append(("apus, f32", np.abs(theirs - own).max()))
    return found


def main():
    """Print the differences; 1 if one is too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reference", type=Path, help="folder of the float32 weights that were exported")
    parser.add_argument("--apus", type=Path, help="an apus program to compare too")
    parser.add_argument("--tolerance", type=float, default=0.02, help="float16 weights move a term's weight by about .005")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = differences(options.folder, options.reference or options.folder, options.apus)
    for what, difference in found:
        print(f"{what}: largest difference {difference:.5f}")
    failed = [what for what, difference in found if not difference <= options.tolerance]
    if failed:
        sys.exit(f"{options.folder}: differs in {', '.join(failed)}")


if __name__ == "__main__":
    main()
