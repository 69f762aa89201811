"""Puts what is asked for at the same time into one statement, one statement at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Together(Generic[_In, _Out]):
    """While a group is under way others gather, and share the next one.

    So a calm system waits for nothing, and a busy one pays for a transaction once a group.
    """

    def __init__(
        self,
        run: Callable[[Sequence[_In]], Awaitable[Sequence[_Out]]],
        *,
        most: int,
        gather: float = 0.0,
    ) -> None:
        """`run` answers a group of at most `most`, in its order; what it raises fails them all.

        Where nobody waits for it to the millisecond, the first waits `gather` seconds for others.
        """
        self._run = run
        self._most = most
        self._gather = gather
        self._waiting: list[tuple[_In, asyncio.Future[_Out]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, item: _In) -> _Out:
        """The answer for one. Raises what its group raised."""
        future: asyncio.Future[_Out] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        if self._gather:
            await asyncio.sleep(self._gather)
        while self._waiting:
            taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            group = [asked for asked in taken if not asked[1].done()]  # else its asker has left
            if not group:
                continue
            try:
                answers = await self._run([item for item, _ in group])
            except Exception as error:
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in zip(group, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
