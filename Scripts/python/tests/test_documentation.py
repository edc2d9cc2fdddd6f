"""Every line of Python in the article runs as it stands there, one block after another."""

import contextlib
import io
import os
import re
import unittest

from support import IndexTest, needs

ROOT = os.environ.get("APUS_ROOT", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))


class ArticleTest(IndexTest):
    @needs("scipy")
    def test_the_code_of_the_article_runs(self):
        with open(os.path.join(ROOT, "Sources/Apus/Documentation.docc/Python.md")) as file:
            blocks = re.findall(r"```python\n(.*?)```", file.read(), re.S)
        self.assertEqual(len(blocks), 4)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        names, said = {}, io.StringIO()
        with contextlib.redirect_stdout(said):
            for block in blocks:
                exec(compile(block, "Python.md", "exec"), names)
        lines = said.getvalue().splitlines()
        modes = dict(line.split(" ", 1) for line in lines[:3])
        self.assertEqual(list(modes), ["bm25", "splade", "hybrid"])
        for values in modes.values():
            self.assertGreater(float(re.search(r"'nDCG@10': ([0-9.]+)", values)[1]), 0.4)
        self.assertEqual(len(re.findall(r"\n", blocks[0])), 10)
        self.assertIn("2 ", said.getvalue())
        self.assertEqual(lines[-1], "['d1']")


if __name__ == "__main__":
    unittest.main()
