"""A member of a group in a process of its own, to be killed: prints what it reads.

After each batch its event loop stands still until a line comes in, then it commits.
"""

from __future__ import annotations

import asyncio
import sys

from tests.contract.conftest import open_log


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def main(kind: str, where: str, prefix: str, group: str) -> None:
    reader = await open_log(kind, where, prefix).reader(group, ["first"])
    while True:
        for held, records in await reader.fetch(10, 0.5):
            say("read", *(record.value.decode() for record in records))
            sys.stdin.readline()
            say("committed", await reader.commit(held, records[-1].offset + 1))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
