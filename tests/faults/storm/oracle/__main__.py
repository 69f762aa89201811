"""The oracle's process: commands as JSON lines on standard input, answers on standard output."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.storm.oracle.bot import Bot
from tests.faults.storm.oracle.ledger import Ledger
from tests.faults.storm.oracle.posts import PAGES, Posts
from tests.faults.storm.oracle.provider import Provider
from tests.faults.storm.oracle.sender import Sender


@dataclass
class Oracle:
    """What it can be asked to do; each method is a command."""

    sender: Sender
    provider: Provider
    bot: Bot
    ledger: Ledger

    async def rate(self, value: float) -> dict[str, Any]:
        """So many posts per second from now on."""
        self.sender.rate = value
        return {}

    async def mode(self, value: str) -> dict[str, Any]:
        """How the providers behave from now on; how many messages have met that before."""
        self.provider.mode = value
        self.bot.behave(value)
        return await self.met()

    async def met(self) -> dict[str, Any]:
        """How many messages have met the providers as they behave now."""
        return {"met": self.provider.asked[self.provider.mode]}

    async def secret(self, value: str) -> dict[str, Any]:
        """With what webhooks are signed from now on."""
        self.sender.posts.secret = value
        return {}

    async def stats(self) -> dict[str, Any]:
        """Counts so far."""
        sender = self.sender
        self.ledger.flush()
        return {
            "tries": sender.tries,
            "accepted": sender.accepted,
            "refused": sender.refused,
            "broken": sender.broken,
            "skipped": sender.skipped,
            "gave_up": sender.gave_up,
            "told": self.provider.seen.total() + self.bot.told.total(),
            "told_again": sum(count - 1 for count in self.provider.seen.values()),
            "unproven": self.provider.refused,
        }

    async def fresh(self, within: float) -> dict[str, Any]:
        """A new person's lead: how many seconds until its specialist is told."""
        began = time.monotonic()
        post = self.sender.posts.next("api")
        post.fields["page_url"] = PAGES[0]  # told by webhook: the bot's chat may have a queue
        await self.sender.send(post)
        while post.phone not in self.provider.leads:
            if time.monotonic() - began > within:
                return {"seconds": None}
            await asyncio.sleep(0.02)
        return {"seconds": round(time.monotonic() - began, 2)}

    async def post(self, kind: str, count: int, door: str) -> dict[str, Any]:
        """So many of a kind to that door, each tried once: how each ended."""
        before = dict(self.sender.refused)
        done = 0
        for _ in range(count):
            post = self.sender.posts.next(kind)
            self.sender.issued(post)
            done += await self.sender.once(post, door)
        after = self.sender.refused
        refused = {k: n - before.get(k, 0) for k, n in after.items() if n > before.get(k, 0)}
        return {"accepted": done, "refused": refused}

    async def same(self, times: int) -> dict[str, Any]:
        """One webhook so many times at once, as a nervous platform sends it."""
        post = self.sender.posts.next("webhook")
        sent = await asyncio.gather(*(self.sender.send(post) for _ in range(times)))
        return {"accepted": sum(sent)}

    async def quiet(self, within: float) -> dict[str, Any]:
        """Post no more; wait for what is under way."""
        self.sender.rate = 0
        left = await self.sender.quiet(within)
        self.ledger.flush()
        return {"left": left}


async def main(folder: str, door: str, seed: str) -> None:
    """Serve commands until standard input ends."""
    ledger = Ledger(Path(folder) / "ledger.jsonl")
    provider = Provider(ledger)
    bot = Bot(ledger)
    await bot.start()
    posts = Posts(Random(seed))  # noqa: S311 - replayed by its seed
    oracle = Oracle(Sender(door, posts, ledger), provider, bot, ledger)
    say({"port": await provider.start(), "bot": bot.url})
    running = asyncio.create_task(oracle.sender.run())
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(_do(oracle, json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    running.cancel()
    await oracle.sender.close()
    ledger.close()


async def _do(oracle: Oracle, command: dict[str, Any]) -> None:
    number, name = command.pop("number"), command.pop("do")
    try:
        answer = await getattr(oracle, name)(**command)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    say({"number": number, **answer})


def say(answer: dict[str, Any]) -> None:
    """One line for the orchestrator."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
