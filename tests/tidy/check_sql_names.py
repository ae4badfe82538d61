#!/usr/bin/env python3
"""SQL lives in files: one statement a file, each used, and the same names for every database."""

import re

import source_tree


def without_comments(text):
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    return re.sub(r"'(?:[^']|'')*'", "''", text)


def statement_count(text):
    return len([part for part in without_comments(text).split(";") if part.strip()])


def dialects(root):
    return sorted(path for path in (root / "sql").iterdir() if path.is_dir())


def names_of(dialect):
    """Files that every dialect has: migrations may differ in number, statements may not."""
    return {
        path.relative_to(dialect).as_posix()
        for folder in ("queries", "fragments")
        for path in (dialect / folder).glob("*.sql")
    }


def check_statements(root, dialect):
    complaints = []
    for path in sorted((dialect / "queries").glob("*.sql")):
        count = statement_count(path.read_text(encoding="utf-8"))
        if count != 1:
            complaints.append(f"{path.relative_to(root)}: {count} statements; one a file")
    for path in sorted(dialect.rglob("*.sql")):
        if not re.fullmatch(r"(\d{4}_)?[a-z][a-z0-9_]*\.sql", path.name):
            complaints.append(f"{path.relative_to(root)}: names are lower_case.sql")
    for path in sorted((dialect / "migrations").glob("*")):
        if not re.match(r"\d{4}_", path.name):
            complaints.append(f"{path.relative_to(root)}: migrations begin with four digits")
    return complaints


def check_numbers(root, dialect):
    numbers = [path.name[:4] for path in sorted((dialect / "migrations").glob("*.sql"))]
    expected = [f"{number:04}" for number in range(1, len(numbers) + 1)]
    if numbers != expected:
        return [f"{dialect.relative_to(root)}/migrations: the numbers are {numbers}, not {expected}"]
    return []


def check_used(root, dialect):
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in source_tree.files(root, ["src"], source_tree.CPP) + sorted(dialect.rglob("*.sql"))
    )
    words = set(re.findall(r"\w+", text))
    return [
        f"{dialect.relative_to(root)}/{name}: nobody uses it"
        for name in sorted(names_of(dialect))
        if name.rsplit("/", 1)[1].removesuffix(".sql") not in words
    ]


def says_why(path):
    """A statement that one database alone needs begins with its reason."""
    return path.exists() and re.match(r"-- Only in \w+ because ", path.read_text(encoding="utf-8"))


def check(root):
    complaints = []
    found = dialects(root)
    for dialect in found:
        complaints += check_statements(root, dialect)
        complaints += check_numbers(root, dialect)
        complaints += check_used(root, dialect)
        for name in sorted(names_of(found[0]) ^ names_of(dialect)):
            if not says_why(found[0] / name) and not says_why(dialect / name):
                complaints.append(f"sql: {name} is not in both {found[0].name} and {dialect.name}")
    return complaints


if __name__ == "__main__":
    source_tree.run(check)
