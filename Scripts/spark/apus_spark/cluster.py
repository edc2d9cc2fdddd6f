"""A standalone Spark cluster on this machine's loopback: a master and some workers, each with one executor."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from .binary import die_with_parent


class LocalCluster:
    """Starts the processes and stops them, whatever happens in between."""

    def __init__(self, workers, cores=1, memory="1g", folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="apus-spark-")
        self.processes = []
        self.logs = []
        try:
            self._start(workers, cores, memory)
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _launch(self, name, *arguments):
        import pyspark

        home = os.path.dirname(pyspark.__file__)
        path = os.path.join(self.folder, name + ".log")
        environment = dict(os.environ, SPARK_HOME=home, SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
        with open(path, "ab") as log:
            process = subprocess.Popen(
                [os.path.join(home, "bin", "spark-class"), *arguments], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env=environment, cwd=self.folder, start_new_session=True,
                preexec_fn=die_with_parent)
        self.processes.append(process)
        self.logs.append(path)
        return path

    def _wait(self, path, pattern, seconds=300):
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            with open(path, errors="replace") as log:
                found = re.search(pattern, log.read())
            if found:
                return found
            if self.processes[-1].poll() is not None:
                break
            time.sleep(0.2)
        raise SystemExit(f"Spark did not start; its log is '{path}'.")

    def _start(self, workers, cores, memory):
        master = "org.apache.spark.deploy.master.Master"
        path = self._launch("master", master, "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        self.url = self._wait(path, r"Starting Spark master at (spark://\S+)").group(1)
        worker = "org.apache.spark.deploy.worker.Worker"
        paths = [
            self._launch(
                f"worker-{number}", worker, "--host", "127.0.0.1", "--cores", str(cores), "--memory", memory,
                "--work-dir", os.path.join(self.folder, f"worker-{number}"), "--webui-port", "0", self.url)
            for number in range(workers)]
        for path in paths:
            self._wait(path, r"Successfully registered with master")

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes = []


def context(master, name, package, cores=1):
    """A SparkContext on a master, to which this package is shipped."""
    from pyspark import SparkConf, SparkContext

    configuration = (
        SparkConf().setMaster(master).setAppName(name)
        .set("spark.ui.enabled", "false").set("spark.ui.showConsoleProgress", "false")
        .set("spark.executor.cores", str(cores)).set("spark.task.maxFailures", "4")
        # A task is minutes of work of one process; two attempts at the same part would only be in each other's way.
        .set("spark.speculation", "false"))
    if master.startswith("spark://127.0.0.1") or master.startswith("local"):
        configuration.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
        configuration.set("spark.executor.memory", "512m")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if ".driver.host" in configuration.toDebugString():
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    spark = SparkContext(conf=configuration)
    spark.setLogLevel("ERROR")
    spark.addPyFile(package)
    return spark
