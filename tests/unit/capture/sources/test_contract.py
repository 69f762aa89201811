"""Every kind, by its recorded calls: proven, understood, and never surprised."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.capture.sources import KINDS, SOURCES, Arrival, Kind, Knock
from services.capture.sources.arrival import Withdrawn
from tests.unit.capture.sources.recorded import OWN_SHAPE, Recorded, recorded
from tests.unit.capture.sources.samples import FOLDER, source, told

CALLS = recorded()
NOT_TOLD = ("state", "why")
"""Of an expectation: what happens after capture, and words for its reader."""
ODD = (b"", b"[]", b"{}", b"5", b'"', b"{", b"null", b"[[]]", b"\xff", b"=")
REPLACED: tuple[Any, ...] = (None, 5, -1.5, True, [], {}, [1], {"a": 1}, "", "x" * 99)
each_kind = pytest.mark.parametrize("kind", SOURCES, ids=lambda one: one.kind)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def each_call(check: Callable[[Recorded], None]) -> Any:
    """One test for each kind, over all of its calls; a failure names the call's file."""

    @pytest.mark.parametrize("kind", sorted({call.kind.kind for call in CALLS}))
    def over_all(kind: str) -> None:
        for call in CALLS:
            if call.kind.kind == kind:
                try:
                    check(call)
                except Exception as error:
                    error.add_note(call.delivery["file"])
                    raise

    return over_all


def arrivals_of(call: Recorded, knock: Knock) -> Sequence[Arrival]:
    found = call.kind.parse(knock, call.configured())
    return [each for each in found if isinstance(each, Arrival)]


def _said(found: Arrival | Withdrawn, facts: Collection[str]) -> dict[str, Any]:
    if isinstance(found, Withdrawn):
        return {"withdrawn": True, "key": found.key}
    return told(found, found.attribution, *facts)


@each_call
def test_each_sample_becomes_what_was_written_down(call: Recorded) -> None:
    assert call.kind.prove(call.knock, call.configured(), call.clock) is not call.is_refused
    if call.is_refused:
        return
    found = call.kind.parse(call.knock, call.configured())
    wanted = [
        {name: fact for name, fact in each.items() if name not in NOT_TOLD}
        for each in call.delivery["arrivals"]
    ]
    assert len(found) == len(wanted)
    seen = [_said(each, facts) for each, facts in zip(found, wanted, strict=True)]
    assert seen == wanted


@each_call
def test_invariant_21_a_wrong_secret_and_a_changed_body_prove_nothing(call: Recorded) -> None:
    if call.is_refused or not call.about.get("secret"):
        return
    secret = call.about["secret"]
    other = "whsec_b3RoZXItc2VjcmV0LTAxMjM0NTY3ODk=" if secret[:6] == "whsec_" else "another"
    assert not call.kind.prove(call.knock, call.configured(secret=other), call.clock)
    assert call.kind.prove(call.knock, call.configured(secret=[other, secret]), call.clock)
    bare = call.knock._replace(headers={}, tail="")
    assert not call.kind.prove(bare, call.configured(), call.clock)
    if call.kind.is_signed:
        changed = call.knock._replace(body=call.knock.body + b"&x=1")
        assert not call.kind.prove(changed, call.configured(), call.clock)


@each_call
def test_invariant_21_a_stale_proof_is_none_and_no_setting_makes_it_one(call: Recorded) -> None:
    fresh = call.delivery.get("fresh", call.about.get("fresh"))
    if call.is_refused or fresh is None:
        return
    for late in (-fresh - 1, fresh + 1):
        assert not call.kind.prove(call.knock, call.configured(), call.clock + late)
    for late in (-fresh + 1, fresh - 1):
        assert call.kind.prove(call.knock, call.configured(), call.clock + late)


@each_call
def test_a_repeat_has_the_same_key_and_content(call: Recorded) -> None:
    one, other = (call.kind.parse(call.knock, call.configured()) for _ in range(2))
    assert list(one) == list(other)
    keys = [a.key for a in one if a.key]
    assert len(keys) == len(set(keys))


@each_call
def test_no_secret_is_in_what_is_kept(call: Recorded) -> None:
    secret = (call.about.get("secret") or "\0").encode()
    for arrival in arrivals_of(call, call.knock):
        assert secret not in (arrival.raw or b"") + arrival.content
        assert secret not in repr((arrival.fields, arrival.extra, arrival.attribution)).encode()


@each_kind
def test_invariant_20_what_is_authentic_but_odd_fails_nothing(kind: Kind) -> None:
    configured = source(kind.kind, secret="s")
    for raw in ODD:
        knock = Knock("POST", "/", b"", {b"content-type": b"application/json"}, raw, "")
        for arrival in kind.parse(knock, configured):
            assert isinstance(arrival, Arrival), raw
            assert arrival.held, raw


@each_kind
@given(proof=st.binary(max_size=40), value=json_values)
@settings(max_examples=25, deadline=None)
def test_invariant_20_no_proof_and_no_json_makes_it_fail(
    kind: Kind, proof: bytes, value: Any
) -> None:
    names = [name for call in CALLS if call.kind is kind for name in call.knock.headers]
    raw = json.dumps(value).encode()
    knock = Knock("POST", "/", b"", dict.fromkeys(names, proof), raw, "")
    configured = source(kind.kind, secret="whsec_b3RoZXItc2VjcmV0LTAxMjM0NTY3ODk=")
    kind.prove(knock, configured, 1795255200.0)
    kind.parse(knock, configured)


@each_call
def test_invariant_20_a_sample_with_one_value_replaced_fails_nothing(call: Recorded) -> None:
    configured = call.configured()
    for changed in _changed(call.knock.body):
        call.kind.parse(call.knock._replace(body=changed), configured)


def test_every_kind_has_recorded_calls() -> None:
    lacking = {name for name in KINDS if not (FOLDER / name / "expected.json").exists()}
    assert lacking <= OWN_SHAPE


def _changed(body: bytes) -> Iterator[bytes]:
    """The body with each one of its values replaced by each oddity, or cut off at each byte."""
    try:
        whole = json.loads(body)
    except ValueError:
        yield from (body[:cut] for cut in range(len(body) + 1))
        return
    for path in _paths(whole, ()):
        yield from (json.dumps(_with(whole, path, value)).encode() for value in REPLACED)


def _paths(value: Any, path: tuple[Any, ...]) -> Any:
    yield path
    listed = enumerate(value) if isinstance(value, list) else ()
    for name, each in value.items() if isinstance(value, dict) else listed:
        yield from _paths(each, (*path, name))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _with(value[path[0]], path[1:], new)
    return copied
