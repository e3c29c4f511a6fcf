"""`souffleur serve`."""

from __future__ import annotations

import ipaddress
import logging
from pathlib import Path
from typing import Any

import click

from assistant.command_options import data_dir_option, settings_for
from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings

_LOG_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
_PLAIN_LOGGERS = frozenset({"souffleur.requests", "assistant.pipeline"})
"""A line or two of each request, made of names, numbers and ids of ours: not worth the time."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@data_dir_option
def serve(host: str, port: int, workers: int, data_dir: Path | None) -> None:
    """Serve the HTTP API, the widget's demo page at / and the operator console at /console."""
    import uvicorn  # noqa: PLC0415 - only when serving

    settings = settings_for(data_dir)
    _refuse_open_doors(settings, host)
    _log_without_personal_data(settings)
    # Without a configuration of its own uvicorn's lines go where all others go: past the masker.
    options: dict[str, Any] = {"host": host, "port": port, "access_log": False, "log_config": None}
    options |= _proxies(settings)
    if workers == 1:
        from api.app import create_app  # noqa: PLC0415

        uvicorn.run(create_app(settings), **options)
        return
    _hand_on(settings, workers)
    uvicorn.run("api.commands:application", factory=True, workers=workers, **options)


def _proxies(settings: Settings) -> dict[str, Any]:
    """Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Uvicorn would believe whoever
    is on this machine, and so let him choose the address that sign-ins are counted by."""
    trusted = settings.trusted_proxies
    return {"proxy_headers": bool(trusted), "forwarded_allow_ips": trusted or "127.0.0.1"}


def application() -> Any:
    """The application for a worker process, from the environment alone."""
    from api.app import create_app  # noqa: PLC0415

    settings = load_settings()
    _log_without_personal_data(settings)
    return create_app(settings)


def _log_without_personal_data(settings: Settings) -> None:
    from assistant.privacy.logs import MaskingFormatter  # noqa: PLC0415 - only when serving
    from assistant.privacy.masker import Masker  # noqa: PLC0415

    handler = logging.StreamHandler()
    masker = Masker(settings.order_number_patterns)
    handler.setFormatter(MaskingFormatter(_LOG_LINE, masker, _PLAIN_LOGGERS))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # It writes whole addresses, and those of webhooks may hold a secret.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _hand_on(settings: Settings, workers: int) -> None:
    """Workers read the environment: what the command line said must stand there."""
    import os  # noqa: PLC0415

    os.environ["SOUFFLEUR_DATA_DIR"] = str(settings.data_dir.absolute())
    os.environ["SOUFFLEUR_WORKERS"] = str(workers)


def _refuse_open_doors(settings: Settings, host: str) -> None:
    """Without keys everybody may do everything, so only this machine may ask."""
    if settings.keys:
        return
    if not _is_loopback(host):
        raise SettingsError(
            f"no SOUFFLEUR_API_KEYS are set, so the service may not listen on {host}: "
            "set keys (widget:…,operator:…,admin:…) or listen on 127.0.0.1"
        )
    click.echo(
        "No API keys are set: listening on this machine only, and every caller may do everything.",
        err=True,
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
