"""What the tests share: an index of four texts in a folder that goes with the test."""

import importlib.util
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import apus  # noqa: E402

DOCUMENTS = [
    {"_id": "d1", "text": "Stars shine because of nuclear fusion.", "year": 2001},
    {"_id": "d2", "text": "The moon shines by reflected light.", "year": 1999},
    {"_id": "d3", "text": "Bread rises because of yeast.", "year": 2001},
    {"_id": "d4", "title": "Stars", "text": "A star is a ball of gas.", "year": 2010},
]


def needs(*modules):
    """Skips a test where a package is not installed."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)}")


class IndexTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="apus-python-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name="index"):
        return os.path.join(self.folder, name)

    def build(self, documents=DOCUMENTS, name="index", **options):
        return apus.Index.build(self.path(name), documents, **{"model": "none", **options})

    def assertSays(self, part, error, call, *arguments, **options):
        """The call raises this error, whose sentence has this part and is one line."""
        with self.assertRaises(error) as caught:
            call(*arguments, **options)
        self.assertIn(part, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))


def memory():
    """Resident bytes of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
