"""Child processes for engines: one that builds and ends, so that its cost can be told, one that stays and answers."""
import ctypes
import json
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import time

FORK = multiprocessing.get_context("fork")


def end_with_parent():
    """A killed benchmark leaves no process behind (prctl's PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def built(engine, store, folder, limits):
    """Builds what is not there yet. Returns {"seconds", "gigabytes"} or {"failed"}; both are kept with the index.

    `limits` are CPU minutes and gigabytes of one process; an engine over either ends, and that is its failure.
    """
    record = folder / "build.json"
    if record.exists():
        return json.loads(record.read_text())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    minutes, gigabytes = limits
    started = time.perf_counter()
    log = open(folder / "build.log", "w+", encoding="utf-8", errors="replace")
    child = os.fork()
    if child == 0:
        status = 1
        end_with_parent()
        try:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            resource.setrlimit(resource.RLIMIT_CPU, (int(minutes * 60), int(minutes * 60) + 10))
            resource.setrlimit(resource.RLIMIT_DATA, (int(gigabytes * 1e9),) * 2)
            engine.build(store, folder)
            status = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}" if not isinstance(error, RuntimeError) else error)
        finally:
            sys.stdout.flush()
            os._exit(status)
    _, status, used = os.wait4(child, 0)
    log.seek(0)
    last = (log.read().strip().splitlines() or ["no message"])[-1][:200]
    log.close()
    # Kilobytes on Linux; a child's largest process, its own children included.
    found = {"seconds": used.ru_utime + used.ru_stime, "gigabytes": used.ru_maxrss * 1024 / 1e9,
             "clock": time.perf_counter() - started, "started": started}
    if status:
        over = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
        found["failed"] = (f"building took more than {minutes:g} CPU minutes" if over and found["seconds"] >= minutes * 59 else
                           f"building ended after {found['seconds']:.0f} CPU seconds with {found['gigabytes']:.1f} GB "
                           f"(limit {gigabytes:g}): {last}")
    record.write_text(json.dumps(found))
    return found


class Worker:
    """An engine in a process of its own; a crash there is an error here."""

    def __init__(self, engine, folder, queries):
        self.pipe, other = FORK.Pipe()
        self.process = FORK.Process(target=serve, args=(engine, folder, queries, other), daemon=True)
        self.process.start()
        other.close()
        self.answer()

    def run(self, variant, k):
        self.pipe.send((variant, k))
        return self.answer()

    def answer(self):
        try:
            answer = self.pipe.recv()
        except EOFError:
            self.process.join()
            raise RuntimeError(f"its process ended with status {self.process.exitcode}") from None
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer

    def stop(self):
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def serve(engine, folder, queries, pipe):
    end_with_parent()
    os.dup2(2, 1)  # what an engine prints is no part of the table
    try:
        engine.open(folder, queries)
        pipe.send(())
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
        return
    while True:
        try:
            variant, k = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(engine.run(variant, k))
        except Exception as error:
            pipe.send(f"{type(error).__name__}: {error}")
