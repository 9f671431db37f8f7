"""Docs that fall behind fail the build."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.page_bundles import make_bundle

from punctum.reading import find_readings
from punctum.tables import FRAMES, SHOTS, known_errors

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="the docs are not beside the tests")


def test_generated_pages_are_fresh():
    done = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_measured_column_is_explained():
    text = (ROOT / "docs" / "measures.md").read_text("utf-8")
    bookkeeping = {"time_s", "start_s", "end_s", "length_s"}
    columns = {name for table in (FRAMES, SHOTS) for name, kind in table.items() if kind.dtype.is_float()}
    assert {name for name in columns - bookkeeping if f"`{name}`" not in text} == set()


def test_every_reading_is_explained():
    text = (ROOT / "docs" / "measures.md").read_text("utf-8")
    bundle = make_bundle()
    measures = set(find_readings(bundle.film, bundle.tables)["measure"])
    assert len(measures) > 30
    assert {name for name in measures if f"`{name}`" not in text} == set()


def test_errors_are_of_figures_that_exist():
    tables = {"frames": FRAMES, "shots": SHOTS}
    odd = [f for f in known_errors() if (t := f.split("."))[0] in tables and t[1] not in tables[t[0]]]
    assert odd == []


def test_links_in_the_docs_lead_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    # code shows how links are written, and essays' pictures are addresses within films
    texts = [(page, re.sub(r"(?s)```.*?```|`[^`\n]*`", "", page.read_text("utf-8"))) for page in pages]
    links = [(page, to) for page, text in texts for to in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)]
    broken = [(page.name, to) for page, to in links if "@" not in to and not (page.parent / to).exists()]
    assert broken == []


def test_every_module_opens_with_a_line_about_itself():
    bare = [p for p in (ROOT / "src").rglob("*.py") if not p.read_text("utf-8").lstrip().startswith(('"""', 'r"""'))]
    assert bare == []
