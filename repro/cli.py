"""The `repro` command: the list of its commands, and faults as one line and an exit code."""

import os
from typing import Any

import click

from repro import cli_bench, cli_data, cli_models, cli_tables, cli_timing
from repro.console import complain
from repro.errors import ReproError

# torch's threads spin while they wait; beside any other busy process that made a training 6 to 10 times slower
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


class Commands(click.Group):
    """Turns the suite's own faults into one line on stderr and their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a bug keeps its traceback."""
        try:
            return super().invoke(ctx)
        except ReproError as fault:
            complain(fault)
            ctx.exit(fault.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="repro")
def main() -> None:
    """Reproduce five papers on efficient human-pose estimation.

    Data goes to stdout, talk to stderr. Exit codes: 0 fine, 1 fault, 2 usage, 3 a check failed or a number is
    outside its tolerance, 4 data or weights missing.
    """


for command in (
    cli_tables.list_, cli_tables.show, cli_tables.table, cli_tables.ablation, cli_tables.figure, cli_tables.claims,
    cli_tables.status, cli_tables.why, cli_tables.render, cli_tables.verify, cli_models.count, cli_models.train,
    cli_models.evaluate, cli_models.predict, cli_models.score, cli_models.doctor, cli_data.data, cli_data.submit,
    cli_bench.bench, cli_timing.time_, cli_timing.export,
):  # fmt: skip
    main.add_command(command)

if __name__ == "__main__":
    main()
