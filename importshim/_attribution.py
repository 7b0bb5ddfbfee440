"""Attribution: finds the requester, the domain for which the running code looks up a module.

How it works. Every module of a domain has the domain's own builtins dict, and everything defined or executed in it
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

from importshim._builtins import is_program
from importshim._callers import CallLookup, using
from importshim._classes import CodeType, FrameType
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
_MAX_CACHED_CODES = 2000
"""The number of code objects whose instructions are cached."""
_SLOTS = 61
"""The number of slots per thread for frames that have looked up a tagged name; several are needed, because such frames
call each other."""


class _TaggedLookUps(_local):
    """Per thread: what frames have last looked up by a tagged name, each in the slot given by the frame's ``id``.

    The frame's ``id`` and code, its current instruction, the top-level name, the domain, and the ``str`` of that name
    that was looked up next, kept alive so that no other object is mistaken for it.
    """

    slots: list[tuple[int, CodeType, int, str, Domain, str | None] | None] | None = None


def _is_transparent(filename: str) -> bool:
    """Whether code of this file looks modules up for its caller."""
    if filename.startswith(("<frozen ", _HERE)):
        return True
    return filename.startswith(_STDLIB) and not filename.startswith(_SITE)


class Attribution:
    """Attributes look-ups to domains. ``native`` is None until a native module of a domain is loaded."""

    def __init__(self, table: Table) -> None:
        self.root = table.root
        self.table = table
        self.native: NativeStack | None = None
        self.import_codes: tuple[CodeType, ...] = ()
        """The code of our own functions that call Python's ``__import__`` (``_import_function``)."""
        self.process_owner: Domain | None = None
        """The domain that this process runs as: the program is its script, or code that it has given Python."""
        self._by_builtins: dict[int, Domain] = {}
        self._by_builtins_module: dict[int, Domain] = {}
        self._transparent: dict[str, bool] = {}
        self._opcodes: dict[int, tuple[CodeType, bytes]] = {}
        self._codes_left = _MAX_CACHED_CODES
        self._tagged = _TaggedLookUps()
        self.root.attribution = self
        for domain in table.domains.values():
            self.add(domain)

    def add(self, domain: Domain) -> None:
        """Attribute look-ups in which keys of ``domain`` are compared."""
        domain.attribution = self

    def current_domain(self) -> Domain:
        """The domain of the running Python code."""
        return self.frame_domain(sys._getframe(1))

    def add_builtins(self, names: dict[str, Any], domain: Domain) -> None:
        """Attribute code with the builtins ``names``, a dict that stays alive, to ``domain``, which may be root."""
        self._by_builtins[id(names)] = domain

    def add_builtins_module(self, names: object, domain: Domain) -> None:
        """Attribute namespaces with the ``__builtins__`` ``names``, the module that code of ``domain`` finds, to it.

        Except those that show another owner (see ``owner_of_namespace``).
        """
        self._by_builtins_module[id(names)] = domain

    def owner_of_namespace(self, namespace: Mapping[str, object], creator: Domain) -> Domain:
        """The owner of the code in a namespace that code of ``creator`` has made with its module ``builtins``.

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
            return self.table.file_owners.owner(file) or self.root
        return creator

    def owner_of_frame_namespace(self, frame: FrameType) -> Domain | None:
        """The owner of the code in ``frame``, if code of a domain has made its namespace; else None."""
        creator = self._by_builtins_module.get(id(frame.f_builtins))
        return self.owner_of_namespace(frame.f_globals, creator) if creator is not None else None

    def domain_of_function(self, function: Any) -> Domain:
        """The domain that the code of ``function`` belongs to."""
        number = id(function.__builtins__)
        creator = self._by_builtins_module.get(number)
        if creator is not None:
            return self.owner_of_namespace(function.__globals__, creator)
        return self._by_builtins.get(number, self.root)

    def frame_domain(self, frame: FrameType | None) -> Domain:
        """The domain of the first frame, from ``frame`` outward, that is not transparent."""
        frame = self.first_opaque_frame(frame)
        if frame is not None:
            domain = self._by_builtins.get(id(frame.f_builtins))
            if domain is not None:
                return domain
            owner = self.owner_of_frame_namespace(frame)
            if owner is not None:
                return owner if owner is not self.root else using.get() or owner
        return using.get() or self._default_domain(frame)

    def first_opaque_frame(self, frame: FrameType | None) -> FrameType | None:
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

    def _default_domain(self, frame: FrameType | None) -> Domain:
        if self.process_owner is not None and (frame is None or frame.f_globals.get("__name__") == "__main__"):
            return self.process_owner
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
        creator = self._by_builtins_module.get(number)
        if creator is None:
            return self._by_builtins.get(number)
        owner = self.owner_of_namespace(namespace, creator)
        return owner if owner is not self.root else None

    def domain_of_lookup(self, frame: FrameType) -> Domain:
        """The requester of a look-up by C code that was called from ``frame`` and has called us."""
        if frame.f_code is TRAMPOLINE:
            return self._by_builtins[id(frame.f_builtins)]
        if (
            self.native is not None
            and not self.is_import_statement(frame)
            and frame.f_code not in self.import_codes  # they call Python's __import__ for Python code
        ):
            domain = self.native.domain(frame)
            if domain is not None:
                return domain
        number = identity[frame.f_builtins]
        return self._by_builtins[number] if number in self._by_builtins else self.frame_domain(frame)

    def provider_for_key(self, frame: FrameType, key: ContextKey, name: str) -> Domain | None:
        """The domain that provides the plain ``name``, that of ``key``, to the code that looks it up from ``frame``."""
        slots = self._tagged.slots
        if slots is not None:
            number: int = identity[frame]
            last = slots[number % _SLOTS]
            if last is not None and last[0] == number:
                if name is not key.literal and last[3] == key.text and last[2] == frame.f_lasti:
                    if last[5] is name:  # another key is compared, or the name is looked up again
                        return last[4]
                    if last[5] is None and last[1] is frame.f_code:
                        slots[number % _SLOTS] = (*last[:5], name)
                        return last[4]
                slots[number % _SLOTS] = None
        return self.provider_for_domain(self.domain_of_lookup(frame), frame, key.text, key.top)

    def provider_for_domain(self, domain: Domain, frame: FrameType, name: str, top: str) -> Domain | None:
        """The domain that provides the plain ``name``, in ``top``, to ``domain``, which looks it up from ``frame``."""
        if top in domain.routes:  # rule 1 or 2, or the standard library: the result of ``Table.decide``
            return domain.routes[top]
        cache = domain.lookup_cache
        if name in cache:
            return cache[name]
        if domain.is_shared:  # it depends on the caller
            return self.table.decide(domain, name, CallLookup(self, frame)).domain
        cache[name] = provider = self.table.decide(domain, name).domain
        return provider

    def provider_for_frame(self, frame: FrameType, name: str) -> Domain | None:
        """The domain that provides the plain ``name`` to the Python code of ``frame``."""
        return self.provider_for_domain(self.frame_domain(frame), frame, name, name.partition(".")[0])

    def remember_tag(self, frame: FrameType, key: ContextKey, domain: Domain) -> None:
        """Remember that a tag of ``domain`` equal to ``key`` was looked up.

        For ``a.b.c``, C's ``import`` (``pickle``, ``__import__``) looks up ``a`` next, which it slices off: a new
        ``str``, not the interned one that literals in code are. It may look that up twice.
        """
        slots = self._tagged.slots
        if slots is None:
            slots = self._tagged.slots = [None] * _SLOTS
        number: int = identity[frame]
        slot = (number, frame.f_code, frame.f_lasti, key.top, domain, None)
        slots[number % _SLOTS] = slot if key.text != key.top else None

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
                known, self._codes_left = {}, _MAX_CACHED_CODES
                self._opcodes = known
            known[number] = (code, code.co_code)
        return known[number][1][frame.f_lasti] == (_import_name[0] if _import_name else import_name_opcode())

    functions_keeping_gil = (
        provider_for_key,
        provider_for_domain,
        domain_of_lookup,
        domain_of_frame,
        is_import_statement,
        remember_tag,
    )
    """Functions during which no other thread may run (see ``_no_gil_release``)."""


_import_name: list[int] = []


def import_name_opcode() -> int:
    """The opcode IMPORT_NAME of this interpreter."""
    if not _import_name:
        from opcode import opmap

        _import_name.append(opmap["IMPORT_NAME"])
    return _import_name[0]
