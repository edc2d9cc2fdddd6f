"""One index of a corpus: pieces are cut, each is indexed by a task, and the parts are joined."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import sys
import threading
import time

from . import binary, corpus

SAMPLE = 512


class Work:
    """The folder of a job, on a file system that all machines share; what is done in it stays done."""

    def __init__(self, folder, plan):
        self.folder = folder
        self.cut, self.parts, self.attempts, self.refused = (
            os.path.join(folder, name) for name in ("cut", "parts", "attempts", "refused"))
        os.makedirs(folder, exist_ok=True)
        self.lock = open(os.path.join(folder, "driver.lock"), "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(f"Another job works in '{folder}'. Wait for it to end, or name another folder with --work.")
        path = os.path.join(folder, "plan.json")
        if os.path.exists(path):
            with open(path) as file:
                if json.load(file) != plan:
                    raise SystemExit(
                        f"'{folder}' holds the work of a job with other input or flags. Remove it, or name another with --work.")
        else:
            with open(path + ".tmp", "w") as file:
                json.dump(plan, file, indent=1)
            os.rename(path + ".tmp", path)
        # What killed tasks left; no task of an earlier driver can be alive, for its lock is gone with it.
        for folder in (self.attempts, self.refused):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (self.cut, self.parts, self.attempts, self.refused):
            os.makedirs(folder, exist_ok=True)

    def part(self, number, sha, flags):
        """Where the index of a piece is: another content, or other flags, are another part."""
        key = hashlib.sha256(" ".join([sha, *flags]).encode()).hexdigest()[:16]
        return os.path.join(self.parts, f"part-{number:06d}-{key}")


def digest(sources):
    """What sources of a corpus are known by: names, sizes and times of their files."""
    return digest_files([name for kind, path, _ in sources for name in (path if kind == "texts" else [path])])[:16]


def digest_files(names):
    """What files are known by."""
    sha = hashlib.sha256()
    for name in names:
        status = os.stat(name)
        sha.update(f"{os.path.abspath(name)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return sha.hexdigest()


def index_piece(task):
    """Indexes one piece into its part; nothing is there under the part's name before all of it is."""
    from pyspark import TaskContext

    number, (piece, source, first, _), apus, flags, part, attempts, refused = task
    if os.path.isdir(part):
        return number, "there", 0.0
    context = TaskContext.get()
    name = f"{number:06d}.{context.attemptNumber() if context else 0}"
    if os.path.isdir(attempts):
        # Only one attempt at a part runs at a time: the others were killed.
        for other in os.listdir(attempts):
            if other.startswith(f"{number:06d}."):
                shutil.rmtree(os.path.join(attempts, other), ignore_errors=True)
    attempt = os.path.join(attempts, f"{name}.{socket.gethostname()}.{os.getpid()}")
    begin = time.monotonic()
    try:
        binary.run(apus, ["index", piece, "-o", attempt, *flags])
        try:
            os.rename(attempt, part)
        except OSError:
            if not os.path.isdir(part):
                raise
    except binary.Refused as error:
        message = located(str(error), piece, source, first)
        with open(os.path.join(refused, f"{number:06d}.tmp"), "w") as file:
            file.write(message)
        os.rename(os.path.join(refused, f"{number:06d}.tmp"), os.path.join(refused, f"{number:06d}"))
        return number, message, 0.0
    finally:
        shutil.rmtree(attempt, ignore_errors=True)
    return number, None, time.monotonic() - begin


def located(message, piece, source, first):
    """A message about a line of a piece as one about the line of the corpus."""
    def place(found):
        return f"'{source}' line {int(found.group(1)) + first - 1}"

    if first is not None:
        message = re.sub(re.escape(f"'{piece}' line ") + r"(\d+)", place, message)
    return message.replace(piece, source)


def say(line):
    print(line, file=sys.stderr, flush=True)


class Watch(threading.Thread):
    """Says how far the parts are, and ends the job when a piece is refused: the others would be in vain."""

    def __init__(self, spark, work, parts):
        super().__init__(daemon=True)
        self.spark, self.work, self.parts = spark, work, parts
        self.ended = threading.Event()

    def run(self):
        shown = -1
        while not self.ended.wait(1):
            done = sum(os.path.isdir(part) for part in self.parts)
            if done != shown:
                say(f"{done} of {len(self.parts)} parts")
                shown = done
            if os.listdir(self.work.refused):
                self.spark.cancelAllJobs()
                return


