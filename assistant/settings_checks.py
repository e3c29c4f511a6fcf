"""What a setting's text means, and what is wrong with it: no state, no environment."""

from __future__ import annotations

import ipaddress
import re
from datetime import time
from urllib.parse import urlsplit

ROLES = ("widget", "operator", "admin")
CRM_PLACES = ("customer_id", "channel")
CRM_PLACE = re.compile(r"\{([^{}]*)\}")
MOST_CRM_FIELDS = 30


def parse_hours(value: str) -> tuple[time, time]:
    """`09:00-21:00` as two times. Raises ValueError."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in value.split("-"))
    except ValueError as error:
        raise ValueError(f"{value!r} is not a span of hours; write it as 09:00-21:00") from error
    return start, end


def split_list(value: str) -> list[str]:
    """The parts between commas that are not empty."""
    return [part.strip() for part in value.split(",") if part.strip()]


def split_patterns(value: str) -> tuple[str, ...]:
    """Regular expressions, one a line or separated by ` ; `."""
    return tuple(part.strip() for part in re.split(r"\n|\s;\s", value) if part.strip())


def parse_keys(value: str) -> dict[str, str]:
    """`role:KEY,role:KEY` as the role by the key. Raises ValueError without showing a key."""
    keys: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in value.split(","))):
        role, _, key = item.partition(":")
        if role not in ROLES or len(key) < 8:
            raise ValueError(
                "API_KEYS is a list like widget:KEY,operator:KEY,admin:KEY; "
                "a key has at least 8 characters"
            )
        if keys.setdefault(key, role) != role:
            raise ValueError("API_KEYS gives two roles to one key")
    return keys


def is_web_address(url: str) -> bool:
    """Whether something can be posted to it: http or https, without a password, with a port that
    there can be."""
    if re.fullmatch(r"https?://[^\s/@?#]+([/?][^\s#]*)?", url) is None:
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # no number, one above 65535, or half of an IPv6 address
        return False


def parse_hooks(value: str) -> dict[str, str]:
    """`channel=ADDRESS,channel=ADDRESS` as the address by the channel. Raises ValueError."""
    hooks: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in value.split(","))):
        name, _, url = item.partition("=")
        if not re.fullmatch(r"[a-z0-9_-]{1,32}", name) or not is_web_address(url):
            raise ValueError(
                "CHANNEL_HOOKS is a list like telegram=https://HOST/PATH,webim=https://HOST/PATH, "
                "without passwords"
            )
        if name in hooks:
            raise ValueError(f"CHANNEL_HOOKS names {name} twice")
        hooks[name] = url
    return hooks


def is_header_text(value: str) -> bool:
    """Whether a secret can be sent in a header as it is."""
    return all("!" <= char <= "~" for char in value)


def check_crm_address(template: str) -> str:
    """The template itself. Raises ValueError saying what is wrong with it."""
    places = CRM_PLACE.findall(template)
    unknown = [place for place in places if place not in CRM_PLACES]
    if unknown or "customer_id" not in places:
        raise ValueError("it needs {customer_id}, may have {channel}, and no other place in braces")
    filled = CRM_PLACE.sub("x", template)
    if not is_web_address(filled) or "{" in filled or "}" in filled:
        raise ValueError(
            "it is no address; write it as https://HOST/customers/{customer_id}, without a password"
        )
    if CRM_PLACE.search(urlsplit(template).netloc):
        raise ValueError("the host must not depend on the customer")
    parts = urlsplit(filled)
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise ValueError("customers' data need https; plain http is only for this machine itself")
    return template


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def parse_crm_fields(value: str) -> dict[str, str]:
    """`label=path, label=path` as a mapping; empty for an empty text.

    Raises ValueError for a part without a label or a path, or a label that comes twice.
    """
    fields: dict[str, str] = {}
    for part in filter(None, (item.strip() for item in value.split(","))):
        label, _, path = (side.strip() for side in part.partition("="))
        if not label or not path or any(not step for step in path.split(".")):
            raise ValueError(f"{part!r} is no field; write City=address.city, Tier=tier")
        if label in fields:
            raise ValueError(f"the label {label!r} comes twice")
        fields[label] = path
    if len(fields) > MOST_CRM_FIELDS:
        raise ValueError(f"there are {len(fields)} fields; at most {MOST_CRM_FIELDS} are shown")
    return fields
