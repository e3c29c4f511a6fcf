"""Markdown and HTML to the plain Markdown that articles are kept in: headings, lists and tables
stay; menus, scripts, comments, hidden text and inline markup go."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Comment, Tag
from markdownify import markdownify

_FURNITURE = ["script", "style", "noscript", "template", "iframe", "svg", "canvas", "object"]
_FURNITURE += ["nav", "aside", "form", "button", "input", "select", "textarea", "dialog", "menu"]
_PAGE_FURNITURE = ("header", "footer")
_FURNITURE_ROLES = {"navigation", "banner", "contentinfo", "search", "dialog", "complementary"}
_FURNITURE_NAMES = re.compile(
    r"(^|[-_\s])(nav|navbar|menu|breadcrumbs?|cookies?|footer|sidebar|subscribe|share|social|"
    r"related|comments?|banner|popup|modal|advert\w*)($|[-_\s])",
    re.IGNORECASE,
)

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCED = re.compile(r"(^```.*?^```[^\n]*$|^~~~.*?^~~~[^\n]*$)", re.DOTALL | re.MULTILINE)
# Lengths are bounded: without, 20,000 brackets in a row take seconds.
_IMAGE = re.compile(r"!\[([^\[\]]{0,300})\]\([^()\n]{0,500}\)")
_LINK = re.compile(
    r"\[([^\[\]\n]{1,300}(?:\n[^\[\]\n]{1,300})?)\]"
    r"\([ \t\n]{0,3}<?([^)\s>]{0,2000})>?(?:\s{1,3}\"[^\"\n]{0,300}\")?[ \t]{0,3}\)"
)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+)>")
_EMPHASIS = re.compile(
    r"(?<![\w*\\])(\*{1,3}|_{1,3})(?=[^\s*_])([^*\n]{1,300}?)(?<=[^\s\\])\1(?![\w*])"
)
_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,200}>")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^(=+|-+)\s*$")
_WRAPPED_HEADING_CHARACTERS = 60


def clean_markdown(text: str, *, has_tags: bool = True) -> str:
    """Markdown without comments, images, tags, emphasis marks and link targets in brackets; what
    stands between code fences stays as it is."""
    text = _COMMENT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    stretches = _FENCED.split(text)
    stretches[::2] = [_clean_inline(stretch, has_tags=has_tags) for stretch in stretches[::2]]
    text = "".join(stretches)
    lines = _join_headings([line.rstrip() for line in text.split("\n")])
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _clean_inline(text: str, *, has_tags: bool) -> str:
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(_link_as_text, text)
    text = _AUTOLINK.sub(lambda match: match[1].removeprefix("mailto:"), text)
    if has_tags:
        text = _TAG.sub("", text)
    text = _EMPHASIS.sub(r"\2", text)
    return re.sub(r"\\([\\`*_{}\[\]()#+.!|<>-])", r"\1", text)


def _link_as_text(match: re.Match[str]) -> str:
    words, target = " ".join(match[1].split()), match[2]
    if not target.startswith(("http://", "https://")) or words in target or target in words:
        return target if target.startswith("http") and words in target else words
    return f"{words} ({target})"


def _join_headings(lines: list[str]) -> list[str]:
    """Underlined headings become `#` ones; headings that an exporter wrapped become one line."""
    joined: list[str] = []
    for index, line in enumerate(lines):
        before = joined[-1] if joined else ""
        after = lines[index + 1].strip() if index + 1 < len(lines) else ""
        if _UNDERLINE.match(line) and before.strip() and _is_plain(before) and len(line) > 2:
            joined[-1] = ("# " if line.startswith("=") else "## ") + before.strip()
        elif _is_cut_heading(before) and line.strip() and _is_plain(line) and not after:
            joined[-1] = f"{before} {line.strip()}"
        else:
            joined.append(line)
    return joined


def _is_plain(line: str) -> bool:
    return not line.lstrip().startswith(("#", "-", "*", "|", ">", "`"))


def _is_cut_heading(line: str) -> bool:
    heading = _HEADING.match(line)
    return (
        bool(heading) and len(line) >= _WRAPPED_HEADING_CHARACTERS and not line.endswith(("?", "."))
    )


def first_heading(text: str) -> str | None:
    """The first heading of the highest kind, if the text has one."""
    headings = [match for line in text.split("\n") if (match := _HEADING.match(line))]
    return min(headings, key=lambda match: len(match[1]))[2] if headings else None


def html_to_markdown(html: str | bytes) -> tuple[str, dict[str, str]]:
    """The page's own text as Markdown, and what its head says: `title`, `lang`, `url`."""
    soup = BeautifulSoup(html, "lxml")
    fields = _head_fields(soup)
    articles = soup.find_all("article")
    body = soup.find("main") or soup.find(role="main")
    if body is None and len(articles) == 1:
        body = articles[0]
    root = body if isinstance(body, Tag) else soup.body or soup
    _remove_furniture(root, whole_page=root.name not in ("main", "article"))
    heading = root.find("h1")
    if isinstance(heading, Tag) and heading.get_text(strip=True):
        fields["title"] = " ".join(heading.get_text(" ", strip=True).split())
    markdown = markdownify(str(root), heading_style="ATX", bullets="-", escape_asterisks=False)
    return clean_markdown(str(markdown), has_tags=False), fields


def _head_fields(soup: BeautifulSoup) -> dict[str, str]:
    fields = {}
    if soup.title and soup.title.get_text(strip=True):
        fields["title"] = " ".join(soup.title.get_text(" ", strip=True).split())
    html = soup.find("html")
    if isinstance(html, Tag) and html.get("lang"):
        fields["lang"] = str(html["lang"]).split("-")[0].lower()
    canonical = soup.find("link", rel="canonical")
    if isinstance(canonical, Tag) and str(canonical.get("href", "")).startswith("http"):
        fields["url"] = str(canonical["href"])
    return fields


def _remove_furniture(root: Tag, *, whole_page: bool) -> None:
    for comment in root.find_all(string=lambda piece: isinstance(piece, Comment)):
        comment.extract()
    names = [*_FURNITURE, *(_PAGE_FURNITURE if whole_page else ())]
    for tag in root.find_all(True):
        if not tag.decomposed and (tag.name in names or _is_furniture(tag)):
            tag.decompose()


def _is_furniture(tag: Tag) -> bool:
    if tag.get("role") in _FURNITURE_ROLES or tag.has_attr("hidden"):
        return True
    if tag.get("aria-hidden") == "true":
        return True
    style = str(tag.get("style", "")).replace(" ", "").lower()
    if "display:none" in style or "visibility:hidden" in style:
        return True
    classes: object = tag.get("class") or []
    names = " ".join(
        [*(classes if isinstance(classes, list) else [classes]), str(tag.get("id", ""))]
    )
    return tag.name in ("div", "section", "ul", "p") and bool(_FURNITURE_NAMES.search(names))
