"""Essays on the command line: `punctum essay FILE`; check, build, new, watch, serve, author, responses."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from punctum.cli import responding
from punctum.cli.rows import print_json
from punctum.cli.telling import complain, print_out, say
from punctum.cli.typed import Parser, add
from punctum.errors import PunctumError, UsageWrong

PARTS = ("check", "build", "new", "watch", *responding.PARTS)
SITE = "site"


class _Mixed(Parser):
    """Takes options before, between and after the files."""

    _within = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read what was typed, in whatever order."""
        if self._within:
            return super().parse_known_args(args, namespace)
        self._within = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._within = False


def offer(added: Any) -> None:
    """Add the command's parser: its first word may be a part of it, or an essay."""
    parser = add(
        added,
        "essay",
        essay,
        "check an essay's claims against its films and build its page",
        "punctum essay essay.md              check it, and build it into site/ if all holds\n"
        "  punctum essay check essay.md        each claim: holds, fails, cannot be checked\n"
        "  punctum essay build *.md --out site build what holds\n"
        "  punctum essay new film.punctum      a draft with the ending's evidence as claims\n"
        "  punctum essay watch essay.md        check, build and show again whenever it is saved\n"
        "  punctum essay serve site            serve a site and take readers' responses",
    )
    parser.__class__ = _Mixed
    parser.add_argument(
        "words",
        nargs="+",
        metavar="[PART] FILE",
        help="check, build, new, watch, serve, author or responses; then what of",
    )
    parser.add_argument(
        "--out", metavar="DIR", default="", help=f"the site's folder ({SITE}); of `new`, the draft's file"
    )
    parser.add_argument("--in", dest="library", metavar="DIR", default="", help="a library to rank films among")
    parser.add_argument(
        "--address", metavar="URL", default="", help="where the site will stand, for feeds and previews"
    )
    parser.add_argument("--clips", action="store_true", help="cut clips too, of 30 seconds at most")
    parser.add_argument(
        "--endpoint", metavar="URL", default="", help="of `new`: an OpenAI-compatible server that proposes"
    )
    parser.add_argument("--model", metavar="NAME", default="", help="of `new`: the model to ask for there")
    parser.add_argument("--port", type=int, default=0, help="of `watch` and `serve`: where to listen (any free one)")
    responding.add_options(parser)


def essay(asked: argparse.Namespace) -> int:
    """Do one part, or check and build."""
    part, files = (asked.words[0], asked.words[1:]) if asked.words[0] in PARTS else ("", asked.words)
    if not files:
        raise UsageWrong(f"`essay {part}` of what?", "`punctum essay --help` shows an example")
    if part == "check":
        return _check(files, asked)
    if part == "new":
        return _new(files, asked)
    if part == "watch":
        return _watch(files, asked)
    if part in responding.PARTS:
        return responding.respond(part, files, asked)
    return _build(files, asked)


def _check(files: list[str], asked: argparse.Namespace) -> int:
    from punctum.publish import Shelf, open_manuscript

    shelf = Shelf(asked.library)
    manuscripts = []
    for file in files:
        try:
            manuscripts.append(open_manuscript(file, shelf))
        except PunctumError as error:  # one that cannot be read keeps no other from being checked
            if len(files) == 1:
                raise
            complain(error)
    _tell(manuscripts, asked.json)
    return 0 if len(manuscripts) == len(files) and all(one.checked.sound for one in manuscripts) else 1


def _build(files: list[str], asked: argparse.Namespace) -> int:
    from punctum.publish import Shelf, build_site, open_manuscript

    shelf = Shelf(asked.library)
    manuscripts = [open_manuscript(file, shelf) for file in files]
    sound = all(one.checked.sound for one in manuscripts)
    if asked.json or not sound:
        _tell(manuscripts, asked.json)
    if not sound:
        say("nothing was built: mend what fails and run the same command again")
        return 1
    built = build_site(manuscripts, Path(asked.out or SITE), asked.address, asked.clips, respond=asked.respond)
    if not asked.json:
        for one in manuscripts:
            _tell_remarks(one)
        for line in built.account:
            say(line)
        count = sum(one.checked.understood for one in manuscripts)
        say(f"{count} claims hold; {built.written} of {built.pages} pages written")
        print_out(str(built.index))
    return 0


def _new(files: list[str], asked: argparse.Namespace) -> int:
    from punctum.publish import write_draft
    from punctum.publish.drafting import LOCAL

    endpoint = LOCAL if asked.endpoint == "local" else asked.endpoint
    path, remarks = write_draft(files, asked.out, endpoint, asked.model)
    for remark in remarks:
        say(remark)
    print_out(str(path))
    return 0


def _watch(files: list[str], asked: argparse.Namespace) -> int:
    from punctum.publish.watching import watch

    return watch(files, Path(asked.out or SITE), asked.library, asked.clips, asked.port, print_out, say)


def _tell(manuscripts: list[Any], as_json: bool) -> None:
    if as_json:
        print_json([_as_data(one) for one in manuscripts])
        return
    for one in manuscripts:
        for finding in one.checked.findings:
            if finding.state != "holds":
                print_out(_sentence(one, finding))
        _tell_remarks(one)
        print_out(_count(one))


def _tell_remarks(one: Any) -> None:
    for remark in one.checked.remarks:
        where = f"{one.path}:{remark.place.line}:{remark.place.column}"
        say(_shown(f"remark: {where}: “{remark.text}”: {remark.why}"))


_SAID = {"fails": "fails", "unknown": "cannot be checked", "unread": "cannot be read"}


def _sentence(one: Any, finding: Any) -> str:
    where = f"{one.path}:{finding.place.line}:{finding.place.column}"
    text = f" “{finding.text}” —" if finding.text else ""
    line = _shown(f"{where}: {_SAID[finding.state]}:{text} {finding.why}")
    look = f"look at {finding.where}" if finding.state == "fails" and finding.where else finding.hint
    return line + (f"\n  {_shown(look)}" if look else "")


def _shown(text: str) -> str:
    """Text for a terminal: what would steer it is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _count(one: Any) -> str:
    findings = one.checked.findings
    states = {state: sum(finding.state == state for finding in findings) for state in ("holds", *_SAID)}
    told = [
        f"{count} {'hold' if state == 'holds' and count != 1 else _SAID.get(state, state)}"
        for state, count in states.items()
        if count
    ]
    understood = one.checked.understood
    return f"{one.path}: {understood} {'claim' if understood == 1 else 'claims'} understood" + (
        f"; {', '.join(told)}" if told else ""
    )


def _as_data(one: Any) -> dict[str, Any]:
    def row(finding: Any) -> dict[str, Any]:
        data = asdict(finding)
        place = data.pop("place")
        return {"line": place[0], "column": place[1], **data}

    return {
        "file": str(one.path),
        "understood": one.checked.understood,
        "sound": one.checked.sound,
        "findings": [row(finding) for finding in one.checked.findings],
        "remarks": [row(remark) for remark in one.checked.remarks],
    }
