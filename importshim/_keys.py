"""Names that carry their domain: contextual keys of ``sys.modules`` and tagged module names.

How it works. CPython finds a loaded module by its plain name in the dict ``sys.modules``, from the ``import``
statement, from C code and from libraries that look there themselves. A dict compares all keys whose hash is equal,
until one is equal too. So several modules of one plain name can be in the dict, if each of their keys has the hash of
the plain name and is equal to it only when the key's domain provides the name to the importing code:

    sys.modules["pandas"]      hash("pandas")  ──►  key of dep_b: equal?  dep_a's code looks: no
                                               ──►  key of dep_a: equal?  yes: dep_a's pandas

A *tagged* name is an exact ``str`` with its own identity, made once per domain and module. It is what ``__name__``
holds, and ``__module__`` of classes and functions is a reference to it; code that looks up ``cls.__module__`` passes us
that very object, which gives the domain whatever frame is running.
"""

from __future__ import annotations

import sys
from _thread import _local

from importshim._no_gil_release import by_subscript, identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any, SupportsIndex

    from importshim._attribution import Attribution
    from importshim._domain import Domain

_getframe = sys._getframe
_caller = by_subscript(sys._getframe)

tags: dict[int, tuple[str, Domain, str]] = {}
"""``id`` of a tagged name to the name itself (so that the ``id`` stays taken), its domain, and the interned text."""


def tag(name: str, domain: Domain) -> str:
    """A new exact ``str`` equal to ``name``, recorded as a tag of ``domain``."""
    canonical = sys.intern(str(name))  # kept, so that the interned object of this text is never ours
    if len(name) < 2:
        return canonical  # CPython has one object per single character
    tagged = "".join((name[:1], name[1:]))
    tags[id(tagged)] = (tagged, domain, canonical)
    return tagged


class MissingName(str):
    """The name of a module that ``domain`` lacks, for ``ModuleNotFoundError.name``.

    Its ``rpartition`` gives the package as a tagged name, so that code that looks into the package (``traceback`` from
    3.15 on) finds it from any frame. Pickled, it is an exact ``str``.
    """

    __slots__ = ("domain",)
    domain: Domain

    def rpartition(self, separator: str) -> tuple[str, str, str]:
        """As ``str.rpartition``."""
        package, dot, part = super().rpartition(separator)
        return (self.domain.always_tagged(package) if package else package), dot, part

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def missing_name(name: str, domain: Domain) -> str:
    """``name`` as that of a module that ``domain`` lacks."""
    if "." not in name:
        return name
    missing = MissingName(name)
    missing.domain = domain
    return missing


def tagged_domain(name: str) -> Domain | None:
    """The domain that this very ``str`` object is a tag of."""
    entry = tags.get(id(name))
    return entry[1] if entry is not None else None


class ContextKey(str):
    """A key of ``sys.modules`` for a contested name: equal to it only for code to which ``domain`` provides it.

    There is one object per domain and name, so among themselves keys compare by identity.
    """

    __slots__ = ("attribution", "domain", "literal", "text", "top")
    attribution: Attribution
    domain: Domain
    text: str
    top: str
    literal: str | None
    """The interned ``str`` of this text, which literals in code are; None for single characters."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:  # keeps the GIL, see _no_gil_release
        if other is self:
            return True
        if other.__class__ is not str or other != self.text:
            return False
        attribution = self.attribution
        try:
            frame = _caller[1]
        except ValueError:  # no frame is left: the interpreter is shutting down
            return False
        number = identity[other]
        if number in tags:
            domain = tags[number][1]
            attribution.remember_tag(frame, self, domain)
            return domain is self.domain
        return attribution.provider_for_key(frame, self, other) is self.domain

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[type[str], tuple[str]]:
        """Pickled and copied, it is the plain name: ``pickle`` writes the keys of ``sys.modules`` as modules' names."""
        return str, (self.text,)

    # Libraries go through all keys and take those that begin with their name. For code of other domains,
    # a key reads as the qualified name of the module: py_modules.dep_a.pandas.

    def _text_for(self, frame: FrameType) -> str:
        is_provided = self.attribution.provider_for_frame(frame, str(self)) is self.domain
        return str(self) if is_provided else self.domain.qualified(str(self))

    def startswith(self, *prefix: Any) -> bool:
        """As ``str.startswith``, of the name as the running code reads it."""
        return self._text_for(_getframe(1)).startswith(*prefix)

    def split(self, *separator: Any, **options: Any) -> list[str]:
        """As ``str.split``, of the name as the running code reads it."""
        return self._text_for(_getframe(1)).split(*separator, **options)

    def partition(self, separator: str) -> tuple[str, str, str]:
        """As ``str.partition``, of the name as the running code reads it."""
        return self._text_for(_getframe(1)).partition(separator)

    def rpartition(self, separator: str) -> tuple[str, str, str]:
        """As ``str.rpartition``, of the name as the running code reads it."""
        return self._text_for(_getframe(1)).rpartition(separator)


class _LastDataImport(_local):
    """Per thread, the last import of a name from data (``pickle``) by C: frame, code, instruction, top-level name."""

    last: tuple[int, CodeType, int, str] | None = None


_last_data_import = _LastDataImport()


def remember_data_import(frame: FrameType, top: str) -> None:
    """Remember that the current instruction of ``frame`` got a module of ``top``, which its code may not import."""
    _last_data_import.last = (identity[frame], frame.f_code, frame.f_lasti, top)


class HiddenKey(ContextKey):
    """A key for a name that only one domain provides and that the application may not import.

    Code of other domains that may not import it does not find the module, nor does an ``import`` statement of the
    application.
    """

    __slots__ = ()

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:  # keeps the GIL, see _no_gil_release
        if other is self:
            return True
        if other.__class__ is not str or other != self.text:
            return False
        attribution = self.attribution
        try:
            frame = _caller[1]
        except ValueError:
            return True
        domain = attribution.domain_of_frame(frame)
        if domain is None:
            return not attribution.is_application_import(frame)
        if attribution.provider_for_domain(domain, frame, self.text, self.top) is self.domain:
            return True
        given = _last_data_import.last
        return (
            given is not None
            and given[0] == identity[frame]
            and given[1] is frame.f_code
            and given[2] == frame.f_lasti
            and given[3] == self.top
        )

    def __ne__(self, other: object) -> bool:
        return not self == other


KEY_COMPARISONS = (ContextKey.__eq__, HiddenKey.__eq__)
"""Functions during which no other thread may run (see ``_no_gil_release``)."""


def make_key(kind: type[ContextKey], name: str, domain: Domain) -> ContextKey:
    """A new key of ``domain`` for ``name``; callers must keep it, because there may be only one."""
    key = kind(name)
    key.attribution, key.domain = domain.attribution, domain
    key.text, key.top = sys.intern(str(name)), name.partition(".")[0]
    key.literal = key.text if len(name) > 1 else None  # CPython has one object per single character
    return key
