"""The papers' tasks by name."""

from typing import Any

from repro.tasks.bottom_up import BottomUp
from repro.tasks.classification import Classification
from repro.tasks.crop import SinglePerson, TopDown
from repro.tasks.task import Task
from repro.tasks.three_pass import ThreePass

AnyTask = Task[Any, Any, Any, Any, Any]
"""A task of whatever examples and observations: by name, nobody knows which."""

TASKS: dict[str, AnyTask] = {
    task.name: task
    for task in (BottomUp(), SinglePerson(), ThreePass(), TopDown(), Classification())
}
