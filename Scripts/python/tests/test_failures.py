"""Bad input, and what happens in the middle of a call: a Python exception with the engine's sentence, and nothing lost."""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import unittest

import numpy as np

from support import DOCUMENTS, IndexTest, apus, memory, needs


class BadInputTest(IndexTest):
    def test_a_closed_index_says_so(self):
        index = self.build()
        index.close()
        for call in (lambda: index.search("x"), lambda: index.batch_search(["x"]), lambda: index.explain("x", "d1"),
                     lambda: index.add(DOCUMENTS), lambda: index.delete("d1"), lambda: index.info, index.refresh):
            self.assertSays("is closed. Open it again.", apus.ApusError, call)
        with self.build(name="other") as other:
            self.assertEqual(len(other), 4)
        self.assertSays("is closed", apus.ApusError, other.search, "x")

    def test_ids_that_collide_are_named(self):
        index = self.build()
        self.assertSays("document 'd1' is in the index already", apus.ApusError, index.add, [("d1", "again")])
        self.assertSays("'documents' line 3: the id 'a' is already on line 1", apus.ApusError, self.build,
                        [("a", "x"), ("b", "y"), ("a", "z")], name="twice")
        self.assertSays("already holds an index", apus.ApusError, self.build)
        self.assertEqual(len(index.refresh()), 4)

    def test_what_is_no_document_is_named(self):
        for documents, error, part in [
            ([("a", "x"), 7], TypeError, "Document 2 is an int"), (7, TypeError, "The documents are an int"),
            ([{"text": "x"}], apus.ApusError, "no member \"_id\""), ([("a b", "x")], apus.ApusError, "white space"),
            ([("a", 7)], apus.ApusError, "expected a string"), ([("a", "x" + "\ud800")], UnicodeEncodeError, "surrogates"),
            ([{"_id": "a", "text": "x", "when": object()}], TypeError, "object"), ([], apus.ApusError, "holds no documents"),
        ]:
            with self.subTest(part):
                self.assertSays(part, error, self.build, documents)
                self.assertSays("is no index", apus.ApusError, apus.Index.open, self.path())

    def test_arguments_of_the_wrong_kind_are_named(self):
        index = self.build()
        for part, error, call in [
            ("The query is an int", TypeError, lambda: index.search(7)),
            ("k must be at least 1, not 0", ValueError, lambda: index.search("x", k=0)),
            ("k is a float", TypeError, lambda: index.search("x", k=1.5)),
            ("no option 'mod'", apus.MisuseError, lambda: index.search("x", mod="bm25")),
            ("'mode' must be bm25", ValueError, lambda: index.search("x", mode="best")),
            ("The queries are one text", TypeError, lambda: index.batch_search("x")),
            ("query 1 is a NoneType", TypeError, lambda: index.batch_search(["x", None])),
            ("There are 2 queries and 1 topics", ValueError, lambda: index.batch_search(["x", "y"], topics=["q"])),
            ("no document 'd9'", apus.ApusError, lambda: index.explain("x", "d9")),
            ("threads must be at least 1", ValueError, lambda: index.batch_search(["x"], threads=0)),
            ("no document 'd9'", apus.ApusError, lambda: index.delete("d9", strict=True)),
            ("holds a NUL", ValueError, lambda: index.explain("x", "d\0")),
            ("no option 'colour'", apus.MisuseError, lambda: index.add([("d9", "x")], colour="red")),
            ("the weight nan", apus.MisuseError, lambda: index.search("x", vector={"a": float("nan")}, mode="splade")),
        ]:
            with self.subTest(part):
                self.assertSays(part, error, call)
        self.assertEqual(index.search("bread", k=np.int64(1)).ids, ["d3"])

    @needs("scipy")
    def test_matrices_of_the_wrong_type_or_shape_are_refused(self):
        import scipy.sparse as sparse

        documents = [("a", "x"), ("b", "y")]
        right = sparse.csr_matrix(np.eye(2, 3, dtype=np.float32))
        for part, error, matrix, vocabulary in [
            ("holds complex128", TypeError, right.astype(np.complex128), None),
            ("holds bool", TypeError, right.astype(bool), None),
            ("has the shape (3,)", ValueError, np.ones(3), None),
            ("is a list", TypeError, [[1, 2]], None),
            ("2 names, and the vectors have 3 columns", apus.MisuseError, right, ["a", "b"]),
            ("the weight -1", apus.MisuseError, -right, None),
            ("more documents than vectors, 1", apus.MisuseError, right[:1], None),
            ("2 documents and 3 vectors", apus.MisuseError, sparse.csr_matrix(np.eye(3, dtype=np.float32)), None),
        ]:
            with self.subTest(part):
                self.assertSays(part, error, apus.Index.build, self.path(), documents, vectors=matrix, vocabulary=vocabulary)


