"""The events' contract: what other programs, and our own older versions, rely on."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common import topics
from libs.common.errors import Reject
from libs.common.events import Activity, Event, decode, derived_id, encode, publish
from libs.common.events.envelope import TYPES
from libs.common.log import Partition, Record, Stored
from tests.contract.shapes import EVENTS, HEADER

EXAMPLES = sorted(
    path for path in publish.BASELINE.parent.glob("*/*.json") if path.parent != publish.BASELINE
)


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _record(path: Path) -> Record:
    stored = json.loads(path.read_text())
    headers = tuple((name, value.encode()) for name, value in stored["headers"].items())
    return Record(path.parent.name, stored["key"], json.dumps(stored["value"]).encode(), headers)


def test_what_is_published_follows_from_the_structs() -> None:
    for path, content in publish.documents().items():
        assert path.read_text(encoding="utf-8") == content, "run `make schemas`"
    stored = {path.stem for path in publish.SCHEMAS.glob("*.json")}
    assert stored == set(topics.FLOW)


def test_every_topic_has_examples_and_a_persian_one() -> None:
    for topic in topics.FLOW:
        mine = [path for path in EXAMPLES if path.parent.name == topic]
        assert len(mine) >= 2
        persian = any("\u0600" <= letter <= "\u06ff" for p in mine for letter in p.read_text())
        assert persian or topic == topics.NOTIFIED


@pytest.mark.parametrize("path", EXAMPLES, ids=_name)
def test_an_example_is_read_checked_and_written_as_it_was(path: Path) -> None:
    record = _record(path)
    event = decode(record)
    schema = json.loads((publish.SCHEMAS / f"{record.topic}.json").read_text())
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert [error.message for error in validator.iter_errors(json.loads(record.value))] == []
    again = encode(event)
    assert again.topic == record.topic
    assert again.key == record.key
    assert dict(again.headers) == dict(record.headers)
    assert json.loads(again.value) == json.loads(record.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=_name)
def test_invariant_28_a_field_from_a_later_version_does_not_disturb(path: Path) -> None:
    record = _record(path)
    value = json.loads(record.value) | {"of_a_later_version": {"a": 1}}
    later = Record(record.topic, record.key, json.dumps(value).encode(), record.headers)
    assert decode(later) == decode(record)


def test_invariant_28_nothing_breaks_readers_of_the_baseline() -> None:
    assert set(publish.baseline()) == set(topics.FLOW)
    assert publish.broken() == []


@pytest.mark.parametrize("path", EXAMPLES, ids=_name)
def test_the_official_cloudevents_library_reads_the_same(path: Path) -> None:
    record = encode(decode(_record(path)))
    headers = dict(record.headers)
    theirs = from_binary_event(KafkaMessage(headers, record.key, record.value))
    ours = decode(record)
    assert theirs.get_id() == ours.id
    assert theirs.get_source() == ours.source
    assert theirs.get_type() in TYPES
    assert theirs.get_specversion() == "1.0"
    assert theirs.get_time() == ours.time
    assert theirs.get_subject() == ours.subject
    assert theirs.get_datacontenttype() == "application/json"
    assert theirs.get_data() == json.loads(record.value)
    for name, value in ours.extensions:
        assert theirs.get_extension(name) == value


def test_persian_travels_as_itself() -> None:
    """Anyone who looks into the topic can read it: UTF-8, not escapes."""
    data = Activity(activity_id="a", type="comment", at=datetime.now(UTC), data={"متن": "سلام"})
    record = encode(Event(str(uuid.uuid4()), "k", datetime.now(UTC), data))
    assert "سلام".encode() in record.value


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(event=EVENTS)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert decode(encode(event)) == event


NAMES = st.sampled_from(["ce_type", "ce_id", "ce_time", "ce_round", "ce_source", "traceparent", ""])
ODD = st.sampled_from(
    [
        b"",
        b"-1",
        b"9" * 30,
        "۵".encode(),
        b"\xff\xfe",
        b"0001-01-01T00:00:00+23:00",
        b"2026-11-22T09:00:00",
        *(name.encode() for name in TYPES),
    ]
)
BROKEN = st.sampled_from([b"", b"null", b"[]", b"{", b"[" * 100_000, b'{"data":' * 50_000, b"\xff"])


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(
    event=EVENTS,
    headers=st.lists(st.tuples(NAMES | HEADER, ODD | st.binary(max_size=40)), max_size=4),
    value=st.none() | BROKEN | st.binary(max_size=80),
)
def test_garbage_is_rejected_and_never_anything_else(
    event: Event, headers: list[tuple[str, bytes]], value: bytes | None
) -> None:
    record = encode(event)
    stored = Stored(
        partition=Partition(record.topic, 0),
        offset=0,
        key=record.key,
        value=record.value if value is None else value,
        headers=(*record.headers, *headers),
        appended_at=datetime.now(UTC),
    )
    try:
        read = decode(stored)
    except Reject:
        return
    assert decode(encode(read)) == read


@pytest.mark.parametrize("without", ["ce_type", "ce_id", "ce_time"])
def test_without_its_attributes_it_is_no_event(without: str) -> None:
    data = Activity(activity_id="a", type="comment", at=datetime.now(UTC))
    record = encode(Event(str(uuid.uuid4()), "k", datetime.now(UTC), data))
    headers = tuple(header for header in record.headers if header[0] != without)
    with pytest.raises(Reject):
        decode(Record(record.topic, record.key, record.value, headers))


def test_a_moment_without_an_offset_is_refused() -> None:
    data = b'{"activity_id":"a","type":"comment","at":"2026-11-22T09:00:00"}'
    headers = (
        ("ce_id", derived_id("a").encode()),
        ("ce_type", b"sarnakh.activity.v1"),
        ("ce_time", b"2026-11-22T09:00:00Z"),
    )
    with pytest.raises(Reject):
        decode(Record(topics.ACTIVITY, "k", data, headers))


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        mine = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return mine + [ref for value in node.values() for ref in _references(value)]
    if isinstance(node, list):
        return [ref for value in node for ref in _references(value)]
    return []


def test_asyncapi_names_every_topic_and_refers_to_nothing_that_is_absent() -> None:
    document = yaml.safe_load(publish.ASYNCAPI.read_text(encoding="utf-8"))
    assert {channel["address"] for channel in document["channels"].values()} == set(topics.ALL)
    for reference in _references(document):
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found
