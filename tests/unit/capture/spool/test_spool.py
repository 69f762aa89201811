"""The spool: whatever is cut, flipped or fails, what was acknowledged comes back."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.capture.spool import Spool, SpoolBroken, SpoolFull, take_all, take_own
from services.capture.spool.frame import framed, frames
from services.capture.spool.spool import KEEP_SECONDS

PAYLOADS = ["سلام".encode() * n for n in (1, 0, 7, 30, 2)]


def contents(spool: Spool) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    low = 1
    while low <= spool.high:
        run = spool.read(low, spool.high, 10, 1 << 20)
        found.update(run.found)
        low = max([low, *(n for n, _ in run.found), *run.lost]) + 1
    return found


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.segment"))


def test_every_record_comes_back_by_its_number(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=200)
    assert [spool.append([payload]) for payload in PAYLOADS] == [1, 2, 3, 4, 5]
    assert spool.append(PAYLOADS) == 6
    again = Spool(tmp_path)
    assert again.high == 10
    assert contents(again) == dict(enumerate(PAYLOADS * 2, 1))
    assert len(segments(tmp_path)) > 2


def test_invariant_06_a_cut_at_any_byte_loses_nothing_before_it(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    spool = Spool(whole)
    ends = []
    for payload in PAYLOADS:
        spool.append([payload])
        ends.append(segments(whole)[0].stat().st_size)
    data = segments(whole)[0].read_bytes()
    for cut in range(len(data) + 1):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / "0000000001.segment").write_bytes(data[:cut])
        survivor = Spool(folder)
        kept = sum(end <= cut for end in ends)
        assert contents(survivor) == dict(enumerate(PAYLOADS[:kept], 1))
        assert survivor.append([b"next"]) == kept + 1
        assert contents(Spool(folder)) == dict(enumerate([*PAYLOADS[:kept], b"next"], 1))


def test_a_flipped_bit_costs_at_most_its_own_record(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for payload in PAYLOADS:
        spool.append([payload])
    path = segments(tmp_path)[0]
    data = path.read_bytes()
    for at in range(len(data)):
        for bit in (0, 5):
            path.write_bytes(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])
            found = contents(Spool(tmp_path))
            assert len(found) >= len(PAYLOADS) - 1
            assert all(PAYLOADS[number - 1] == payload for number, payload in found.items())


@settings(deadline=None)
@given(st.binary(max_size=60), st.text(max_size=30), st.binary(max_size=60))
def test_a_record_among_garbage_is_found(before: bytes, text: str, after: bytes) -> None:
    payload = text.encode(errors="replace")
    data = before + framed(7, payload) + after
    assert (7, payload) in [(f.sequence, data[f.start : f.end]) for f in frames(data)]


def test_a_lost_record_is_named_and_passed_over(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append([b"aaaa", b"bbbb", b"cccc"])
    path = segments(tmp_path)[0]
    path.write_bytes(path.read_bytes().replace(b"bbbb", b"bxbb"))
    run = Spool(tmp_path).read(1, 3, 10, 1 << 20)
    assert run.found == ((1, b"aaaa"), (3, b"cccc"))
    assert run.lost == (2,)


class FailingSync:
    """Lets the disk fail on demand, as strace's fault injection does from outside."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
        self.failing = False
        self.synced: list[int] = []
        real = os.fdatasync

        def fdatasync(descriptor: int) -> None:
            if self.failing:
                raise OSError(code, "injected")
            self.synced.append(descriptor)
            real(descriptor)

        monkeypatch.setattr(os, "fdatasync", fdatasync)


def test_invariant_02_a_failed_sync_counts_nothing_and_its_numbers_are_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FailingSync(monkeypatch, errno.EIO)
    spool = Spool(tmp_path)
    spool.append([b"one"])
    disk.failing = True
    with pytest.raises(SpoolBroken):
        spool.append([b"never acknowledged", b"nor this"])
    disk.failing = False
    before = segments(tmp_path)[0].stat().st_mtime_ns
    assert spool.append([b"two"]) == 2
    assert segments(tmp_path)[0].stat().st_mtime_ns == before
    assert len(segments(tmp_path)) == 2
    assert contents(spool) == contents(Spool(tmp_path)) == {1: b"one", 2: b"two"}


def test_invariant_05_a_full_disk_refuses_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FailingSync(monkeypatch, errno.ENOSPC)
    spool = Spool(tmp_path)
    disk.failing = True
    with pytest.raises(SpoolFull):
        spool.append([b"no room"])
    assert segments(tmp_path) == []
    disk.failing = False
    assert spool.append([b"room"]) == 1


