"""Reads the Common Index File Format with Google's protocol buffers, apart from Apus; what PISA takes is made of it here."""
import gzip

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELDS = {
    "Header": [("version", 5), ("num_postings_lists", 5), ("num_docs", 5), ("total_postings_lists", 5), ("total_docs", 5),
               ("total_terms_in_collection", 3), ("average_doclength", 1), ("description", 9)],
    "Posting": [("docid", 5), ("tf", 5)],
    "PostingsList": [("term", 9), ("df", 3), ("cf", 3), ("postings", 11)],
    "DocRecord": [("docid", 5), ("collection_docid", 9), ("doclength", 5)],
}


def messages():
    """The format's messages as classes, by name."""
    file = descriptor_pb2.FileDescriptorProto(name="apus-ciff.proto", package="ciff", syntax="proto3")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for number, (field, kind) in enumerate(fields, 1):
            added = message.field.add(name=field, number=number, type=kind, label=3 if kind == 11 else 1)
            if kind == 11:
                added.type_name = ".ciff.Posting"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName("ciff." + name)) for name in FIELDS}


def varint(file):
    value = shift = 0
    while True:
        byte = file.read(1)
        if not byte:
            raise EOFError("the file ends in a length")
        value |= (byte[0] & 0x7F) << shift
        shift += 7
        if byte[0] < 0x80:
            return value


class CIFF:
    """The header, then lists() to their end, then documents()."""

    def __init__(self, path):
        self.types = messages()
        self.file = (gzip.open if str(path).endswith(".gz") else open)(path, "rb")
        self.header = self.read("Header")

    def read(self, name):
        message = self.types[name]()
        message.ParseFromString(self.file.read(varint(self.file)))
        return message

    def lists(self):
        """Term, docids, values."""
        for _ in range(self.header.num_postings_lists):
            found = self.read("PostingsList")
            yield found.term, np.cumsum([p.docid for p in found.postings]), np.array([p.tf for p in found.postings])

    def documents(self):
        """Id and length."""
        for _ in range(self.header.num_docs):
            found = self.read("DocRecord")
            yield found.collection_docid, found.doclength
        if self.file.read(1):
            raise ValueError("more follows than the header says")


def write_pisa(path, folder):
    """A CIFF file as PISA's index before compression."""
    source = CIFF(path)
    with open(folder / "inv.docs", "wb") as docs, open(folder / "inv.freqs", "wb") as freqs, \
            open(folder / "fwd.terms", "w", encoding="utf-8") as terms:
        np.array([1, source.header.num_docs], np.uint32).tofile(docs)
        for term, docids, values in source.lists():
            for file, numbers in ((docs, docids), (freqs, values)):
                np.array([len(numbers)], np.uint32).tofile(file)
                numbers.astype(np.uint32).tofile(file)
            terms.write(term + "\n")
    documents = list(source.documents())
    (folder / "fwd.documents").write_text("".join(name + "\n" for name, _ in documents), encoding="utf-8")
    np.array([len(documents)] + [length for _, length in documents], np.uint32).tofile(folder / "inv.sizes")
