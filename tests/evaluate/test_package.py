from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import generators.evaluate

PACKAGE = Path(generators.evaluate.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ALLOWED = {*sys.stdlib_module_names, "generators", "PIL", "msgspec", "numpy", "ptflops", "torch"}


def imported_packages(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in whole | parts}


def test_importing_the_package_imports_neither_torch_nor_numpy() -> None:
    program = "import sys, generators.evaluate; print(sorted({'torch', 'numpy'} & set(sys.modules)))"
    root = str(PACKAGE.parents[1])
    answer = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_needs_no_package_beyond_those_of_the_stage(module: Path) -> None:
    assert imported_packages(module.read_text(encoding="utf-8")) <= ALLOWED


def test_the_docstring_maps_every_module() -> None:
    names = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"} | {"networks"}
    assert generators.evaluate.__doc__ is not None
    assert {name for name in names if f"evaluate.{name}`" not in generators.evaluate.__doc__} == set()
