"""What can go wrong.

PunctumError            one clear line, and a hint
├── FilmUnreadable      a file that is no film, or cannot be opened or decoded at all
├── BundleInvalid       a bundle that is missing, half written, damaged or of another schema
│   └── TableInvalid    a table whose columns are not those of ``tables/``
├── BundleBusy          another reading of the same film is under way
├── CorrectionUnclear   a correction that cannot be understood or has nothing to act on
├── NoteUnclear         a note that is none: a time, a region or a tag that cannot be
├── ExchangeInvalid     a file of another tool's of which nothing can be made
├── MeasureUnusable     a person's own measure that cannot be loaded, raises, or gives what is no measure
├── ModelUnavailable    learned weights that cannot be fetched, or are not what they should be
├── EssayUnsound        an essay that cannot be read, or whose claims do not hold
├── ClusterUnready      a cluster that does not answer, or Ray that is not installed
├── QueryUnsound        a question to a library that cannot be answered, or asks for more than its tables
├── OutputUnwritable    a disk that is full, a folder that cannot be written to
└── UsageWrong          options that contradict each other; exit code 2

Rooms raise; ``cli`` alone catches, prints and exits. Every error survives pickling, so that
one bad film in a pool of processes reaches whoever asked.
"""


class PunctumError(Exception):
    """Something that whoever called can mend.

    Parameters
    ----------
    message : str
        one line: what, and where
    hint : str
        one line: what to do about it; may be empty
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class FilmUnreadable(PunctumError):
    """The file is no film, or cannot be opened or decoded at all."""


class BundleInvalid(PunctumError):
    """The bundle is missing, half written, damaged, or of another schema."""


class TableInvalid(BundleInvalid):
    """The table's columns are not those of ``tables/``."""


class BundleBusy(PunctumError):
    """Another reading of the same film is under way."""


class CorrectionUnclear(PunctumError):
    """The correction cannot be understood, or there is nothing it could act on."""


class NoteUnclear(PunctumError):
    """The note is none, or too long."""


class ExchangeInvalid(PunctumError):
    """The file is none of its kind, or holds nothing that the film could take over."""


class MeasureUnusable(PunctumError):
    """The person's own measure cannot be loaded, raises, or gives what is no measure."""


class ModelUnavailable(PunctumError):
    """The weights cannot be fetched, or are not what they should be."""


class EssayUnsound(PunctumError):
    """The essay cannot be read, or its claims do not hold."""


class ClusterUnready(PunctumError):
    """The cluster does not answer, or Ray is not installed."""


class QueryUnsound(PunctumError):
    """The query is no SELECT over the library's tables, or a wrong one."""


class OutputUnwritable(PunctumError):
    """The disk is full, or the folder cannot be written to."""


class UsageWrong(PunctumError):
    """Options that contradict each other."""

    exit_code = 2


def quoted(name: object) -> str:
    r"""Show a name in a message on one line: control characters and line breaks are escaped.

    Examples
    --------
    >>> quoted("a\nb")
    '`a\\nb`'
    """
    return "`" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(name)) + "`"
