"""Reads the tables of mutants: guards of the protocol, each with the change that takes it out and the test that tells.

    [name]
    guard: one line, for people
    in: sql/DIALECT/queries/file.sql
    - text that stands exactly once in the file, in one or several lines
    + text in its place; none removes it
    killer: target gtest-filter

A mutant may change several files. A killer without `DIALECT` in it is one mutant; where the word DIALECT stands, there
is one for each database, called name-sqlite and name-postgresql.
"""

import dataclasses
import pathlib
import re

DIALECTS = ("sqlite", "postgresql")


@dataclasses.dataclass
class Edit:
    path: str
    old: str = ""
    new: str = ""

    def apply_to(self, root):
        """The file's text with the guard taken out; an error when the guard does not stand there exactly once."""
        text = (root / self.path).read_text(encoding="utf-8")
        found = text.count(self.old)
        if found != 1:
            raise LookupError(f"{self.path} has {found} places that read: {self.old}")
        return text.replace(self.old, self.new)


@dataclasses.dataclass
class Mutant:
    name: str
    guard: str = ""
    edits: list = dataclasses.field(default_factory=list)
    target: str = ""
    filter: str = ""

    @property
    def killer(self):
        return self.filter.split(".", 1)[1]

    def is_within(self, folder):
        return all(edit.path.startswith(folder) for edit in self.edits)

    def for_dialect(self, dialect):
        def named(text):
            return text.replace("DIALECT", dialect)

        edits = [Edit(named(edit.path), edit.old, edit.new) for edit in self.edits]
        return Mutant(f"{self.name}-{dialect}", self.guard, edits, self.target, named(self.filter))


def parse(text):
    mutants = []
    sides = {"-": "old", "+": "new"}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, _, rest = line.partition(" ")
        if line.startswith("["):
            mutants.append(Mutant(line.strip("[] ")))
        elif key == "guard:":
            mutants[-1].guard = rest
        elif key == "in:":
            mutants[-1].edits.append(Edit(rest))
        elif key in sides:
            edit = mutants[-1].edits[-1]
            before = getattr(edit, sides[key])
            setattr(edit, sides[key], before + "\n" + rest if before else rest)
        elif key == "killer:":
            mutants[-1].target, mutants[-1].filter = rest.split(" ", 1)
        else:
            raise ValueError(f"line {number} of a table of mutants is none: {line}")
    return mutants


def load(folder=pathlib.Path(__file__).parent):
    mutants = []
    for path in sorted(folder.glob("*.mutants")):
        for mutant in parse(path.read_text(encoding="utf-8")):
            everything = mutant.filter + "".join(edit.path for edit in mutant.edits)
            if "DIALECT" in everything:
                mutants += [mutant.for_dialect(dialect) for dialect in DIALECTS]
            else:
                mutants.append(mutant)
    return mutants


def complaints(mutants, root):
    """What keeps a mutant from being made: none when every one of them still applies."""
    found = []
    names = [mutant.name for mutant in mutants]
    for mutant in mutants:
        if names.count(mutant.name) > 1:
            found.append(f"{mutant.name}: the name is given twice")
        if not (mutant.guard and mutant.edits and mutant.target and mutant.filter):
            found.append(f"{mutant.name}: guard, in, killer: one is missing")
        tests = re.findall(r"\.(\w+)", mutant.filter)
        for edit in mutant.edits:
            try:
                edit.apply_to(root)
            except (LookupError, OSError) as problem:
                found.append(f"{mutant.name}: {problem}")
        if not any(has_test(root, test) for test in tests):
            found.append(f"{mutant.name}: there is no test {mutant.filter}")
    return found


def has_test(root, name, known={}):
    if not known:
        for path in (root / "tests").rglob("*.cpp"):
            known.update(dict.fromkeys(re.findall(r"\bTEST(?:_F|_P)?\(\s*\w+,\s*(\w+)", path.read_text(encoding="utf-8"))))
    return name in known
