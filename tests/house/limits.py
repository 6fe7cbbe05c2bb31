"""The size and shape limits of the house, read from the syntax trees.

python files -> ast -> one sentence per breach -> exit status 1 if there is any

Ruff checks what it can; this checks what it can't: lengths, parameter shape, flow bodies, broad
excepts outside the edges, and what a pure room may not do. A public function's signature is ours
unless it is marked `@override`, decorated by a framework that fills it by position or by option
(`FRAMEWORK_DECORATORS`), or carries `# signature: <whose>` on the line of its `def`.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOMS = (
    "cli", "flows", "telegram", "commands", "tasks", "blocks", "db", "reports", "trading", "tests",
)  # fmt: skip

FILE_LINES = 300
TEST_FILE_LINES = 450
FUNCTION_LINES = 60
FLOW_BODY_LINES = 40
FOLDER_FILES = 20  # Python files, __init__.py counted
INIT_WORDS = 4  # a shorter docstring repeats the folder's name
PARAMETERS = 5
# Keyword-only after the first; two that can't be confused may stand together, as in
# apply_fill(position, fill).
POSITIONAL_PARAMETERS = 2

# Where a broad except may end a failure: logged, and the process goes on or exits with a sentence.
BROAD_EXCEPT_EDGES = frozenset(
    {
        "flows/hooks.py",  # the flow hook: a failing alert must not hide the failure it tells of
        "telegram/handlers/errors.py",  # the bot's error handler: one bad update is not the end
        "cli/main.py",  # the command line: a sentence and an exit code, not a traceback
    }
)

# Typer makes an option of every parameter, pytest an argument of every fixture.
FRAMEWORK_DECORATORS = frozenset({"command", "callback", "fixture", "given", "parametrize"})

FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "core"})

# Pure rooms get time as an argument and touch nothing outside their arguments.
IMPURE_MODULES = frozenset(
    {
        "asyncio", "http", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
        "shutil", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time",
        "urllib",
    }
)  # fmt: skip
CLOCK_READS = frozenset({"now", "utcnow", "today"})
IMPURE_CALLS = frozenset({"open", "print", "input", "eval", "exec"})

type Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One limit that a file does not keep; `line` counts from 1."""

    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


def check_tree(root: Path) -> list[Breach]:
    """Every breach in the rooms under `root`, folders first, then files by path and line."""
    files = sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))
    found = list(_check_folders(root, files))
    for path in files:
        source = path.read_text(encoding="utf-8")
        found += check_source(source, path=path.relative_to(root).as_posix())
    return found


def _check_folders(root: Path, files: list[Path]) -> Iterator[Breach]:
    for folder, count in sorted(Counter(path.parent for path in files).items()):
        name = folder.relative_to(root).as_posix()
        if count > FOLDER_FILES and folder.name != "versions":  # one file for each revision
            sentence = f"the folder has {count} Python files, at most {FOLDER_FILES} are allowed"
            yield Breach(path=name, line=1, sentence=sentence)
        if folder / "__init__.py" not in files:
            yield Breach(path=name, line=1, sentence="an __init__.py has to say what belongs here")


def check_source(source: str, *, path: str) -> list[Breach]:
    """Every breach in one file; its `path` in the checkout decides which rules hold."""
    tree = ast.parse(source, filename=path)
    lines = source.splitlines()
    found = [
        *_check_file(tree, path=path, length=len(lines)),
        *_check_excepts(tree, path=path),
        *(_check_purity(tree) if path.startswith("trading/") else ()),
    ]
    for function, is_method in _functions(tree):
        found += _check_length(function)
        if not _has_foreign_signature(function, path=path, lines=lines):
            found += _check_parameters(function, is_method=is_method)
    return [Breach(path=path, line=line, sentence=sentence) for line, sentence in sorted(found)]


