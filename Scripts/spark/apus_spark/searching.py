"""The run of a file of topics, searched on shards: statistics, two rounds of lists, and what is gathered of them."""

import os
import shutil
import time

from . import binary
from .indexing import Work, digest_files, reason, say


def chunks(topics, folder, size):
    """The topics in files of at most `size`, where they stand one on each line."""
    name = os.path.basename(topics)
    if not topics.endswith((".tsv", ".jsonl")):
        return [topics]
    with open(topics, "rb") as file:
        lines = file.readlines()
    found = []
    for start in range(0, len(lines), size):
        path = os.path.join(folder, f"{start // size:06d}-{name}")
        with open(path + ".tmp", "wb") as file:
            file.writelines(lines[start:start + size])
        os.rename(path + ".tmp", path)
        found.append(path)
    return found


def apus_task(task):
    """Runs apus unless its output is there; the output appears whole."""
    apus, arguments, output = task
    if os.path.exists(output):
        return None
    try:
        binary.run(apus, [*arguments, output])
    except binary.Refused as error:
        return str(error)
    return None


def taken(flags, *names):
    """The flags of these names with their values, and the others."""
    place = next((place for place, flag in enumerate(flags) if flag in names), None)
    return ([], flags) if place is None else (flags[place:place + 2], flags[:place] + flags[place + 2:])


def stage(spark, name, tasks):
    """Runs tasks that each make one file."""
    begin = time.monotonic()
    try:
        failures = [error for error in spark.parallelize(tasks, len(tasks)).map(apus_task).collect() if error]
    except Exception as error:
        raise SystemExit(f"{reason(error)} What is finished stays; run the same command to go on.")
    if failures:
        raise SystemExit(failures[0])
    seconds = time.monotonic() - begin
    say(f"{name}: {len(tasks)} tasks, {seconds:.1f} s")
    return round(seconds, 2)


def search(spark, apus, shards, topics, output, folder, flags, hits, first, size):
    """Searches, and writes the run that one machine writes, byte for byte."""
    if not os.path.exists(topics):
        raise SystemExit(f"'{topics}' does not exist. Check the path.")
    work = Work(folder, {
        "shards": shards, "topics": digest_files([topics]), "flags": flags, "hits": hits, "first": first, "size": size})
    files = os.path.join(folder, "lists")
    os.makedirs(files, exist_ok=True)
    pieces = chunks(topics, work.cut, size)
    # Together they find the k-th document where shards are alike.
    first = first or max(10, -(-hits * 5 // (4 * len(shards))))
    tag, flags = taken(flags, "--run-tag")
    _, counting = taken(flags, "--threads", "-t")
    seconds = {}

    def path(name, piece, shard=None):
        return os.path.join(files, f"{name}-{piece:06d}" + ("" if shard is None else f"-{shard:06d}"))

    def common(piece):
        return ["--topics", pieces[piece], *flags]

    def statistics(piece):
        return [word for shard in range(len(shards)) for word in ("--statistics", path("statistics", piece, shard))]

    def gather(name, piece):
        return [word for shard in range(len(shards)) for word in ("--gather", path(name, piece, shard))]

    places = [(piece, shard) for piece in range(len(pieces)) for shard in range(len(shards))]
    seconds["statistics"] = stage(spark, "statistics", [
        (apus, ["stats", shards[shard], "--topics", pieces[piece], *counting, "--statistics"],
         path("statistics", piece, shard)) for piece, shard in places])
    shallow = ["-k", str(min(first, hits)), "--depth", str(min(first, hits))]
    seconds["first"] = stage(spark, "first round", [
        (apus, ["search", shards[shard], *common(piece), *statistics(piece), "--lists", *shallow, "-o"],
         path("first", piece, shard)) for piece, shard in places])
    seconds["thresholds"] = stage(spark, "thresholds", [
        (apus, ["search", shards[0], *common(piece), *gather("first", piece), "--lists", *shallow, "-o"],
         path("least", piece)) for piece in range(len(pieces))])
    deep = ["-k", str(hits)]
    seconds["second"] = stage(spark, "second round", [
        (apus, ["search", shards[shard], *common(piece), *statistics(piece), "--least", path("least", piece), "--lists",
                *deep, "-o"], path("second", piece, shard)) for piece, shard in places])
    seconds["runs"] = stage(spark, "runs", [
        (apus, ["search", shards[0], *common(piece), *gather("second", piece), *deep, *tag, "-o"], path("run", piece))
        for piece in range(len(pieces))])
    with open(output + ".tmp", "wb") as out:
        for piece in range(len(pieces)):
            with open(path("run", piece), "rb") as file:
                shutil.copyfileobj(file, out)
    os.rename(output + ".tmp", output)
    return {"topics": len(pieces), "shards": len(shards), "seconds": seconds}
