"""Every metric of the system, declared in one place. Labels never hold contact data."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

SLICE_SECONDS: Final = Histogram(
    "sarnakh_stage_slice_seconds",
    "From a slice in hand to its answers acknowledged.",
    ["stage"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
EVENTS: Final = Counter(
    "sarnakh_stage_events_total", "Events by what became of them.", ["stage", "outcome"]
)
DEAD: Final = Counter(
    "sarnakh_stage_dead_letters_total",
    "Events that a stage gave up on, by why.",
    ["stage", "reason"],
)
HELD: Final = Counter(
    "sarnakh_stage_holds_total", "How often a stage waited for a dependency.", ["stage"]
)
LAG: Final = Gauge("sarnakh_stage_lag_records", "Records waiting, as last seen.", ["stage"])
SKIPPED: Final = Gauge(
    "sarnakh_stage_skipped_records",
    "Records that retention dropped before the stage had read them: an alarm, never normal.",
    ["stage"],
)
CAPTURED: Final = Counter(
    "sarnakh_capture_answers_total", "Answers at the door by route and status.", ["route", "status"]
)
UNKNOWN_FORMS: Final = Counter(
    "sarnakh_capture_unknown_forms_total",
    "Posts to a form that does not exist: listed (from our own pages), foreign, dropped.",
    ["result"],
)
SPOOL_WAITING: Final = Gauge(
    "sarnakh_capture_spool_waiting_records", "Accepted, and not yet acknowledged by the log."
)
SPOOL_BYTES: Final = Gauge("sarnakh_capture_spool_bytes", "What the spool takes on the disk.")
SPOOL_LOST: Final = Counter(
    "sarnakh_capture_spool_lost_total", "Records that could not be read back: each is an alarm."
)
PUBLISHED: Final = Counter(
    "sarnakh_capture_published_total", "Records that the log acknowledged.", ["lane"]
)
NOTIFICATIONS: Final = Counter(
    "sarnakh_notifications_total",
    "Attempts to tell a specialist, by what is known of them.",
    ["channel", "result"],
)
WITHOUT_LEAD: Final = Counter(
    "sarnakh_routing_without_lead_total",
    "Actions and timers read while their lead was unknown: they wait for it, or are dropped.",
    ["result"],
)
FETCHES: Final = Counter(
    "sarnakh_capture_fetches_total",
    "Tries to fetch a platform's lead, by what came of them.",
    ["kind", "result"],
)
REPLIES: Final = Counter(
    "sarnakh_capture_replies_total",
    "Automatic answers in chats, by what came of them.",
    ["kind", "result"],
)
FETCHES_WAITING: Final = Gauge(
    "sarnakh_capture_fetches_waiting",
    "Leads of a source whose content is still to be fetched.",
    ["source"],
)
SOURCES_PAUSED: Final = Gauge(
    "sarnakh_capture_source_paused",
    "1 while a source's leads cannot be fetched until somebody acts: an alarm.",
    ["source"],
)
TOKEN_DAYS_LEFT: Final = Gauge(
    "sarnakh_capture_token_days_left",
    "Days until the access token of a source ends, as configured; below 0: it has ended.",
    ["source"],
)
PULLS: Final = Counter(
    "sarnakh_capture_pulls_total",
    "Pages of platforms' lists that were asked for, by what came of them.",
    ["kind", "result"],
)
BACKFILLED: Final = Counter(
    "sarnakh_capture_backfilled_total",
    "Leads that a platform's list has shown and no call had brought by then.",
    ["source"],
)
RECONCILED: Final = Gauge(
    "sarnakh_capture_reconciled_leads",
    "Of the last seven days: leads that no call brought (missing), that one brought after the "
    "list had (late), and calls beyond a lead's first (repeated).",
    ["source", "result"],
)
SOURCE_QUIET: Final = Gauge(
    "sarnakh_desk_source_quiet_seconds",
    "Since the newest arrival of a source that was heard once, as of the desk's last look.",
    ["source"],
)
SOURCE_SILENT: Final = Gauge(
    "sarnakh_desk_source_silent",
    "1 while a source is quiet for longer than usual: an alarm.",
    ["source"],
)