def _check_file(tree: ast.Module, *, path: str, length: int) -> Iterator[tuple[int, str]]:
    limit = TEST_FILE_LINES if path.startswith("tests/") else FILE_LINES
    if length > limit:
        yield 1, f"the file has {length} lines, at most {limit} are allowed"
    for part in Path(path).with_suffix("").parts:
        if part in FORBIDDEN_NAMES:
            yield 1, f"'{part}' names nothing: name the file for what is in it"
    if path.endswith("__init__.py"):
        code = [node for node in tree.body if not _is_docstring(node)]
        if code:
            yield code[0].lineno, "an __init__.py holds only the room's docstring"
        docstring = ast.get_docstring(tree) or ""
        least = 0 if path.startswith("tests/") else INIT_WORDS
        if len(docstring.split()) < least or not docstring.endswith("."):
            yield 1, "the docstring of an __init__.py says in a sentence what belongs there"


def _check_excepts(tree: ast.Module, *, path: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        if node.type is None:
            yield node.lineno, "a bare except catches even the interpreter's exit"
        elif _is_broad(node.type) and not _raises_at_end(node) and path not in BROAD_EXCEPT_EDGES:
            yield node.lineno, "a broad except that does not raise is allowed at the edges only"


def _check_purity(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported = {(node.module or "").split(".")[0]}
        elif isinstance(node, ast.Call):
            called = _name(node.func)
            is_clock = isinstance(node.func, ast.Attribute) and called in CLOCK_READS
            if is_clock or (isinstance(node.func, ast.Name) and called in IMPURE_CALLS):
                yield node.lineno, f"trading is pure: it calls no '{called}'"
            continue
        else:
            continue
        for name in sorted(imported & IMPURE_MODULES):
            yield node.lineno, f"trading is pure: it imports no '{name}'"


def _check_length(function: Function) -> Iterator[tuple[int, str]]:
    length = _span([function])
    if length > FUNCTION_LINES:
        sentence = f"{function.name} has {length} lines, at most {FUNCTION_LINES} are allowed"
        yield function.lineno, sentence
    length = _span([node for node in function.body if not _is_docstring(node)])
    if "flow" in _decorators(function) and length > FLOW_BODY_LINES:
        sentence = f"the flow {function.name} has {length} lines, at most {FLOW_BODY_LINES} fit"
        yield function.lineno, sentence


def _check_parameters(function: Function, *, is_method: bool) -> Iterator[tuple[int, str]]:
    arguments = function.args
    bound = int(is_method and "staticmethod" not in _decorators(function))
    positional = len(arguments.posonlyargs) + len(arguments.args) - bound
    count = positional + len(arguments.kwonlyargs)
    if count > PARAMETERS:
        sentence = f"{function.name} takes {count} parameters, at most {PARAMETERS} are allowed"
        yield function.lineno, sentence
    if positional > POSITIONAL_PARAMETERS and not function.name.startswith("_"):
        sentence = (
            f"{function.name} takes {positional} parameters by position: make the later ones "
            "keyword-only, or say whose it is with `# signature: whose`"
        )
        yield function.lineno, sentence


def _has_foreign_signature(function: Function, *, path: str, lines: list[str]) -> bool:
    decorators = _decorators(function)
    return (
        "override" in decorators
        or not FRAMEWORK_DECORATORS.isdisjoint(decorators)
        or path.startswith("tests/")  # fixtures are arguments, builders read best by position
        or "# signature: " in lines[function.lineno - 1]
    )


def _functions(tree: ast.Module) -> Iterator[tuple[Function, bool]]:
    """Functions with whether each is a method; what is nested in a function is the function's."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from ((inner, True) for inner, _ in _functions(ast.Module(node.body, [])))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, False


def _decorators(function: Function) -> set[str]:
    return {
        _name(node.func if isinstance(node, ast.Call) else node)
        for node in function.decorator_list
    }


def _name(node: ast.expr) -> str:
    """The last part of a dotted name, "" for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_broad(node: ast.expr) -> bool:
    caught = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(_name(one) in {"Exception", "BaseException"} for one in caught)


def _raises_at_end(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise)


def _span(nodes: Sequence[ast.stmt]) -> int:
    """Lines from the first statement to the last, both included; 0 for none."""
    return (nodes[-1].end_lineno or 0) - nodes[0].lineno + 1 if nodes else 0


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def main() -> int:
    """Print the breaches of the checkout; 1 if there are any."""
    breaches = check_tree(Path(__file__).resolve().parents[2])
    for breach in breaches:
        print(breach)
    print(f"Limits: {len(breaches)} broken." if breaches else "Limits: all kept.")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
