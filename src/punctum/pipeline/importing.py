"""Another tool's file taken over into a bundle, as one step that can be undone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from punctum import bundle as store
from punctum import export
from punctum.errors import UsageWrong, quoted
from punctum.export.gather import AS_THE_FILM
from punctum.export.incoming import ENDINGS, vocabularies
from punctum.pipeline.work import refresh


def import_into(
    address: str | Path,
    source: str | Path,
    how: str,
    asked: export.Asked = AS_THE_FILM,
    only: str = "",
    who: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> str:
    """Take a file over as a person's notes, tiers or corrections: all that can be taken, in one step, or nothing.

    Parameters
    ----------
    address : path
        the bundle, or the film beside it
    source : path
        the file; its ending says what it is
    how : str
        ``notes``, ``tiers`` or ``corrections``
    asked : export.Asked
        rate and start time code of a file that counts frames
    only : str
        the one tier that is wanted
    who : str
        whose word it is; else the account's name
    say : callable
        told what was left out

    Returns
    -------
    str
        one line: what was taken over

    Raises
    ------
    ExchangeInvalid, BundleInvalid, UsageWrong, OutputUnwritable
    """
    if how not in export.KINDS:
        raise UsageWrong(f"nothing comes in as {quoted(how)}", f"`--as {'`, `--as '.join(export.KINDS)}`")
    bundle = store.open_bundle(address)
    folder, name = Path(bundle.address), Path(source).name
    taken = export.read_exchange(source, bundle, asked, only or ("shots" if _is_own_elan(source, how) else ""))
    if how == "notes":
        made = export.as_notes(taken, name)
    elif how == "tiers":
        made = export.as_tiers(taken, name, vocabularies(source, ENDINGS[Path(source).suffix.lower()]))
    else:
        made = export.as_corrections(taken, bundle)
    for remark in made.remarks:
        say(f"remark: {remark}")
    if not made.entries:
        return f"{quoted(name)} says what the bundle says already; nothing was noted"
    notes = store.add_notes(folder, made.entries, who)
    step = notes[0].get("group") or notes[0]["id"]
    counted = f"{len(notes)} {'entries' if len(notes) != 1 else 'entry'}"
    said = f"{counted} from {quoted(name)} noted as {step}"
    if how != "corrections":  # no table depends on notes and tiers
        return f"{said}; `punctum correct {folder} undo` takes them back"
    log, _ = store.read_notes(folder)
    after = refresh(replace(bundle, notes=log))
    unused = len(set(after.made.get("corrections_without_effect", ())) & {note["id"] for note in notes})
    if unused:
        say(f"remark: {unused} corrections found nothing to act on")
    return f"{said}; {after.tables['shots'].height} shots (before: {bundle.tables['shots'].height})"


def _is_own_elan(source: str | Path, how: str) -> bool:
    """Boundaries come from the tier of shots, unless another is named."""
    return how == "corrections" and Path(source).suffix.lower() == ".eaf"
