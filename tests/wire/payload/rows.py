"""An instance of a mapped class, detached, with what it is related to."""

from __future__ import annotations

from typing import Any

import sqlalchemy  # type: ignore[import-not-found]
from sqlalchemy.orm import Session, declarative_base, relationship  # type: ignore[import-not-found]

Facts = dict[str, Any]
_Base: Any = declarative_base()


class User(_Base):  # type: ignore[misc]
    """One side."""

    __tablename__ = "user"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    name = sqlalchemy.Column(sqlalchemy.String)
    letters = relationship("Letter", lazy="selectin")


class Letter(_Base):  # type: ignore[misc]
    """The other."""

    __tablename__ = "letter"
    id = sqlalchemy.Column(sqlalchemy.Integer, primary_key=True)
    user_id = sqlalchemy.Column(sqlalchemy.ForeignKey("user.id"))
    text = sqlalchemy.Column(sqlalchemy.String)


def make() -> Any:
    """A new one."""
    with Session(_engine(), expire_on_commit=False) as session:
        user = User(name="a", letters=[Letter(text="x"), Letter(text="y")])
        session.add(user)
        session.commit()
        session.refresh(user)
        return user if user.letters else None


def origins(thing: Any) -> list[tuple[Any, Any]]:
    """What shows whose it is, with the module whose version that should be."""
    return [(sqlalchemy.inspect(thing), sqlalchemy), (type(thing.letters), sqlalchemy)]


def facts(thing: Any) -> Facts:
    """What it is, and what its code computes."""
    state = sqlalchemy.inspect(thing)
    return {
        "class": [type(thing).__module__, type(thing).__qualname__],
        "is of this version": isinstance(thing, User) and type(state) is type(sqlalchemy.inspect(User())),
        "letters": [letter.text for letter in thing.letters],
        "stored": _stored(thing),
        "detached": state.detached,
        "changed": [one.key for one in state.attrs if one.history.has_changes()],
        "sorted": hasattr(sqlalchemy, "Uuid"),
    }


def _stored(thing: Any) -> list[Any]:
    """What a database gives that it was put into."""
    with Session(_engine()) as session:
        session.merge(thing)
        session.commit()
        found = session.query(User).filter(User.name == "a").one()
        return [found.id, [letter.text for letter in found.letters]]


def _engine() -> Any:
    made = sqlalchemy.create_engine("sqlite://")
    _Base.metadata.create_all(made)
    return made
