"""Which package a Rego module belongs to, read without an interpreter and refused when that could be wrong.

OPA checks the roots of the repacked bundle again when it activates it; this check comes first, so that a bundle that
would replace ``system.authz`` is never offered to OPA at all (design section 2).
"""

from __future__ import annotations

import re

from placet_policy.errors import BundleRefused

# The only form accepted: the statement on a line of its own, a dotted path that starts with `placet`. Rego knows more
# (brackets, several lines), but a form that is not read is refused, never guessed.
_PACKAGE = re.compile(r"package[ \t]+(placet(?:\.[A-Za-z_][A-Za-z0-9_]*)*)[ \t]*(?:#.*)?", re.ASCII)
# Rego ends a line at LF only. Any other character that some reader takes for a line end would let a comment hide the
# real statement, so none of them may occur before it is found; CR is accepted where it only belongs to CRLF.
_STRANGE = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\x7f\x85\ufeff\u2028\u2029]")


def package_of(source: bytes, path: str) -> str:
    """Return the package of a module, such as ``placet.rules.fee_limit``.

    Args:
        source: the module's bytes.
        path: the member's name, for the error.

    Raises:
        BundleRefused: not UTF-8, strange control characters, or the first statement is not a package under ``placet``.
    """
    try:
        text = source.decode("utf-8", "strict").replace("\r\n", "\n")
    except UnicodeDecodeError as e:
        raise BundleRefused("the module is not UTF-8", path) from e
    if _STRANGE.search(text) is not None:
        raise BundleRefused("the module holds a control character", path)
    for line in text.split("\n"):
        statement = line.strip(" \t")
        if not statement or statement.startswith("#"):
            continue
        match = _PACKAGE.fullmatch(statement)
        if match is None:
            raise BundleRefused("the first statement is not a package under placet", path)
        return match[1]
    raise BundleRefused("the module has no package", path)
