"""Finds the asker: the domain for which the running code looks up a module.

Theory. Every module of a domain has the domain's own builtins dict, and everything defined or executed in it
inherits that dict, so ``frame.f_builtins`` names the domain of any Python frame in one look-up. Frames of the standard
library and of importlib act for their callers: they are skipped, going outward. A frame of no domain belongs to the
application, *root*.

Native code has no frames. When it imports (Cython's ``import``, NumPy's lazy imports), the innermost Python frame is
only the one that called it, perhaps the application's. Then the native stack decides, see ``_stack``.
"""

from __future__ import annotations

import os
import sys
from _thread import _local
from types import CodeType, FrameType

from importshim._builtins import is_program
from importshim._callers import Call, using
from importshim._domain import TRAMPOLINE
from importshim._keys import tagged_domain
from importshim._no_gil_release import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from importshim._domain import Domain
    from importshim._keys import ContextKey
    from importshim._stack import NativeStack
    from importshim._table import Table

_STDLIB = os.path.dirname(os.__file__) + os.sep
_HERE = os.path.dirname(__file__) + os.sep
_SITE = (_STDLIB + "site-packages" + os.sep, _STDLIB + "dist-packages" + os.sep)
_CODES = 2000
"""The number of code objects whose instructions are cached."""
_PLACES = 61
"""The number of slots per thread for frames that have looked up a tagged name: such frames call each other."""


class _Tagged(_local):
    """Per thread: what frames have last looked up by a tagged name, each in the slot given by the frame's ``id``.

    The frame's ``id`` and code, its current instruction, the top-level name, the domain, and the ``str`` of that name
    that was looked up next, kept alive so that no other object is mistaken for it.
    """

    places: list[tuple[int, CodeType, int, str, Domain, str | None] | None] | None = None


def _is_transparent(filename: str) -> bool:
    """Whether code of this file looks modules up for its caller."""
    if filename.startswith(("<frozen ", _HERE)):
        return True
    return filename.startswith(_STDLIB) and not filename.startswith(_SITE)


