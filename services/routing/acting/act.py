"""What staff do with a lead. What does not fit its state is refused in words, never an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.events import Change, Skipped, Text
from services.routing import moments, words
from services.routing.acting.arguments import Refused, amount_of, moment_of, text_of
from services.routing.acting.take import take
from services.routing.case import Case, Cause, Notice, Step
from services.routing.choosing.assign import Waits, Wanted, give_to, pass_further, pass_on
from services.routing.choosing.distribute import Seeker
from services.routing.choosing.roster import Roster
from services.routing.choosing.route import Route
from services.routing.choosing.wait import is_waiting, settled
from services.routing.plan import Plan

LONGEST_SNOOZE: Final = timedelta(days=366)
CLOSING: Final = frozenset({"staff.won", "staff.lost"})
TAKING: Final = CLOSING | {"staff.accepted", "staff.snoozed", "staff.contacted", "staff.qualified"}
"""Actions that nobody does for a lead which is not theirs."""
_CUSTOMERS: Final = frozenset({"customer", "returning_customer", "service_qualified"})


class Setting(NamedTuple):
    """What an action finds: the teams, and whether the person has another open lead."""

    roster: Roster
    has_other_open: bool = False


_Args = Mapping[str, Any]
_Outcome = tuple[Step, Roster]


def act(case: Case, action: str, args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    """Apply one of ACTIONS with its arguments to a lead."""
    try:
        _still_theirs(case, args)
        single = case.remembering(listed=None)  # what staff do to a lead is told of by itself
        if is_waiting(single) and action in TAKING:
            return _taken(single, action, args, setting, cause)
        return ACTIONS[action](single, args, setting, cause)
    except Refused as refusal:
        refused = cause.change("refused", refusal.text, action=action)
        return Step(case.evolved(cause.now), (refused,)), setting.roster


def _taken(case: Case, action: str, args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    found = take(case, setting.roster, cause, closes=action in CLOSING)
    if found is None:
        raise Refused(
            "این سرنخ هنوز در صف است؛ نخست آن را به کسی بسپارید",
            "This lead still waits; give it to somebody first",
        )
    taken, roster = found
    step, roster = ACTIONS[action](taken.case, args, setting._replace(roster=roster), cause)
    return Step(step.case, (*taken.changes, *step.changes), (*taken.notices, *step.notices)), roster


def _still_theirs(case: Case, args: _Args) -> None:
    """A button of a message speaks of the assignment that it told of, not of a later one."""
    if case.lead.erased_at:
        raise Refused("این سرنخ پاک شده است", "This lead was erased")
    told, assignment = args.get("assignment_id"), case.lead.assignment
    if told is not None and (assignment is None or assignment.id != told):
        raise Refused(
            "این سرنخ دیگر با این کارشناس نیست", "This specialist no longer has this lead"
        )


def _open(case: Case) -> None:
    if case.lead.state != "open":
        raise Refused("این سرنخ بسته شده است", "This lead is closed")


def _actor(setting: Setting, cause: Cause) -> Text:
    """Whoever acts, by name where it is a specialist's."""
    found = setting.roster.plan.specialist(cause.actor)
    return words.done_by(found.name if found else None)