def test_invariant_05_the_cap_refuses_until_the_log_has_what_waits(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=400, cap=lambda _folder, _size: 1000)
    accepted = max(spool.append([b"x" * 100]) for _ in range(7))
    with pytest.raises(SpoolFull):
        spool.append([b"x" * 100])
    spool.acknowledge(1, accepted)
    assert spool.append([b"x" * 100]) == accepted + 1
    assert sum(path.stat().st_size for path in segments(tmp_path)) <= 1000


def test_acknowledged_records_go_after_a_quarter_of_an_hour_and_their_numbers_never_return(
    tmp_path: Path,
) -> None:
    now = [1000.0]
    spool = Spool(tmp_path, segment_bytes=100, clock=lambda: now[0])
    for _ in range(5):
        spool.append([b"x" * 60])
    spool.acknowledge(1, 4)
    spool.tidy()
    now[0] += KEEP_SECONDS - 1
    spool.tidy()
    assert len(segments(tmp_path)) == 5
    now[0] += 1
    spool.tidy()
    assert len(segments(tmp_path)) == 1
    spool.acknowledge(5, 5)
    spool.tidy()
    now[0] += KEEP_SECONDS
    spool.tidy()
    assert b"x" not in b"".join(path.read_bytes()[20:] for path in segments(tmp_path))
    again = Spool(tmp_path)
    assert again.high == 5
    assert again.waiting(6) is None
    (tmp_path / "acked").write_bytes(b"damaged")
    assert Spool(tmp_path).high == 5


def test_invariant_06_the_ledger_is_on_the_disk_before_a_segment_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.1]
    spool = Spool(tmp_path, segment_bytes=100, clock=lambda: now[0])
    for _ in range(3):
        spool.append([b"x" * 60])
    spool.acknowledge(1, 2)
    order: list[str] = []
    sync, unlink = os.fsync, Path.unlink

    def noted_sync(descriptor: int) -> None:
        order.append("sync")
        sync(descriptor)

    def noted_unlink(path: Path, *, missing_ok: bool) -> None:
        order.append("unlink")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "unlink", noted_unlink)
    spool.tidy()
    now[0] = 1e6
    spool.tidy()
    assert order == ["sync", "sync", "unlink", "unlink"]


def test_a_folder_has_one_holder_and_an_orphan_is_taken_over(tmp_path: Path) -> None:
    mine = take_own(tmp_path)
    other = take_own(tmp_path)
    assert mine.path != other.path
    assert take_all(tmp_path) == []
    other.release()
    assert take_own(tmp_path).path == other.path
    mine.remove()
    assert not mine.path.exists()


class SpoolMachine(RuleBasedStateMachine):
    """Any order of appending, crashing with a torn tail, acknowledging, ageing and restarting."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now = 1000.0
        self.stored: dict[int, bytes] = {}
        self.acked: set[int] = set()
        self.spool = self.opened()

    def opened(self) -> Spool:
        return Spool(self.folder, segment_bytes=150, clock=lambda: self.now)

    @rule(payloads=st.lists(st.binary(max_size=40).map(bytes.hex).map(str.encode), min_size=1))
    def append(self, payloads: list[bytes]) -> None:
        first = self.spool.append(payloads)
        assert first == len(self.stored) + 1
        self.stored.update(enumerate(payloads, first))

    @rule(torn=st.binary(max_size=30), sync=st.booleans())
    def crash(self, torn: bytes, sync: bool) -> None:  # noqa: FBT001  # drawn by hypothesis
        if sync:
            self.spool.tidy(sync=True)
        tail = framed(len(self.stored) + 1, b"torn")[:-1] + b"!" + torn
        for newest in segments(self.folder)[-1:]:
            newest.write_bytes(newest.read_bytes() + tail)
        self.spool = self.opened()
        assert self.spool.high == len(self.stored)

    @precondition(lambda self: self.stored)
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        low = data.draw(st.integers(1, len(self.stored)))
        high = data.draw(st.integers(low, len(self.stored)))
        self.spool.acknowledge(low, high)
        self.acked |= set(range(low, high + 1))

    @rule(seconds=st.sampled_from([1.0, KEEP_SECONDS]))
    def age(self, seconds: float) -> None:
        self.now += seconds
        self.spool.tidy()

    @invariant()
    def what_the_log_does_not_have_is_there(self) -> None:
        found = contents(self.spool)
        assert all(self.stored[number] == payload for number, payload in found.items())
        assert set(self.stored) - self.acked <= set(found)

    @invariant()
    def nothing_acknowledged_is_forgotten_within_a_run(self) -> None:
        waiting = self.spool.waiting(self.spool.high + 1)
        assert waiting is None or waiting[0] in self.stored

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


SpoolMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestSpoolMachine = SpoolMachine.TestCase