def build(spark, apus, paths, output, folder, flags, size):
    """Builds the index; returns what is worth saying of it."""
    if os.path.isdir(output) and os.listdir(output):
        raise SystemExit(f"'{output}' is there already. Name a new folder with --output.")
    paths = [os.path.abspath(path) for path in paths]
    work = Work(folder, {"corpus": paths, "flags": flags, "documents": size})
    times = {}
    begin = time.monotonic()
    sources = corpus.sources(paths)
    folder_of_pieces = work.cut
    cut = spark.parallelize(list(enumerate(sources)), len(sources)).map(
        lambda entry: (entry[0], corpus.cut(entry[1], folder_of_pieces, f"{entry[0]:06d}-{digest([entry[1]])}", size)))
    pieces = [piece for _, found in sorted(cut.collect()) for piece in found]
    if not pieces:
        raise SystemExit(f"'{paths[0]}' holds no documents. Nothing was indexed.")
    times["cut"] = time.monotonic() - begin
    begin = time.monotonic()
    flags = flags + agreed(apus, pieces, work, flags)
    times["scale"] = time.monotonic() - begin
    begin = time.monotonic()
    tasks = [
        (number, piece, apus, flags, work.part(number, piece[3], flags), work.attempts, work.refused)
        for number, piece in enumerate(pieces)]
    parts = [task[4] for task in tasks]
    say(f"{len(pieces)} pieces of at most {size} documents")
    watch = Watch(spark, work, parts)
    watch.start()
    try:
        results = spark.parallelize(tasks, len(tasks)).map(index_piece).collect()
    except Exception as error:
        results = []
        if not os.listdir(work.refused):
            raise SystemExit(f"{reason(error)} The finished parts stay in '{folder}'; run the same command to go on.")
    finally:
        watch.ended.set()
        watch.join()
    refusals = sorted(os.listdir(work.refused))
    if refusals:
        with open(os.path.join(work.refused, refusals[0])) as file:
            raise SystemExit(
                f"{file.read()} The finished parts stay in '{folder}'; mend the line and run the same command to go on.")
    times["index"] = time.monotonic() - begin
    begin = time.monotonic()
    joined = output.rstrip("/") + ".joining"
    shutil.rmtree(joined, ignore_errors=True)
    binary.run(apus, ["join", *parts, "-o", joined, "--json"])
    os.rename(joined, output)
    times["join"] = time.monotonic() - begin
    kept = sum(result[1] == "there" for result in results)
    return {"parts": len(pieces), "kept": kept, "seconds": {name: round(value, 2) for name, value in times.items()}}


def reason(error):
    """The line of a task's failure that says something."""
    found = re.findall(r"RuntimeError: (.*)", str(error))
    return found[-1] if found else str(error).splitlines()[0]


def agreed(apus, pieces, work, flags):
    """The flags with which every part has the scale, and the mean norm, of a build of the whole corpus."""
    if "none" in flags[flags.index("--model") + 1:][:1] if "--model" in flags else False:
        return []
    # The first documents are in the first pieces.
    key = hashlib.sha256(" ".join(piece[3] for piece in pieces[:SAMPLE]).encode()).hexdigest()[:16]
    path = os.path.join(work.folder, f"scale-{key}.json")
    if not os.path.exists(path):
        first = corpus.sample(pieces, work.folder, SAMPLE)
        index = os.path.join(work.folder, "sample-index")
        shutil.rmtree(index, ignore_errors=True)
        try:
            binary.run(apus, ["index", first, "-o", index, *flags])
        except binary.Refused as error:
            _, source, line, _ = pieces[0]
            raise SystemExit(located(str(error), first, source, line))
        stats = json.loads(binary.run(apus, ["stats", index, "--json"]))
        with open(path + ".tmp", "w") as file:
            json.dump({name: stats.get(name) for name in ("learnedScale", "meanNorm")}, file)
        os.rename(path + ".tmp", path)
        shutil.rmtree(index)
    with open(path) as file:
        scale = json.load(file)
    found = []
    if scale["learnedScale"] and "--learned-scale" not in flags:
        found += ["--learned-scale", repr(scale["learnedScale"])]
    if scale["meanNorm"] and "--mean-norm" not in flags:
        found += ["--mean-norm", repr(scale["meanNorm"])]
    return found