class Asker:
    """Attributes look-ups to domains. ``native`` is None until a native module of a domain is loaded."""

    def __init__(self, table: Table) -> None:
        self.root = table.root
        self.table = table
        self.native: NativeStack | None = None
        self.principal: Domain | None = None
        """The domain that this process runs as: the program is its script, or code that it has given Python."""
        self._by_builtins: dict[int, Domain] = {}
        self._by_made: dict[int, Domain] = {}
        self._transparent: dict[str, bool] = {}
        self._opcodes: dict[int, tuple[CodeType, bytes]] = {}
        self._codes_left = _CODES
        self._tagged = _Tagged()
        self.root.asker = self
        for domain in table.domains.values():
            self.add(domain)

    def add(self, domain: Domain) -> None:
        """Recognise ``domain``'s code from now on."""
        self._by_builtins[id(domain.builtins)] = domain
        domain.asker = self

    def here(self) -> Domain:
        """The asker, for the running Python code."""
        return self.frame_domain(sys._getframe(1))

    def add_builtins(self, names: dict[str, Any], domain: Domain) -> None:
        """Attribute code with the builtins ``names``, a dict that stays alive, to ``domain``, which may be root."""
        self._by_builtins[id(names)] = domain

    def add_made(self, names: object, domain: Domain) -> None:
        """Attribute namespaces to ``domain`` whose builtins are ``names``, the module that its code finds.

        Namespaces that show another owner are excepted (see ``owner_of_made``).
        """
        self._by_made[id(names)] = domain

    def owner_of_made(self, namespace: Mapping[str, object], maker: Domain) -> Domain:
        """The owner of the code in a namespace that code of ``maker`` has made with its module ``builtins``.

        Interactive programs make such namespaces for what their user types, picklers for functions that they re-create:
        these have the name and the file of the module that defined the function.
        """
        name, file = namespace.get("__name__"), namespace.get("__file__")
        if is_program(namespace):
            return self.root
        if isinstance(name, str):
            owner = tagged_domain(name) or self.table.sole.get(name.partition(".")[0])
            if owner is not None:
                return owner
        if isinstance(file, str) and not file.startswith(_STDLIB):
            return self.table.places.owner(file) or self.root
        return maker

    def owner_of_anew(self, frame: FrameType) -> Domain | None:
        """The owner of the code in ``frame``, if code of a domain has made its namespace; else None."""
        maker = self._by_made.get(id(frame.f_builtins))
        return self.owner_of_made(frame.f_globals, maker) if maker is not None else None

    def domain_of_function(self, function: Any) -> Domain:
        """The domain whose code ``function`` is."""
        number = id(function.__builtins__)
        maker = self._by_made.get(number)
        if maker is not None:
            return self.owner_of_made(function.__globals__, maker)
        return self._by_builtins.get(number, self.root)

    def frame_domain(self, frame: FrameType | None) -> Domain:
        """The domain of the first frame, from ``frame`` outward, that is not transparent."""
        frame = self.speaking(frame)
        if frame is not None:
            domain = self._by_builtins.get(id(frame.f_builtins))
            if domain is not None:
                return domain
            owner = self.owner_of_anew(frame)
            if owner is not None:
                return owner if owner is not self.root else using.get() or owner
        return using.get() or self._without_owner(frame)

    def speaking(self, frame: FrameType | None) -> FrameType | None:
        """The first frame, from ``frame`` outward, that is not transparent."""
        by_builtins, known = self._by_builtins, self._transparent
        while frame is not None and id(frame.f_builtins) not in by_builtins:
            filename = frame.f_code.co_filename
            transparent = known.get(filename)
            if transparent is None:
                transparent = known[filename] = _is_transparent(filename)
            if not transparent:
                break
            frame = frame.f_back
        return frame

    def _without_owner(self, frame: FrameType | None) -> Domain:
        if self.principal is not None and (frame is None or frame.f_globals.get("__name__") == "__main__"):
            return self.principal
        return self.root

    def domain_of_frame(self, frame: FrameType) -> Domain | None:
        """The domain of the code that runs in ``frame`` itself; None for the application and the standard library."""
        number = identity[frame.f_builtins]
        if number in self._by_builtins:  # get() would be a call
            return self._by_builtins[number]
        return None

    def domain_of_globals(self, namespace: dict[str, Any] | None) -> Domain | None:
        """The domain of a module, by its globals; None for the application's and the standard library's."""
        if not namespace:
            return None
        number = id(namespace.get("__builtins__"))
        maker = self._by_made.get(number)
        if maker is None:
            return self._by_builtins.get(number)
        owner = self.owner_of_made(namespace, maker)
        return owner if owner is not self.root else None

    def domain_of_lookup(self, frame: FrameType) -> Domain:
        """The asker of a look-up by C code that was called from ``frame`` and has called us."""
        if frame.f_code is TRAMPOLINE:
            return self._by_builtins[id(frame.f_builtins)]
        if self.native is not None and not self.is_import_statement(frame):
            domain = self.native.domain(frame)
            if domain is not None:
                return domain
        number = identity[frame.f_builtins]
        return self._by_builtins[number] if number in self._by_builtins else self.frame_domain(frame)

    def served_by(self, frame: FrameType, key: ContextKey, name: str) -> Domain | None:
        """The domain that serves the plain ``name``, that of ``key``, to the code that looks it up from ``frame``."""
        places = self._tagged.places
        if places is not None:
            number: int = identity[frame]
            last = places[number % _PLACES]
            if last is not None and last[0] == number:
                if name is not key.spelled and last[3] == key.text and last[2] == frame.f_lasti:
                    if last[5] is name:  # another key is compared, or the name is looked up again
                        return last[4]
                    if last[5] is None and last[1] is frame.f_code:
                        places[number % _PLACES] = (*last[:5], name)
                        return last[4]
                places[number % _PLACES] = None
        return self.served_to(self.domain_of_lookup(frame), frame, key.text, key.top)

    def served_to(self, domain: Domain, frame: FrameType, name: str, top: str) -> Domain | None:
        """The domain that serves the plain ``name``, in ``top``, to ``domain``, which looks it up from ``frame``."""
        if top in domain.routes:  # rule 1 or 2, or the standard library: the result of ``Table.decide``
            return domain.routes[top]
        looked = domain.looked
        if name in looked:
            return looked[name]
        if domain.is_shared:  # it depends on the caller
            return self.table.decide(domain, name, Call(self, frame)).domain
        looked[name] = served = self.table.decide(domain, name).domain
        return served

    def served_from(self, frame: FrameType, name: str) -> Domain | None:
        """The domain that serves the plain name ``name`` to the Python code of ``frame``."""
        return self.served_to(self.frame_domain(frame), frame, name, name.partition(".")[0])

    def remember_tag(self, frame: FrameType, key: ContextKey, domain: Domain) -> None:
        """Remember that a tag of ``domain`` equal to ``key`` was looked up.

        For ``a.b.c``, C's ``import`` (``pickle``, ``__import__``) looks up ``a`` next, which it slices off: a new
        ``str``, not the interned one that literals in code are. It may look that up twice.
        """
        places = self._tagged.places
        if places is None:
            places = self._tagged.places = [None] * _PLACES
        number: int = identity[frame]
        place = (number, frame.f_code, frame.f_lasti, key.top, domain, None)
        places[number % _PLACES] = place if key.text != key.top else None

    def is_application_import(self, frame: FrameType) -> bool:
        """Whether ``frame`` is the application's and is running an ``import`` statement."""
        return self.is_import_statement(frame) and self.frame_domain(frame) is self.root

    def is_import_statement(self, frame: FrameType) -> bool:
        """Whether the current instruction of ``frame`` is IMPORT_NAME."""
        code = frame.f_code
        number = identity[code]
        known = self._opcodes
        if number not in known:
            self._codes_left -= 1
            if self._codes_left <= 0:
                known, self._codes_left = {}, _CODES
                self._opcodes = known
            known[number] = (code, code.co_code)
        return known[number][1][frame.f_lasti] == (_import_name[0] if _import_name else import_name_opcode())

    steady = (served_by, served_to, domain_of_lookup, domain_of_frame, is_import_statement, remember_tag)
    """Functions that must not let other threads run (see ``_no_gil_release``)."""


_import_name: list[int] = []


def import_name_opcode() -> int:
    """The opcode IMPORT_NAME of this interpreter."""
    if not _import_name:
        from opcode import opmap

        _import_name.append(opmap["IMPORT_NAME"])
    return _import_name[0]
