"""How processes end: signals, and work in processes of its own, started by spawn.

`listening`: Ctrl-C and a request to end stop the program cleanly, a second one at once.
`in_processes`: one process per item; one that fails or is killed takes no other with it.
`in_order`: a few processes that take items from a running source, results in the source's order.
No process outlives the one that started it.
"""

import mmap
import os
import pickle
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.reduction import recv_handle, send_handle
from typing import Any, BinaryIO, Generic, TypeVar

from repro.errors import ReproError, explained

T = TypeVar("T")
R = TypeVar("R")

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)
AHEAD = 4  # results per process that may wait for one before them
ALIGNMENT = 64  # bytes; arrays in shared memory begin at multiples of it
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def listening() -> Iterator[None]:
    """Inside it Ctrl-C raises KeyboardInterrupt and a request to end SystemExit, so that everything
    is put away.

    A second signal ends the process at once; what it has begun is removed by a later run. Signals
    that the caller has switched off stay so. Does nothing outside of a program's main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDS}
    begun: list[int] = []

    def handle(number: int, _: object) -> None:
        if begun:
            os._exit(128 + number)
        begun.append(number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    heard = [
        number
        for number, old in before.items()
        if old in (signal.SIG_DFL, signal.default_int_handler)
    ]
    for number in heard:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


def end_at_once(code: int) -> None:
    """From here on, while Python shuts down, a signal ends the process without a word."""
    for number in ENDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: os._exit(code))


def _end_with_parent() -> None:
    """End as if asked to when the process that started this one has ended, for whatever reason."""
    parent = parent_process()
    if parent is not None:

        def watch() -> None:
            wait([parent.sentinel])
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=watch, daemon=True).start()


# --- a process per item ---------------------------------------------------------------------------


@dataclass
class _Worker(Generic[T]):
    item: T
    process: SpawnProcess
    channel: Connection
    listens: bool = False  # to Ctrl-C


def in_processes(
    work: Callable[[T], R], items: Iterable[T], *, count: int
) -> Iterator[tuple[T, R | ReproError]]:
    """Each item with `work(item)`, or with the fault that stopped it, in the order in which they
    end.

    count: processes at a time; an item is asked for when one is free. work and items must be
    picklable. Ctrl-C is passed on to every process once, so that it can save what it has, and then
    raises KeyboardInterrupt here.
    """
    waiting, running = iter(items), list[_Worker[T]]()
    try:
        while True:
            for item in islice(waiting, count - len(running)):
                running.append(_start(work, item))
            if not running:
                return
            ready = wait([worker.channel for worker in running])
            for worker in [worker for worker in running if worker.channel in ready]:
                answer = _answer(worker)
                if answer is not None:
                    running.remove(worker)
                    yield worker.item, answer
    finally:  # nothing is running any more, unless Ctrl-C or a fault of the caller has come between
        for worker in running:
            if worker.listens and worker.process.pid and worker.process.is_alive():
                os.kill(worker.process.pid, signal.SIGINT)
            else:
                worker.process.terminate()
        for worker in running:
            worker.process.join()


def _start(work: Callable[[T], R], item: T) -> _Worker[T]:
    ours, theirs = get_context("spawn").Pipe(duplex=False)
    return _Worker(item, _begin(_serve, work, item, theirs), ours)


def _begin(target: Callable[..., None], *arguments: Any, daemon: bool = False) -> SpawnProcess:
    """Start a process that runs `target`; the last argument is the process's end of a channel.

    It begins with Ctrl-C ignored, and listens when it is ready. Call this from the main thread.
    """
    process = get_context("spawn").Process(target=target, args=arguments, daemon=daemon)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.start()
    finally:
        signal.signal(signal.SIGINT, before)
    arguments[-1].close()  # so that the end of the process ends the channel
    return process


def _serve(work: Callable[[T], R], item: T, channel: Connection) -> None:
    """The work of a process of `in_processes`. Ctrl-C comes from its parent alone."""
    os.setpgrp()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with listening():
        _end_with_parent()
        try:
            channel.send(None)
            answer, fault = _tried(work, item)
            channel.send(fault or answer)
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)
        except OSError:  # nobody waits for the answer
            sys.exit(1)


def _answer(worker: _Worker[T]) -> Any:
    """What a process sends: None when it has begun, its result or fault when it has ended."""
    try:
        answer = worker.channel.recv()
    except EOFError:
        return ReproError(f"its process {_end(worker.process)}")
    if answer is None:
        worker.listens = True
    else:
        worker.process.join()
    return answer


def _end(process: SpawnProcess) -> str:
    process.join()
    code = process.exitcode or 0
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"


# --- a source of items ----------------------------------------------------------------------------


def in_order(work: Callable[[T], R], items: Iterable[T], *, count: int) -> Generator[R, None, None]:
    """`work(item)` of every item, in the order of the items, by `count` processes while the next
    items are made.

    Every process has one thread and one item at a time; arrays reach it through memory both see,
    not through a pipe. work, items and results must be picklable. Call it from the main thread.
    Raises ReproError for a work that fails (its own, where it raises one) and for a process that
    dies; all processes have ended when this has.
    """
    helpers: list[_Helper[T, R]] = []
    done: dict[int, R] = {}
    following = 0
    try:
        for _ in range(count):
            helpers.append(_Helper(work))  # those already begun must be ended if the next one fails
        for number, item in enumerate(items):
            while number - following > AHEAD * count or not any(helper.idle for helper in helpers):
                done |= _collect(helpers)
                while following in done:
                    yield done.pop(following)
                    following += 1
            next(helper for helper in helpers if helper.idle).give(number, item)
        while any(not helper.idle for helper in helpers):
            done |= _collect(helpers)
        for number in sorted(done):
            yield done[number]
    finally:
        for helper in helpers:
            helper.process.terminate()
        for helper in helpers:
            helper.process.join()
            helper.channel.close()
            helper.memory.close()


class _Helper(Generic[T, R]):
    """One process and the memory shared with it. number: of the item it has, -1 for none."""

    def __init__(self, work: Callable[[T], R]) -> None:
        self.channel, theirs = get_context("spawn").Pipe()
        self.process = _begin(_serve_all, theirs, daemon=True)
        self.memory = _memory()
        self.number = -1
        self._send(work)
        try:
            send_handle(self.channel, self.memory.fileno(), self.process.pid)
        except OSError:
            raise self.fault() from None

    @property
    def idle(self) -> bool:
        return self.number < 0

    def give(self, number: int, item: T) -> None:
        """Hand an item over: the contents of its arrays in the shared memory, the rest through the
        channel."""
        buffers: list[pickle.PickleBuffer] = []
        body = pickle.dumps(item, protocol=5, buffer_callback=buffers.append)
        spans, place = list[tuple[int, int]](), 0
        for buffer in buffers:
            raw = buffer.raw()
            self.memory.seek(place)
            self.memory.write(raw)
            spans.append((place, raw.nbytes))
            place += -(-raw.nbytes // ALIGNMENT) * ALIGNMENT
        self.memory.flush()
        self.number = number
        self._send((body, spans))

    def _send(self, content: Any) -> None:
        try:
            self.channel.send(content)
        except OSError:
            raise self.fault() from None

    def fault(self) -> ReproError:
        return ReproError(f"a process that helps this one {_end(self.process)}")


def _memory() -> BinaryIO:
    """A file without a name: in memory where the system has such files, else on disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("repro"), "wb")
    return tempfile.TemporaryFile()


