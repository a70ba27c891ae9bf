"""The `repro` command: the list of its commands, and every way to end as one line and an exit
code."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from repro.cli import (
    bench,
    compare,
    data,
    figures,
    measure,
    models,
    search,
    tables,
    timing,
    weights,
)
from repro.console import complain, fill_closed_streams, silence_stdout, talk
from repro.errors import DEBUG, ReproError, UsageError, explained, foreseen
from repro.processes import end_at_once, listening

# torch's threads spin while they wait; beside any other busy process that made a training 6 to 10
# times slower
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ["MPLBACKEND"] = (
    "agg"  # figures are files; matplotlib, which packages load too, refuses unknown names
)

INTERRUPTED = 130  # as shells count: 128 and the signal's number


class Commands(click.Group):
    """Turns whatever a command raises into one line on stderr, a next step and an exit code."""

    def main(  # type: ignore[override]  # one signature for click's two
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        *,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and exit. A fault of the program itself keeps its traceback with
        REPRO_DEBUG=1."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        if args is None:
            fill_closed_streams()
        if sys.stdout is not None:  # a name that the terminal's alphabet lacks is no reason to stop
            sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        with listening():
            code = self._run(
                sys.argv[1:] if args is None else args, prog_name, complete_var, **extra
            )
        if args is None:
            end_at_once(code)
        sys.exit(code)

    def _run(
        self, args: Sequence[str], prog_name: str | None, complete_var: str | None, **extra: Any
    ) -> int:
        """The exit code."""
        try:
            _check_place()
            code = super().main(list(args), prog_name, complete_var, standalone_mode=False, **extra)
            if sys.stdout is not None:
                sys.stdout.flush()
            return code if isinstance(code, int) else 0
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
        except click.Abort:
            talk("interrupted")
            return INTERRUPTED
        except click.exceptions.NoArgsIsHelpError as fault:
            fault.show()
            return fault.exit_code
        except click.ClickException as fault:
            return self._end(UsageError(fault.format_message()), args)
        except BrokenPipeError:
            silence_stdout()
            return 1
        except Exception as fault:  # whatever it is, the caller gets one line and a code
            if DEBUG in os.environ and foreseen(fault) is None:
                raise
            silence_stdout()
            return self._end(explained(fault), args)

    def _end(self, fault: ReproError, args: Sequence[str]) -> int:
        if fault.hint == UsageError.usual:
            fault.hint = f"{self._path(args)} --help"
        complain(fault)
        return fault.exit_code

    def _path(self, args: Sequence[str]) -> str:
        """The command that was called, such as `repro data make`."""
        command: click.Command = self
        names = ["repro"]
        for word in args:
            if not isinstance(command, click.Group) or word not in command.commands:
                break
            command = command.commands[word]
            names.append(word)
        return " ".join(names)


def _check_place() -> None:
    """Raise ReproError where the current folder has been removed: packages end the process without
    a word there."""
    try:
        os.getcwd()
    except OSError:
        raise ReproError(
            "the current folder is no longer there", "cd to one that is, then run it again"
        ) from None


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="repro")
def main() -> None:
    """Reproduce five papers on efficient human-pose estimation.

    Data goes to stdout, talk to stderr. Exit codes: 0 fine, 1 fault, 2 usage, 3 a check failed or a
    number is outside its tolerance, 4 data or weights missing; 130 after Ctrl-C, 143 when asked to
    end.
    """


for command in (
    tables.list_,
    tables.show_,
    tables.table,
    tables.ablation,
    figures.figure,
    tables.claims,
    tables.status,
    tables.why,
    tables.render,
    tables.verify,
    compare.compare,
    models.count,
    models.train,
    models.evaluate,
    models.predict,
    models.score,
    models.doctor,
    data.data,
    data.submit,
    bench.bench,
    timing.time_,
    timing.export,
    timing.layer_costs,
    measure.measure,
    measure.gate,
    search.search,
    weights.weights,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
