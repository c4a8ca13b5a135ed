"""Bringing programs up in order, starting again those that die, ending them in reverse order."""

import signal
import time
from pathlib import Path
from types import FrameType

from desk.stack.children import RECYCLED, Child, Program
from desk.stack.programs import Programs
from desk.stack.progress import Progress

REFUSED = 2
LOOK_EVERY_S = 0.1


class StackError(RuntimeError):
    """The stack cannot start; the message says what to look at."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        self.exit_code = exit_code
        super().__init__(message)


class StopAskedError(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class StopRequest:
    """Remembers that a signal asked us to stop; the loops look at it."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        # Under nohup a closing terminal is to be ignored.
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True

    def pause(self, seconds: float = LOOK_EVERY_S) -> None:
        """Wait a moment.

        Raises:
            StopAskedError: A signal came, now or earlier.
        """
        if not self.asked:
            time.sleep(seconds)
        if self.asked:
            raise StopAskedError


class Stack:
    """The programs of one desk, from first start to orderly end."""

    def __init__(self, programs: Programs, home: Path, progress: Progress, stop: StopRequest) -> None:
        self._programs = programs
        self._home = home
        self._progress = progress
        self._stop = stop
        self._children: list[Child] = []
        self._restart_at: dict[str, float] = {}

    def start(self) -> None:
        """Bring everything up, each step when the one before it is done.

        Raises:
            StackError: A program failed or took too long.
            StopAskedError: Told to stop meanwhile.
        """
        programs = self._programs
        self._run_to_end(programs.prepare, "case database ready")
        self._await(self._launch(programs.server), "Prefect server answers")
        self._run_to_end(programs.deployments, "work pool and deployments registered")
        (self._home / "run" / "worker.ready").unlink(missing_ok=True)
        worker, desk = self._launch(programs.worker), self._launch(programs.desk)
        self._await(worker, "worker ready")
        self._await(desk, "desk answers")
        self._load_samples()

    def watch(self) -> None:
        """Start again whoever dies, until told to stop.

        Raises:
            StopAskedError: Always, in the end.
        """
        while True:
            for child in self._children:
                self._look_after(child)
            self._stop.pause()

    def stop(self) -> None:
        """End all children, the last started first: who depends on others goes before them."""
        while self._children:
            self._children.pop().stop()

    def _launch(self, program: Program) -> Child:
        child = Child(program, self._home)
        self._children.append(child)
        child.start()
        return child

    def _await(self, child: Child, done: str) -> None:
        deadline = time.monotonic() + child.program.patience_s
        while not child.is_ready():
            code = child.exit_code()
            if code is not None:
                raise StackError(_failure(child, f"ended with code {code}"))
            if time.monotonic() > deadline:
                raise StackError(_failure(child, f"not ready after {child.program.patience_s:.0f} s"))
            self._stop.pause()
        self._progress.say(done)

    def _run_to_end(self, program: Program, done: str) -> None:
        child = self._launch(program)
        try:
            code = self._wait_for_end(child)
        finally:
            self._children.remove(child)
            child.stop()
        if code == REFUSED:
            raise StackError(child.last_lines(), REFUSED)
        if code != 0:
            raise StackError(_failure(child, f"ended with code {code}"))
        self._progress.say(done)

    def _wait_for_end(self, child: Child) -> int:
        deadline = time.monotonic() + child.program.patience_s
        while (code := child.exit_code()) is None:
            if time.monotonic() > deadline:
                raise StackError(_failure(child, f"not done after {child.program.patience_s:.0f} s"))
            self._stop.pause()
        return code

    def _load_samples(self) -> None:
        """Only once in the life of a home; a failure is told and tried again at the next start."""
        loaded = self._home / "run" / "samples.loaded"
        if loaded.exists():
            return
        try:
            self._run_to_end(self._programs.samples, "sample cases loaded")
        except StackError as error:
            self._progress.say(f"the desk is up, but without sample cases: {error}")
            return
        loaded.touch()

    def _look_after(self, child: Child) -> None:
        name = child.program.name
        if name in self._restart_at:
            if time.monotonic() >= self._restart_at[name]:
                del self._restart_at[name]
                child.start()
            return
        code = child.exit_code()
        if code is None:
            return
        pause = child.pause_before_restart(code)
        self._restart_at[name] = time.monotonic() + pause
        what = "recycled itself" if code == RECYCLED else f"ended with code {code}"
        self._progress.say(f"{name} {what}; starting it again in {pause:.0f} s ({child.log})")


def _failure(child: Child, what: str) -> str:
    return f"{child.program.name} {what}; the end of {child.log}:\n{child.last_lines()}"