def _collect(helpers: Sequence[_Helper[T, R]]) -> dict[int, R]:
    """Wait for at least one of the busy processes; results by number of the item."""
    results: dict[int, R] = {}
    ready = wait([helper.channel for helper in helpers if not helper.idle])
    for helper in helpers:
        if helper.channel in ready:
            try:
                answer, fault = helper.channel.recv()
            except (EOFError, OSError):
                raise helper.fault() from None
            if fault is not None:
                raise fault
            results[helper.number] = answer
            helper.number = -1
    return results


def _serve_all(channel: Connection) -> None:
    """What a helping process does until the channel ends or it is terminated. Ctrl-C stays
    ignored."""
    os.setpgrp()
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # before the work loads its libraries
    _end_with_parent()
    try:
        work = channel.recv()
        handle = recv_handle(channel)
        view = memoryview(b"")
        while True:
            body, spans = channel.recv()
            length = max((start + size for start, size in spans), default=0)
            if length > len(view):
                view = memoryview(mmap.mmap(handle, length))
            item = pickle.loads(body, buffers=[view[start : start + size] for start, size in spans])
            channel.send(_tried(work, item))
    except (EOFError, OSError):  # the first process has ended
        return


def _tried(work: Callable[[T], R], item: T) -> tuple[R | None, ReproError | None]:
    try:
        return work(item), None
    except Exception as fault:  # whatever it is, the first process waits for an answer
        return None, explained(fault, who="a process that helps this one")
