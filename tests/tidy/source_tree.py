"""What the checks share: the files of the tree, and complaints about them."""

import re
import sys
from pathlib import Path

SKIPPED = {"build", "node_modules", ".git", ".cache", "__pycache__", "dist"}
CPP = {".cpp", ".hpp"}


def files(root, folders, suffixes):
    """Paths below `folders` with one of `suffixes`, sorted, generated folders apart."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            if path.suffix in suffixes and path.is_file() and not SKIPPED & set(inside.parts):
                found.append(path)
    return found


def blank_out(text):
    """C++ with comments and literals replaced by spaces, line ends kept."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'",
        re.DOTALL,
    )
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def run(check):
    """Calls check(root), prints what it complains about, and ends the program: 0 or 1."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    complaints = check(root)
    for complaint in complaints:
        print(complaint)
    print(f"{Path(sys.argv[0]).name}: {len(complaints)} complaints")
    sys.exit(1 if complaints else 0)
