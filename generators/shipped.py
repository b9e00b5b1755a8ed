"""Files that every installation of Assay has, not only its own repository: theme, prose, frame, versions, workflows.

In a checkout they lie where the site of this project uses them; a wheel has
copies inside the package (``pyproject.toml`` says which).
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_IN_CHECKOUT = {
    "theme": "docs/theme",
    "prose": "docs",
    "mkdocs.yml": "mkdocs.yml",
    "constraints.txt": "constraints.txt",
    "workflows": ".github/workflows",
    "steps": ".ci",
}


def shipped(name: str) -> Path:
    """Return the path of a shipped file or folder.

    Args:
        name: ``theme`` (templates and styles of the site), ``prose`` (a folder a language), ``mkdocs.yml``,
            ``constraints.txt``, ``workflows`` (of GitHub) or ``steps`` (the scripts that they run).
    """
    installed = PACKAGE / "shipped_files" / name
    return installed if installed.exists() else PACKAGE.parent / _IN_CHECKOUT[name]
