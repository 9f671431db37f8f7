"""Libraries on object stores, ``s3://bucket/folder``: found and read through Polars, never written to.

Where the store is and who asks is told by the environment, as by every tool of that store: ``AWS_ENDPOINT_URL``,
``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION`` and so on. An endpoint that begins with ``http://`` is
taken at its word.
"""

import os
import re
from typing import Any

import polars as pl

from punctum.errors import BundleInvalid, quoted

SCHEMES = ("s3", "gs", "az")

_PATIENCE = {"max_retries": 2, "retry_timeout_ms": 10_000, "timeout": "8s", "connect_timeout": "5s"}
"""For small files: a store that does not answer is given up after half a minute, not after Polars' three minutes."""


def is_store(library: object) -> bool:
    """Whether a library lies on an object store.

    Examples
    --------
    >>> is_store("s3://films/noir"), is_store("films"), is_store("/films/s3:/x")
    (True, False, False)
    """
    return re.match(rf"({'|'.join(SCHEMES)})://[^/]", str(library)) is not None


def storage_options() -> dict[str, Any]:
    """Give what Polars is to be told besides what it takes from the environment.

    Raises
    ------
    BundleInvalid
        where the environment names an endpoint that is no address: Polars would panic
    """
    endpoint = (
        os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT")
    )
    if not endpoint:
        return {}
    if not re.fullmatch(r"(?i)https?://[\w.\-\[\]:]+(/[^\s?#]*)?", endpoint):
        raise BundleInvalid(
            f"AWS_ENDPOINT_URL is no address: {quoted(endpoint)}", "for instance https://s3.example.org"
        )
    return {"aws_endpoint_url": endpoint, "aws_allow_http": str(endpoint.lower().startswith("http://")).lower()}


def read_all(library: str, pattern: str) -> dict[str, bytes]:
    """Read all small files of a library whose address fits a pattern.

    Parameters
    ----------
    library : str
        ``s3://bucket/folder``
    pattern : str
        of addresses below it, such as ``**/*.punctum/made.json``

    Returns
    -------
    dict of str to bytes
        contents by address within the library; line breaks are line feeds

    Raises
    ------
    BundleInvalid
        where the store does not answer, or does not let anybody in
    """
    root = library.rstrip("/") + "/"
    try:
        lines = pl.scan_lines(
            root + pattern, storage_options={**storage_options(), **_PATIENCE}, include_file_paths="file"
        ).collect()
    except (OSError, pl.exceptions.PolarsError, ValueError) as error:
        said = str(error)
        if "NoSuchKey" in said or "expanded paths were empty" in said or "Object at location" in said:
            return {}
        raise BundleInvalid(f"{quoted(library)} cannot be read: {_reason(said)}", _HINT) from None
    whole = lines.group_by("file", maintain_order=True).agg(pl.col("line"))
    return {file.removeprefix(root): "\n".join(text).encode() for file, text in whole.iter_rows()}


_HINT = "AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION say where the store is and who asks"


def _reason(said: str) -> str:
    code = re.search(r"<Code>([^<]{1,60})</Code>", said)
    if code:
        return {"NoSuchBucket": "there is no such bucket", "AccessDenied": "access is denied"}.get(code[1], code[1])
    if "169.254.169.254" in said:  # where a computer of Amazon's would be asked for credentials
        return "no credentials are set"
    if re.search(r"error sending request|connect|timed? ?out", said, re.IGNORECASE):
        return "the store does not answer"
    return quoted(said.splitlines()[0][:160])
