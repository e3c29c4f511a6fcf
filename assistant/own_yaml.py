"""YAML that people who run the support edit: whatever is wrong in it is told by file and line."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import SettingsError


class _Loader(yaml.SafeLoader):
    """Refuses a field that stands twice, of which YAML silently keeps the last. What looks like a
    date and is none (2027-13-01) stays text, so that whoever reads the field can name it."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"{key.value!r} stands here a second time", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _date_or_text(loader: _Loader, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return str(node.value)


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date_or_text)


def read_own(path: Path, error: type[SettingsError]) -> object:
    """What a file holds. Raises `error` naming the file, and the line where it is not YAML."""
    try:
        return yaml.load(path.read_bytes().decode("utf-8-sig"), _Loader)  # noqa: S506 - a SafeLoader
    except OSError as problem:
        raise error(f"{path} cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise error(f"{path} is not UTF-8") from problem
    except RecursionError as problem:
        raise error(f"{path} is nested too deeply") from problem
    except ValueError as problem:  # a number that is none
        raise error(f"{path}: a number makes no sense ({problem})") from problem
    except yaml.YAMLError as problem:
        mark, what = getattr(problem, "problem_mark", None), getattr(problem, "problem", None)
        line = f":{mark.line + 1}" if mark else ""
        raise error(f"{path}{line}: not YAML ({what or problem})") from problem
