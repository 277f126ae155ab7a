"""Baseline (b): the recipe with its charts as a notebook, executed and exported to HTML.

`python notebook.py online_retail.csv FOLDER` writes FOLDER/rfm.ipynb and FOLDER/rfm.html. It does
in one process what `jupyter nbconvert --execute --to html` does.
"""

import argparse
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HERE = Path(__file__).parent
CELL_MARK = "# %%"
MARKDOWN_MARK = " [markdown]\n"
CELL_TIMEOUT_SECONDS = 600


def read_cells(script: Path) -> list[nbformat.NotebookNode]:
    """Split a script at its cell marks; what stands above the first mark is left out."""
    _, *blocks = script.read_text(encoding="utf-8").split(f"\n{CELL_MARK}")
    return [make_cell(block) for block in blocks]


def make_cell(block: str) -> nbformat.NotebookNode:
    """Turn the text after a cell mark into a markdown or a code cell."""
    if block.startswith(MARKDOWN_MARK):
        text = block.removeprefix(MARKDOWN_MARK)
        return new_markdown_cell("\n".join(line.removeprefix("# ") for line in text.splitlines()))
    return new_code_cell(block.strip())


def make_notebook(source: Path) -> nbformat.NotebookNode:
    """Return the notebook, not yet executed, that reads `source`."""
    return new_notebook(
        cells=[
            new_markdown_cell("# RFM customer segmentation"),
            new_code_cell(f"SOURCE = {str(source.resolve())!r}"),
            *read_cells(HERE / "notebook_recipe.py"),
            *read_cells(HERE / "notebook_charts.py"),
        ]
    )


def execute_notebook(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook with its outputs, run in a fresh kernel of this Python."""
    runner = ExecutePreprocessor(timeout=CELL_TIMEOUT_SECONDS, kernel_name="python3")
    executed, _ = runner.preprocess(notebook)
    return executed


def main() -> None:
    """Build, execute and export the notebook."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    notebook = execute_notebook(make_notebook(arguments.source))
    page, _ = HTMLExporter().from_notebook_node(notebook)
    nbformat.write(notebook, arguments.folder / "rfm.ipynb")
    (arguments.folder / "rfm.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
