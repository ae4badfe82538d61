#!/usr/bin/env python3
"""Sizes that a reader can hold: functions and files; no file unused; no unexplained NOLINT."""

import re

import source_tree

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 450
FOLDERS = ["include", "src", "tests", "benchmarks", "examples", "tools", "cmake"]
TEXTS = source_tree.CPP | {".py", ".js", ".ts", ".tsx", ".css", ".html", ".cmake", ".sh"}

# A brace after one of these opens a scope whose members are looked at one by one.
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b|\bextern\b\s*$")
# "Name(…) : member" before a brace: the brace belongs to a member initialiser, not to the body.
INITIALISER = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)(?!.*\)\s*$).*[\w>]\s*$", re.DOTALL)


def matching_brace(text, at):
    depth = 0
    for index in range(at, len(text)):
        if text[index] == "{":
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return len(text) - 1


def functions(text):
    """(first line, number of lines) of every function body at namespace or class scope."""
    text = blank_directives(source_tree.blank_out(text))
    found = []
    head = 0
    at = 0
    while at < len(text):
        if text[at] in ";}":
            head = at + 1
        elif text[at] == "{":
            before = text[head:at]
            if SCOPE.search(re.sub(r"\([^()]*\)|<[^<>]*>", "", before)):
                head = at + 1
            else:
                end = matching_brace(text, at)
                if not INITIALISER.search(before):
                    if "(" in before:
                        first = text.count("\n", 0, head + len(before) - len(before.lstrip())) + 1
                        found.append((first, text.count("\n", 0, end) + 2 - first))
                    head = end + 1
                at = end
        at += 1
    return found


def blank_directives(text):
    """Preprocessor lines blanked out: their braces need not match."""
    return re.sub(
        r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text,
        flags=re.MULTILINE,
    )


def check_lengths(root, path):
    inside = path.relative_to(root)
    text = path.read_text(encoding="utf-8")
    complaints = []
    lines = text.count("\n")
    if lines > FILE_LINES_MAX:
        complaints.append(f"{inside}: {lines} lines; {FILE_LINES_MAX} are the limit")
    if path.suffix in source_tree.CPP and inside.parts[0] != "tests":
        for first, length in functions(text):
            if length > FUNCTION_LINES_MAX:
                complaints.append(
                    f"{inside}:{first}: a function of {length} lines; {FUNCTION_LINES_MAX} are the limit"
                )
    return complaints


def check_nolint(root, path):
    inside = path.relative_to(root)
    complaints = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for mark, rest in re.findall(r"//.*?\b(NOLINT(?:NEXTLINE|BEGIN|END)?)\b(.*)", line):
            reason = r"\([a-z][\w.\-]*(?:, ?[a-z][\w.\-]*)*\)" + (r"" if mark == "NOLINTEND" else r": \S")
            if not re.match(reason, rest):
                complaints.append(f"{inside}:{number}: {mark} names its check and gives a reason: "
                                  f"// {mark}(check): why")
    return complaints


def check_used(root):
    """Every .cpp is named by a CMakeLists.txt at or above it, every .hpp included by somebody."""
    complaints = []
    folders = ["src", "tests", "benchmarks", "examples"]
    sources = source_tree.files(root, ["include", *folders], source_tree.CPP)
    included = set()
    for path in sources:
        for name in re.findall(r'#\s*include\s+[<"]([^>"]+)[>"]', path.read_text(encoding="utf-8")):
            included.add(name)
    for path in source_tree.files(root, folders, {".cpp"}):
        if not named_in_cmake(root, path):
            complaints.append(f"{path.relative_to(root)}: no CMakeLists.txt names it")
    for path in source_tree.files(root, folders, {".hpp"}):
        inside = path.relative_to(root).as_posix()
        if not any(inside == name or inside.endswith("/" + name) for name in included):
            complaints.append(f"{inside}: nobody includes it")
    return complaints


def named_in_cmake(root, path):
    for folder in path.parents:
        listing = folder / "CMakeLists.txt"
        name = path.relative_to(folder).as_posix()
        if listing.exists():
            words = re.sub(r"#.*", "", listing.read_text(encoding="utf-8"))
            if re.search(r"(?<![\w./])" + re.escape(name) + r"(?![\w.])", words):
                return True
        if folder == root:
            return used_elsewhere(root, path)
    return False


def used_elsewhere(root, path):
    """Named by its whole path, as ${PROJECT_SOURCE_DIR}/…, or by a project beside it (../name)."""
    inside = path.relative_to(root).as_posix()
    for listing in source_tree.files(root, ["."], {".txt", ".cmake"}):
        text = listing.read_text(encoding="utf-8")
        if "${PROJECT_SOURCE_DIR}/" + inside in text:
            return True
        for relative in re.findall(r"(?<![\w.])(?:\.\./)+[\w./-]+\.cpp", text):
            if (listing.parent / relative).resolve() == path:
                return True
    return False


def check(root):
    complaints = []
    for path in source_tree.files(root, FOLDERS, TEXTS):
        complaints += check_lengths(root, path)
    for path in source_tree.files(root, FOLDERS, source_tree.CPP):
        complaints += check_nolint(root, path)
    return complaints + check_used(root)


if __name__ == "__main__":
    source_tree.run(check)
