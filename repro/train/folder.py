"""The folder of one training: its log, the states it goes on from, and the weights that it
leaves."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from repro.console import talk
from repro.errors import MissingError, UsageError
from repro.train import distributed
from repro.train.checkpoint import load_state, load_weights, read_info, save_state, save_weights

STATE, BEFORE, WEIGHTS, LOG = (
    "state.safetensors",
    "state-before.safetensors",
    "weights.safetensors",
    "log.csv",
)


@dataclass(frozen=True)
class Folder:
    """What a training keeps.

    settings: plain values that the weights depend on. facts: other plain values that stand in every
    one of its files. usual: names of settings at their defaults, which older files may lack.
    """

    path: Path
    settings: Mapping[str, object]
    facts: Mapping[str, object]
    usual: frozenset[str] = frozenset()

    @property
    def about(self) -> dict[str, object]:
        """What stands in every file."""
        return {**self.facts, "settings": dict(self.settings)}

    @property
    def log(self) -> Path:
        """The losses of every step."""
        return self.path / LOG

    @property
    def weights(self) -> Path:
        """The weights of a finished training."""
        return self.path / WEIGHTS

    @property
    def states(self) -> tuple[Path, Path]:
        """The checkpoints, the newest first: one that is damaged has another behind it."""
        return self.path / STATE, self.path / BEFORE

    @property
    def kept(self) -> str:
        """What there is to go on from, in words."""
        state = next((path for path in self.states if path.exists()), None)
        return f"the last good checkpoint is {state}" if state else "no checkpoint was saved yet"

    def save(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        scaler: torch.amp.GradScaler,
        *,
        done: int,
    ) -> None:
        """Save a state after `done` steps; process 0 alone does."""
        if distributed.rank() == 0:
            newest, before = self.states
            if newest.exists():
                newest.replace(before)
            save_state(
                newest,
                model,
                optimizer,
                {**self.about, "step": done, "scaler": scaler.state_dict()},
            )

    def resume(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, scaler: torch.amp.GradScaler
    ) -> int:
        """Go back to the newest state that is whole; returns the steps done, 0 when there is none.

        Raises UsageError for a state of other settings, MissingError when there are states and all
        are damaged.
        """
        with suppress(OSError):  # where nothing may be removed, writing fails soon and says so
            for leftover in self.path.glob(f".{STATE}.*"):  # a killed training was writing it
                leftover.unlink()
        damage: MissingError | None = None
        for state in filter(Path.exists, self.states):
            try:
                self._check_settings(state)
                info = load_state(state, model, optimizer)
            except MissingError as fault:
                talk(f"{fault.message}; looking for the checkpoint before it")
                damage = damage or fault
                continue
            if info.get("scaler"):
                scaler.load_state_dict(info["scaler"])
            talk(f"going on after step {info['step']}, from {state}")
            return int(info["step"])
        if damage:
            raise MissingError(damage.message, f"remove {self.path} to start anew") from damage
        return 0

    def load(self, model: nn.Module) -> int:
        """Load the weights of a training that has finished; returns its steps, 0 when it has not.

        Raises UsageError for weights of other settings.
        """
        if not self.weights.exists():
            return 0
        self._check_settings(self.weights)
        model.eval()
        return int(load_weights(model, self.weights)["step"])

    def finish(self, model: nn.Module, *, steps: int) -> None:
        """Write the weights, then forget the states."""
        if distributed.rank() == 0:
            save_weights(self.weights, model, {**self.about, "step": steps})
            for state in self.states:
                state.unlink(missing_ok=True)
        distributed.wait()

    def _check_settings(self, path: Path) -> None:
        held, wanted = read_info(path).get("settings", {}), self.settings
        new = self.usual - {*held}  # what came later was so without being said
        known = {*held, *wanted} - new
        differing = sorted(name for name in known if held.get(name) != wanted.get(name))
        if differing:
            hint = f"choose another directory, or remove {path.parent}"
            raise UsageError(
                f"{path} belongs to a training with other settings: {', '.join(differing)} differ",
                hint,
            )
