"""Requirements of real metadata: the fast reader gives what packaging does, and obvious mistakes are corrected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier

from mvlock.index.requirements import lenient_requirement, lenient_specifiers

_NAMES = st.sampled_from(["a", "My.Lib", "a_b-c", "x2"])
_EXTRAS = st.sampled_from(["", "[x]", "[ x , y-z ]", "[]"])
_VERSIONS = st.sampled_from(["", ">=1", "(>=1.0,<2)", " ~= 1.4.2", "==1.*", "!=1.0 , >0.5", "===any", "==1.0+l"])
_MARKERS = st.sampled_from(
    ["", "; python_version >= '3.8'", ';extra == "X_y"', "; (os_name=='nt') and sys_platform != 'x'"]
)


@given(st.builds("{}{}{}{}".format, _NAMES, _EXTRAS, _VERSIONS, _MARKERS))
def test_the_fast_reading_equals_that_of_packaging(text: str) -> None:
    fast, strict = lenient_requirement(text), Requirement(text)
    assert fast == strict
    assert str(fast) == str(strict)
    assert (fast.name, fast.extras, fast.url) == (strict.name, strict.extras, strict.url)


@given(st.text(alphabet="ab1.*<>=!~,;()[]@ '\"-_", max_size=20))
def test_what_packaging_reads_we_read_alike(text: str) -> None:
    try:
        strict = Requirement(text)
    except InvalidRequirement:
        return
    assert lenient_requirement(text) == strict


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("scikit-learn (>=1.0.*)", "scikit-learn>=1.0"),
        ("a>=1 <2", "a>=1,<2"),
        ("a (>=7.2.0<8.0.0)", "a>=7.2.0,<8.0.0"),
        ("a>='2.7'", "a>=2.7"),
        ("a (>=1.0", "a>=1.0"),
        ("a=>1", "a>=1"),
        ("a !=3.0*", "a!=3.0.*"),
        ("a >=3.6.", "a>=3.6"),
        ("a (!=~5.0,>=4.12)", "a!=5.0,>=4.12"),
        ("a (>dev)", "a>0.dev0"),
        ("a>=1.0;", "a>=1.0"),
        ("a[x] (<=2.*) ; python_version<'3.9'", "a[x]<=2; python_version<'3.9'"),
    ],
)
def test_obvious_mistakes_are_corrected(text: str, meaning: str) -> None:
    assert lenient_requirement(text) == Requirement(meaning)


@pytest.mark.parametrize("text", ["", "a b", "a; python_version>=3.6", "a >= one", "a; extra == 'x' and", "-a"])
def test_what_has_no_plain_sense_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequirement):
        lenient_requirement(text)


def test_a_direct_reference_keeps_its_url() -> None:
    assert lenient_requirement("a @ https://example.invalid/a.whl ; extra == 'x'").url


def test_equal_text_is_parsed_once() -> None:
    assert lenient_requirement("a>=1") is lenient_requirement("a>=1")


def test_specifiers_of_requires_python_are_corrected_too() -> None:
    assert lenient_specifiers(">=3.6.*") == lenient_specifiers(">=3.6")
    assert lenient_specifiers(">=2.7,!=3.0*") == lenient_specifiers(">=2.7,!=3.0.*")
    with pytest.raises(InvalidSpecifier):
        lenient_specifiers("Python 3")
