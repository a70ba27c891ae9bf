"""Works of one list in processes of their own: one that fails or is killed takes no other with it."""

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

from repro.errors import ReproError

T = TypeVar("T")
R = TypeVar("R")


@dataclass
class _Worker(Generic[T]):
    item: T
    process: SpawnProcess
    channel: Connection
    listens: bool = False  # to Ctrl-C


def in_processes(work: Callable[[T], R], items: Sequence[T], *, count: int) -> Iterator[tuple[T, R | ReproError]]:
    """Each item with `work(item)`, or with the fault that stopped it, in the order in which they end.

    count: processes at a time. work and items must be picklable. Ctrl-C is passed on to every process once, so that
    it can save what it has, and then raises KeyboardInterrupt here.
    """
    waiting, running = deque(items), list[_Worker[T]]()
    try:
        while waiting or running:
            while waiting and len(running) < count:
                running.append(_start(work, waiting.popleft()))
            ready = wait([one.channel for one in running])
            for worker in [one for one in running if one.channel in ready]:
                answer = _answer(worker)
                if answer is not None:
                    running.remove(worker)
                    yield worker.item, answer
    finally:  # nothing is running any more, unless Ctrl-C or a fault of the caller has come between
        for worker in running:
            if worker.listens and worker.process.pid:
                os.kill(worker.process.pid, signal.SIGINT)
            else:
                worker.process.terminate()
        for worker in running:
            worker.process.join()


def _start(work: Callable[[T], R], item: T) -> _Worker[T]:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(work, item, theirs))
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process inherits it until it is ready to listen
    try:
        process.start()
    finally:
        signal.signal(signal.SIGINT, before)
    theirs.close()  # so that the end of the process ends the channel
    return _Worker(item, process, ours)


def _serve(work: Callable[[T], R], item: T, channel: Connection) -> None:
    """What a process does. It leaves the terminal's group: Ctrl-C comes from the first process alone."""
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        channel.send(None)
        channel.send(work(item))
    except ReproError as fault:
        channel.send(fault)
    except KeyboardInterrupt:
        sys.exit(130)


def _answer(worker: _Worker[T]) -> Any:
    """The result of a process that has ended, None from one that has begun."""
    try:
        answer = worker.channel.recv()
    except EOFError:
        worker.process.join()
        code = worker.process.exitcode or 0
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return ReproError(f"its process {how}")
    if answer is None:
        worker.listens = True
    else:
        worker.process.join()
    return answer
