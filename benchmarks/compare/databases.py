"""The servers that contestants use: a database of its own for each measurement, durable as in production."""

import os
import shutil
import socket
import subprocess
import tempfile
import time

import processes


class Postgresql:
    """The server of tools/with-postgresql. `fresh()` is the URL of an empty database."""

    def __init__(self):
        self.base = os.environ.get("POSTGRESQL_URL")
        if not self.base:
            raise SystemExit("compare: POSTGRESQL_URL is not set; run it through tools/with-postgresql")
        self.server = self.find_server()
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.drop()

    def psql(self, url=None):
        return ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", url or self.base]

    def ask(self, sql, url=None):
        """The answer as text."""
        command = [*self.psql(url), "--command", sql]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def find_server(self):
        """The process whose children the sessions are: this one looks at its own session while that lives."""
        with subprocess.Popen(self.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
            session.stdin.write("SELECT pg_backend_pid();\n")
            session.stdin.flush()
            return processes.parent(int(session.stdout.readline()))

    def name(self):
        return f"bench_{self.count}"

    def drop(self):
        if self.count:
            self.ask(f"DROP DATABASE IF EXISTS {self.name()} WITH (FORCE)")

    def fresh(self):
        self.drop()
        self.count += 1
        self.ask(f"CREATE DATABASE {self.name()}")
        self.ask("CHECKPOINT")
        os.sync()
        return self.base.rpartition("/")[0] + "/" + self.name()

    def cpu_seconds(self):
        return processes.cpu_seconds(self.server)

    def version(self):
        return "PostgreSQL " + self.ask("SHOW server_version").split()[0]


class Redis:
    """A server of its own, started when first used; `fresh()` empties it and tells its port."""

    def __init__(self, folder):
        self.parent_folder = folder
        self.folder, self.server, self.port = None, None, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.server.terminate()
            self.server.wait()
            shutil.rmtree(self.folder)

    def start(self):
        self.folder = tempfile.mkdtemp(prefix="redis-", dir=self.parent_folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server = subprocess.Popen(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder, "--save", "",
             "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"],
            stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                self.command("PING")
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def command(self, *words):
        """The answer to one command as a number or text."""
        request = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request.encode())
            answer = connection.makefile("rb").readline().decode().strip()
        return int(answer[1:]) if answer.startswith(":") else answer[1:]

    def fresh(self):
        if not self.server:
            self.start()
        self.command("FLUSHALL")
        os.sync()
        return str(self.port)

    def cpu_seconds(self):
        return processes.cpu_seconds(self.server.pid)

    def version(self):
        text = subprocess.run(["redis-server", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return "Redis " + text.split("v=")[1].split()[0] + ", appendonly everysec"
