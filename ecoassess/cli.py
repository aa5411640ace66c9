"""The command line. What computes is imported inside the commands, so that help is quick."""

from __future__ import annotations

from ecoassess.commands import assess, authors, data, results
from ecoassess.commands.common import app

__all__ = ["app", "assess", "authors", "data", "main", "results"]


def main() -> None:
    """Run the command line."""
    app(prog_name="ecoassess")
