"""A server under test: started on a free port, watched, killed."""

import http.client, json, os, pathlib, signal, socket, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("APUS_BINARY", str(ROOT / ".build/release/apus"))


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def build_index(path, *arguments):
    """Indexes Corpora/starter, unless other arguments say what."""
    arguments = arguments or (str(ROOT / "Corpora/starter"),)
    subprocess.run([BINARY, "index", *arguments, "--output", str(path), "--replace"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(path)


class Server:
    """`apus serve`, its log in a file or nowhere."""

    def __init__(self, indexes, *flags, log=None, prefix=()):
        self.port = free_port()
        self.log = open(log, "ab") if log else subprocess.DEVNULL
        self.process = subprocess.Popen([*prefix, BINARY, "serve", *indexes, "--port", str(self.port), *flags],
                                        stdout=subprocess.DEVNULL, stderr=self.log)
        until = time.time() + 60
        while True:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.time() > until:
                raise RuntimeError(f"the server did not start: {self.process.returncode}")
            time.sleep(0.02)

    def ask(self, method, path, body=None, headers={}, timeout=60):
        """The status and the body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def memory(self):
        """Resident and highest resident memory, in MB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            lines = dict(line.split(":", 1) for line in status)
        return tuple(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def is_alive(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends it as an operator does; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)