class InterruptionTest(IndexTest):
    def test_an_exception_of_the_iterator_leaves_the_index_as_it_was(self):
        index = self.build()
        before = sorted(os.listdir(self.path()))

        class Odd(Exception):
            pass

        def documents(count):
            for number in range(count):
                yield (f"n{number}", "some words of a text")
            raise Odd("no more")

        for count in (0, 1, 5000):
            for change in (index.add, index.update):
                self.assertSays("no more", Odd, change, documents(count))
                self.assertEqual(sorted(os.listdir(self.path())), before)
        self.assertEqual(len(index.refresh()), 4)
        self.assertSays("no more", Odd, self.build, documents(3), name="new")
        self.assertSays("is no index", apus.ApusError, apus.Index.open, self.path("new"))
        self.assertEqual(len(self.build([("a", "x")], name="new")), 1)
        self.assertSays("no more", Odd, self.build, documents(2000), name="new", existing="replace")
        self.assertEqual(apus.Index.open(self.path("new")).search("x").ids, ["a"])

    def interrupted(self, code, after=1.0):
        """Runs code in a process of its own, presses Ctrl-C, and returns what it printed."""
        # A job in the background of a shell ignores Ctrl-C, and so would its children.
        code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + code
        process = subprocess.Popen(
            [sys.executable, "-c", code, self.folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline().strip(), "ready")
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, error)
        return output.strip()

    def test_ctrl_c_in_an_iterator_keeps_what_was_read(self):
        said = self.interrupted("""
import sys, time, apus
def documents():
    print("ready", flush=True)
    for number in range(10**9):
        yield (f"d{number}", "some words")
        if number % 1000 == 0: time.sleep(0.01)
try: apus.Index.build(sys.argv[1] + "/index", documents(), model="none")
except KeyboardInterrupt: print("interrupted")
""")
        self.assertEqual(said, "interrupted")
        self.assertGreater(len(apus.Index.open(self.path())), 0)

    def test_ctrl_c_in_a_long_search_raises(self):
        self.build([(f"d{number}", " ".join(f"w{(number * 7 + n) % 997}" for n in range(60))) for number in range(3000)])
        said = self.interrupted("""
import sys, apus
index = apus.Index.open(sys.argv[1] + "/index")
queries = [" ".join(f"w{n}" for n in range(200))] * 20000
print("ready", flush=True)
try: index.batch_search(queries, k=1)
except KeyboardInterrupt: print("interrupted", index.search("w1 w2", k=1).ids != [])
""")
        self.assertEqual(said, "interrupted True")


class ForkTest(IndexTest):
    def test_a_forked_child_gets_an_exception(self):
        index = self.build()
        index.batch_search(["stars"] * 8, threads=2)
        context = multiprocessing.get_context("fork")
        for call in (lambda: index.search("stars"), lambda: apus.Index.open(self.path()), lambda: index.batch_search(["x"])):
            receiver, sender = context.Pipe(False)

            def child():
                try:
                    call()
                    sender.send("no exception")
                except apus.ForkError as error:
                    sender.send(str(error))

            process = context.Process(target=child)
            process.start()
            self.assertTrue(receiver.poll(30))
            self.assertIn(f"process {os.getpid()} before this one was forked", receiver.recv())
            process.join(30)
            self.assertEqual(process.exitcode, 0)
        self.assertEqual(index.search("bread").ids, ["d3"])

    def test_a_process_that_forks_first_may_use_it_in_the_child(self):
        self.build()
        code = """
import multiprocessing, sys, apus
def child(path): return apus.Index.open(path).search("bread").ids
with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(child, [sys.argv[1] + "/index"] * 4))
"""
        done = subprocess.run([sys.executable, "-c", code, self.folder], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        self.assertEqual(done.stdout.strip(), str([["d3"]] * 4), done.stderr)


class MemoryTest(IndexTest):
    def test_memory_stays_flat(self):
        index = self.build()

        def work(times):
            for number in range(times):
                index.search("stars shine")[0].text
                index.batch_search(["stars", "bread"], k=2).run()
                index.explain("stars", "d1")
                try:
                    index.search("x", mode="best")
                except apus.ApusError:
                    pass
                try:
                    apus.Index.open(self.path("nothing"))
                except apus.ApusError:
                    pass
                if number % 10 == 0:
                    index.refresh()
                    apus.Index.open(self.path()).search("moon")
                    apus.evaluate({"q": {"d1": 1}}, {"q": {"d1": 1.0}})

        work(300)
        gc.collect()
        before = memory()
        work(3000)
        gc.collect()
        # A leak of a hundred bytes a call would be more than a megabyte.
        self.assertLess(memory() - before, 2 << 20)


if __name__ == "__main__":
    unittest.main()
