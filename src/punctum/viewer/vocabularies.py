"""Vocabularies: terms that tags may be taken from, apart from free notes.

Conventions: a CSV file has its terms in a column ``term``, else in the first; a YAML file is a list of terms, or of
mappings with ``term``, or a mapping of names to such lists. What else stands in them is left alone.
"""

import csv
import io
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from punctum.errors import UsageWrong, quoted
from punctum.notes import LONGEST_NAME

STARTER = "film terms"
LARGEST_BYTES = 1_000_000
MOST_TERMS = 2000


def read_vocabularies(addresses: Iterable[str | Path] = ()) -> dict[str, tuple[str, ...]]:
    """Read vocabularies: a person's own, then the starter of film terms.

    Parameters
    ----------
    addresses : iterable of path
        CSV (``.csv``, ``.tsv``) or YAML files

    Returns
    -------
    dict of str to tuple of str
        terms by the vocabulary's name: the file's stem

    Raises
    ------
    UsageWrong
        where a file is none of these
    """
    made = {Path(address).stem: _read(Path(address)) for address in addresses}
    starter = files("punctum.viewer").joinpath("film_terms.csv").read_text(encoding="utf-8")
    return {**made, STARTER: parse_terms(starter, ".csv")}


def _read(path: Path) -> tuple[str, ...]:
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UsageWrong(f"{quoted(path)} cannot be read: {error.strerror}", "check the name") from None
    if len(body) > LARGEST_BYTES:
        raise UsageWrong(f"{quoted(path)} is larger than a vocabulary", f"{LARGEST_BYTES // 1_000_000} MB at most")
    try:
        terms = parse_terms(body.decode("utf-8-sig"), path.suffix.lower())
    except (UnicodeDecodeError, ValueError, RecursionError, csv.Error):
        raise UsageWrong(
            f"{quoted(path)} is no vocabulary", "CSV with a column `term`, or a YAML list, in UTF-8"
        ) from None
    if not terms:
        raise UsageWrong(f"{quoted(path)} holds no terms", "CSV with a column `term`, or a YAML list")
    return terms


def parse_terms(text: str, form: str) -> tuple[str, ...]:
    r"""Give the terms in a file's text.

    Parameters
    ----------
    text : str
    form : str
        ``.csv``, ``.tsv``, ``.yaml`` or ``.yml``

    Raises
    ------
    ValueError
        where it is not of that form

    Examples
    --------
    >>> parse_terms("term,meaning\npan,sideways\ntilt,up", ".csv"), parse_terms("- pan\n- term: tilt", ".yaml")
    (('pan', 'tilt'), ('pan', 'tilt'))
    """
    if form in (".csv", ".tsv"):
        rows = [row for row in csv.reader(io.StringIO(text), delimiter="\t" if form == ".tsv" else ",") if row]
        heads = [cell.strip().lower() for cell in rows[0]] if rows else []
        column = heads.index("term") if "term" in heads else 0
        found: Iterable[Any] = (row[column] for row in rows["term" in heads :] if len(row) > column)
    elif form in (".yaml", ".yml"):
        import yaml

        try:
            found = _terms_in(yaml.safe_load(text))
        except yaml.YAMLError as error:
            raise ValueError(str(error)) from None
    else:
        raise ValueError(form)
    plain = (" ".join(str(term).split())[:LONGEST_NAME] for term in found)
    return tuple(dict.fromkeys(term for term in plain if term and term.isprintable()))[:MOST_TERMS]


def _terms_in(value: Any) -> list[str]:
    if isinstance(value, list):
        return [
            term
            for part in value
            for term in ([part["term"]] if isinstance(part, dict) and "term" in part else [part])
            if isinstance(term, str)
        ]
    if isinstance(value, dict):
        return [term for part in value.values() for term in _terms_in(part)]
    return []
