"""errand and the limit programs: the same command line, a line of JSON for each scenario."""

import json
import subprocess

PATIENCE_SECONDS = 1800


class Program:
    def __init__(self, name, program, postgresql, is_errand):
        self.name, self.program, self.postgresql, self.is_errand = name, program, postgresql, is_errand
        self.group = "PostgreSQL" if postgresql else "SQLite"
        self.note = ""

    def plays(self, row):
        return self.is_errand or row.limit != ""

    def figures(self, row, runs):
        """Figure → a value for each run."""
        command = [str(self.program), "--json", "--only", row.scenario if self.is_errand else row.limit]
        for name, value in {**row.sizes, "runs": runs}.items():
            command += [f"--{name}", str(value)]
        if self.postgresql:
            command += ["--database", self.postgresql.fresh()]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE_SECONDS)
        figures = json.loads(done.stdout.splitlines()[-1])["figures"]
        return {name: figure["values"] for name, figure in figures.items()}

    def measure(self, row):
        """One run: figure → value."""
        return {name: values[0] for name, values in self.figures(row, 1).items()}

    def measure_alone(self, row, runs):
        """All runs of a program that takes turns by itself."""
        figures = self.figures(row, runs)
        return [{name: values[run] for name, values in figures.items()} for run in range(runs)]


def on(postgresql, folder):
    """errand and the limit on this server, or without one on SQLite."""
    label = "postgresql" if postgresql else "sqlite"
    return [Program("errand", folder / "errand_bench", postgresql, True),
            Program("limit", folder / f"{label}_limit", postgresql, False)]


def of_house(folder, postgresql):
    return on(postgresql, folder) + on(None, folder)
