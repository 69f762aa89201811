"""The AsyncAPI 3.0 document of the topics, made of the event structs.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import yaml

from libs.common import topics
from libs.common.events.envelope import TYPES

_WRITES: Final = {
    topics.CAPTURED: ("capture",),
    topics.ENRICHED: ("enrichment",),
    topics.SCORED: ("scoring",),
    topics.ROUTED: ("routing",),
    topics.NOTIFIED: ("routing",),
    topics.ACTIVITY: ("capture", "desk", "enrichment", "routing"),
}
_READS: Final = {
    topics.CAPTURED: ("capture", "enrichment", "desk"),
    topics.ENRICHED: ("scoring", "desk"),
    topics.SCORED: ("routing", "desk"),
    topics.ROUTED: ("desk",),
    topics.NOTIFIED: ("desk",),
    topics.ACTIVITY: ("capture", "enrichment", "scoring", "routing", "desk"),
}
_SAYS: Final = {
    topics.CAPTURED: "Submissions as they arrived, proven and durable.",
    topics.ENRICHED: "What became of each submission, and which person it is of.",
    topics.SCORED: "Persons' scores, after submissions and activities.",
    topics.ROUTED: "Leads after each touch and action, whole.",
    topics.NOTIFIED: "Messages to specialists, in the state that each is in.",
    topics.ACTIVITY: "What visitors, staff and clocks did.",
}
_HEADER: Final = (
    "# Made by `make schemas` of libs/common/events: change the structs there, never this file.\n"
)


def asyncapi() -> str:
    """The document as YAML."""
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sarnakh",
            "version": "1.0.0",
            "description": "Events of lead ingestion: CloudEvents 1.0 in Kafka binary mode.",
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": "application/json",
        "channels": {**_flow_channels(), **_dead_channels()},
        "operations": _operations(),
        "components": _components(),
    }
    return _HEADER + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def _flow_channels() -> dict[str, Any]:
    return {
        topic: {
            "address": topic,
            "description": _SAYS[topic],
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
            "bindings": {"kafka": {"topic": topic, "partitions": topics.PARTITIONS}},
        }
        for name, (topic, _) in TYPES.items()
    }


def _dead_channels() -> dict[str, Any]:
    return {
        topics.dead(stage): {
            "address": topics.dead(stage),
            "description": f"Records that {stage} gave up on.",
            "messages": {"dead": {"$ref": "#/components/messages/dead"}},
            "bindings": {"kafka": {"topic": topics.dead(stage), "partitions": topics.PARTITIONS}},
        }
        for stage in topics.STAGES
    }


def _operations() -> dict[str, Any]:
    writes = {
        f"{service}.writes.{topic}": _operation("send", topic)
        for topic, services in _WRITES.items()
        for service in services
    }
    reads = {
        f"{service}.reads.{topic}": _operation("receive", topic)
        for topic, services in _READS.items()
        for service in services
    }
    dead = {
        name: _operation(action, topics.dead(stage))
        for stage in topics.STAGES
        for name, action in (
            (f"{stage}.writes.{topics.dead(stage)}", "send"),
            (f"desk.reads.{topics.dead(stage)}", "receive"),
        )
    }
    return {**writes, **reads, **dead}


def _operation(action: str, topic: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}


def _components() -> dict[str, Any]:
    structs = [struct for _, struct in TYPES.values()]
    _, schemas = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    messages = {name: _message(name, struct.__name__) for name, (_, struct) in TYPES.items()}
    return {"messages": {**messages, "dead": _DEAD}, "schemas": schemas}


_KEY: Final = {
    "type": "string",
    "description": "Submission id before a person is known, person id after.",
}


def _message(name: str, struct: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": struct,
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
            "properties": _HEADERS | {"ce_type": {"const": name}},
        },
        "payload": {"$ref": f"#/components/schemas/{struct}"},
        "bindings": {"kafka": {"key": _KEY}},
    }


_HEADERS: Final = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {
        "type": "string",
        "format": "uuid",
        "description": "Derived from the cause: a repeat has the same one.",
    },
    "ce_source": {"type": "string", "format": "uri-reference"},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_subject": {"type": "string", "description": "The submission that it concerns."},
    "ce_round": {
        "type": "string",
        "description": "How often a person sent this on again; absent for never.",
    },
    "ce_spool": {"type": "string", "description": "From capture: which spool."},
    "ce_sequence": {"type": "string", "description": "From capture: the record's number in it."},
    "content-type": {"const": "application/json"},
    "traceparent": {"type": "string", "description": "W3C trace context."},
}
_DEAD: Final[dict[str, Any]] = {
    "name": "dead",
    "title": "Dead letter",
    "description": "The original record's bytes and headers, and why it was given up.",
    "headers": {
        "type": "object",
        "required": ["dead_stage", "dead_reason", "dead_topic", "dead_at"],
        "properties": {
            f"dead_{name}": {"type": "string"}
            for name in ("stage", "reason", "detail", "topic", "partition", "offset", "at")
        },
    },
    "payload": {},
    "bindings": {"kafka": {"key": _KEY}},
}
