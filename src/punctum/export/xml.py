"""XML out and in: what may stand in it, and how it is opened without harm.

Conventions: documents are UTF-8 with a declaration. What XML 1.0 does not allow in a text is replaced by U+FFFD.
"""

import re
import xml.etree.ElementTree as ET
from typing import Any

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    r"""Give a text that XML 1.0 allows.

    Examples
    --------
    >>> clean("a\x00b")
    'a\ufffdb'
    """
    return _NO_XML.sub("\ufffd", text)


def add(parent: ET.Element, tag: str, text: object = None, **attributes: object) -> ET.Element:
    """Add an element; attributes that are None are left out."""
    made = ET.SubElement(parent, tag, {name: clean(str(v)) for name, v in attributes.items() if v is not None})
    if text is not None:
        made.text = clean(str(text))
    return made


def document(root: ET.Element, doctype: str = "") -> str:
    """Write a document, indented."""
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + (f"<!DOCTYPE {doctype}>\n" if doctype else "") + body + "\n"


def parse(data: bytes) -> Any:
    """Read a document without entities, document types or anything outside it.

    Raises
    ------
    ValueError
        for what is no XML, or declares entities
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise ValueError("declares a document type or entities, which is refused") from None
    except (ET.ParseError, LookupError, UnicodeError) as error:
        raise ValueError(f"is no XML that can be read ({error})") from None