def _accept(case: Case, _args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    _open(case)
    if case.lead.accepted_at:
        raise Refused("این سرنخ پیش‌تر پذیرفته شده است", "This lead is accepted already")
    who = _actor(setting, cause)
    text = Text(f"{who.fa} سرنخ را پذیرفت", f"{who.en} accepted the lead")
    after = case.evolved(cause.now, accepted_at=cause.now).remembering(hops=0)
    return Step(after, (cause.change("accepted", text),)), setting.roster


def _decline(case: Case, args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    _open(case)
    if case.lead.assignment is None or case.owner is None:
        raise Refused("این سرنخ هنوز به کسی سپرده نشده", "Nobody has this lead yet")
    name = setting.roster.plan.name_of(case.owner)
    reason = text_of(args.get("reason"))
    who = _actor(setting, cause)
    said = Text(f"{who.fa} نپذیرفت", f"{who.en} declined")
    if cause.actor != case.owner:
        said = Text(f"{who.fa} از طرف {name} نپذیرفت", f"{who.en} declined for {name}")
    if reason:
        said = Text(f"{said.fa}: {reason}", f"{said.en}: {reason}")
    declined = cause.change("declined", said, specialist=case.owner, reason=reason)
    handed, skipped = hand_on(case, words.declined_by(name), "declined", setting.roster, cause)
    if handed is None:
        return _preceded(declined, _stay(case, skipped, setting.roster, cause)), setting.roster
    step, roster = handed
    fresh = Step(step.case.remembering(hops=0, escalated=False), step.changes, step.notices)
    return _preceded(declined, fresh), roster


def hand_on(
    case: Case, why: Text, rule: str, roster: Roster, cause: Cause
) -> tuple[_Outcome | None, tuple[Skipped, ...]]:
    """Take a lead from its owner and give it to the next; and who was passed over.

    None where nobody else is here: it is not taken from them.
    """
    assignment, owner = case.lead.assignment, case.owner
    if assignment is None or owner is None:
        raise ValueError("no assignment")
    passed = (*(key for key in case.passed if key != owner), owner)
    wanted = Wanted(
        case.lead,
        Route(assignment.team, rule, why),
        Seeker(case.lead.contact.language, passed),
    )
    given, skipped = pass_further(wanted, roster.loaded(owner, -1), cause)
    if given is None:
        return None, skipped
    return settled(case.remembering(passed=passed), given, cause), skipped


def _stay(case: Case, skipped: tuple[Skipped, ...], roster: Roster, cause: Cause) -> Step:
    """Nobody else is here: the owner is not told anew, but the team's manager is, once."""
    assignment, plan = case.lead.assignment, roster.plan
    if assignment is None:
        raise ValueError("no assignment")
    manager = plan.manager_of(assignment.team)
    tells = manager is not None and manager != case.owner and not case.escalated
    told = manager if tells else None
    after = case.evolved(
        cause.now,
        assignment=msgspec.structs.replace(assignment, skipped=skipped),
        accepted_at=None,
        snoozed_until=None,
    ).remembering(escalated=True)
    text = words.kept_by(plan.name_of(assignment.specialist), told and plan.name_of(told))
    over = [{"specialist": s.specialist, "reason": s.reason.en} for s in skipped]
    change = cause.change(
        "kept", text, specialist=assignment.specialist, manager=told, skipped=over
    )
    why = words.because(words.both(held(case, plan, cause.now), words.NO_TAKER))
    notice = Notice(recipient=told or "", kind="escalation", why=why)
    return Step(after, (change,), (notice,) if told else ())


def held(case: Case, plan: Plan, now: datetime) -> Text:
    """Who has a lead and since when, for whoever answers for them."""
    assignment = case.lead.assignment
    if assignment is None:
        raise ValueError("no assignment")
    name = plan.name_of(assignment.specialist)
    return moments.with_whom(name, assignment.at, now, plan.calendar.zone)


def _snooze(case: Case, args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    _open(case)
    until = moment_of(args.get("until"))
    if until is None or not cause.now < until <= cause.now + LONGEST_SNOOZE:
        raise Refused(
            "زمان یادآوری باید در آینده باشد، حداکثر یک سال دیگر",
            "The time to come back to it must be in the future, within a year",
        )
    after = case.evolved(
        cause.now, snoozed_until=until, accepted_at=case.lead.accepted_at or cause.now
    )
    text = Text("برای بعد گذاشته شد", "Put off for later")
    return Step(after, (cause.change("snoozed", text, until=until.isoformat()),)), setting.roster


def _contact(case: Case, _args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    _open(case)
    after = case.evolved(
        cause.now,
        contacted_at=case.lead.contacted_at or cause.now,
        accepted_at=case.lead.accepted_at or cause.now,
        snoozed_until=None,
    )
    who = _actor(setting, cause)
    text = Text(f"{who.fa} با او تماس گرفت", f"{who.en} contacted them")
    return Step(after, (cause.change("contacted", text),)), setting.roster


def _qualify(case: Case, _args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    _open(case)
    if case.lead.stage == "sql":
        raise Refused("پیش‌تر واجد شرایط فروش شده است", "It is sales-qualified already")
    after = case.evolved(cause.now, stage="sql", accepted_at=case.lead.accepted_at or cause.now)
    text = Text("کارشناس آن را واجد شرایط فروش دانست", "The specialist qualified it for sales")
    return Step(after, (cause.change("qualified", text, stage="sql"),)), setting.roster


def _win(case: Case, args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    _open(case)
    amount = args.get("amount")
    if amount is not None:
        amount = amount_of(amount)
    stage = "returning_customer" if case.lead.stage in _CUSTOMERS else "customer"
    after = case.evolved(
        cause.now, state="won", stage=stage, amount=amount, closed_at=cause.now, snoozed_until=None
    )
    who = _actor(setting, cause)
    text = Text(f"به فروش رسید، به گفتهٔ {who.fa}", f"{who.en} won it")
    change = cause.change("won", text, amount=amount)
    return Step(after, (change,)), setting.roster.loaded(case.owner, -1)


def _lose(case: Case, args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    _open(case)
    reason = text_of(args.get("reason"))
    if not reason:
        raise Refused("دلیل ازدست‌رفتن را بنویسید", "Say why it was lost")
    after = case.evolved(
        cause.now, state="lost", lost_reason=reason, closed_at=cause.now, snoozed_until=None
    )
    who = _actor(setting, cause)
    text = Text(f"از دست رفت، به گفتهٔ {who.fa}: {reason}", f"{who.en} lost it: {reason}")
    change = cause.change("lost", text, reason=reason)
    return Step(after, (change,)), setting.roster.loaded(case.owner, -1)


def _reopen(case: Case, _args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    if case.lead.state == "open":
        raise Refused("این سرنخ باز است", "This lead is open")
    if setting.has_other_open:
        raise Refused("این شخص سرنخ باز دیگری دارد", "This person has another open lead")
    after = case.evolved(
        cause.now,
        state="open",
        closed_at=None,
        amount=None,
        lost_reason=None,
        accepted_at=case.lead.accepted_at or cause.now,
    )
    text = Text("دوباره باز شد", "Reopened")
    return Step(after, (cause.change("reopened", text),)), setting.roster.loaded(case.owner, 1)


def _reassign(case: Case, args: _Args, setting: Setting, cause: Cause) -> _Outcome:
    _open(case)
    roster, plan = setting.roster, setting.roster.plan
    specialist, team = text_of(args.get("specialist")), text_of(args.get("team"))
    why = words.chosen_by_staff()
    case = case.remembering(hops=0, passed=(), escalated=False)
    moved = roster.loaded(case.owner, -1)
    if specialist:
        theirs = plan.team_of(specialist, team or None)
        if theirs is None:
            raise Refused("چنین کارشناسی نداریم", "There is no such specialist")
        if specialist == case.owner:
            raise Refused("این سرنخ از پیش با همین کارشناس است", "They have this lead already")
        wanted = Wanted(case.lead, Route(theirs.key, "staff", why), Seeker())
        return settled(case, give_to(specialist, wanted, moved, cause), cause)
    if team not in plan.teams:
        raise Refused("تیم یا کارشناس مقصد معلوم نیست", "Name a team or a specialist")
    passed = (case.owner,) if case.owner else ()
    seeker = Seeker(case.lead.contact.language, passed)
    wanted = Wanted(case.lead, Route(team, "staff", why), seeker)
    found = pass_on(wanted, moved, cause)
    if isinstance(found, Waits) and case.lead.assignment:
        raise Refused(
            "اکنون کسی از این تیم نمی‌تواند آن را بگیرد؛ یک کارشناس را نام ببرید",
            "Nobody of this team can take it now; name a specialist",
        )
    return settled(case.remembering(sent_to=team), found, cause)


def _preceded(change: Change, step: Step) -> Step:
    return Step(step.case, (change, *step.changes), step.notices)


ACTIONS: Final[Mapping[str, Callable[[Case, _Args, Setting, Cause], _Outcome]]] = {
    "staff.accepted": _accept,
    "staff.declined": _decline,
    "staff.snoozed": _snooze,
    "staff.contacted": _contact,
    "staff.qualified": _qualify,
    "staff.won": _win,
    "staff.lost": _lose,
    "staff.reopened": _reopen,
    "staff.reassigned": _reassign,
}
