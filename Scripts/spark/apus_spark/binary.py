"""The apus binary as a subprocess that dies with its parent."""

import ctypes
import re
import signal
import subprocess


class Refused(Exception):
    """Something that trying again does not mend: a bad line, a wrong flag."""


def die_with_parent():
    """Linux: who is killed must not leave a child that goes on."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def run(binary, arguments, allow_failure=False):
    """Runs apus to its end and returns what it printed; raises Refused for what stays wrong, RuntimeError else."""
    process = subprocess.run(
        [binary, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        errors="replace", preexec_fn=die_with_parent)
    if process.returncode == 0:
        return process.stdout
    lines = [line for line in process.stderr.splitlines() if line.startswith(("apus:", "Error:"))]
    message = (lines or process.stderr.splitlines() or ["it said nothing"])[-1].removeprefix("apus: ")
    if process.returncode == 2 or (process.returncode == 1 and is_final(message)):
        raise Refused(message)
    raise RuntimeError(f"'apus {' '.join(arguments[:2])}' ended with {process.returncode}: {message}")


def is_final(message):
    """Whether the message names a place in the input or a document, which the next attempt would meet again."""
    return bool(re.search(r"' line \d+|is in the index already|holds no documents|does not exist|was built with", message))
