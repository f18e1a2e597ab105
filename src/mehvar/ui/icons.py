"""Draw our own icons: strokes of 1.75 on a grid of 20, no fill unless the shape is the message."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS: dict[str, str] = {
    "add": '<path d="M10 4v12M4 10h12"/>',
    "alert": '<path d="M10 3 18 17H2Z"/><path d="M10 8v4M10 14.4v.1"/>',
    "arrow": '<path d="M4 10h12M11 5l5 5-5 5"/>',
    "attention": '<path d="M10 2.5 17.5 10 10 17.5 2.5 10Z"/><path d="M10 6.5v4M10 13.2v.1"/>',
    "axis": '<circle cx="10" cy="10" r="5.5"/><path d="M6.2 18 13.8 2"/><circle cx="10" cy="10" r="1.2" fill="currentColor" stroke="none"/>',
    "bell": '<path d="M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13Z"/><path d="M8.5 17.5h3"/>',
    "building": '<path d="M3 17.5V7l7-4 7 4v10.5M2 17.5h16M7 9v5M10 9v5M13 9v5"/>',
    "calendar": '<rect x="3" y="4.5" width="14" height="12.5" rx="1.5"/><path d="M3 8.5h14M7 2.5v3.5M13 2.5v3.5"/>',
    "chart": '<path d="M3 3v14h14M7 13.5V10M11 13.5V6M15 13.5V8.5"/>',
    "check": '<path d="m4 10.5 4 4 8-9"/>',
    "chevron": '<path d="m7.5 4.5 5.5 5.5-5.5 5.5"/>',
    "clock": '<circle cx="10" cy="10" r="7.25"/><path d="M10 5.5V10l3 2"/>',
    "close": '<path d="m5 5 10 10M15 5 5 15"/>',
    "closed": '<circle cx="10" cy="10" r="7.25"/><path d="M6.5 10h7"/>',
    "comment": '<path d="M3 4h14v10h-7l-4 3.5V14H3Z"/>',
    "copy": '<rect x="7" y="7" width="10" height="10" rx="1.5"/><path d="M13 7V3H3v10h4"/>',
    "delete": '<path d="M3.5 5.5h13M8 5V3h4v2M5.5 5.5l.8 12h7.4l.8-12M8.5 9v5M11.5 9v5"/>',
    "document": '<path d="M5 2.5h7l3.5 3.5v11.5H5Z"/><path d="M11.5 2.5v4h4M7.5 10.5h5.5M7.5 13.5h5.5"/>',
    "done": '<circle cx="10" cy="10" r="7.25"/><path d="m6.5 10.2 2.5 2.5 4.5-5"/>',
    "down": '<path d="M10 4v12M5 11l5 5 5-5"/>',
    "download": '<path d="M10 3v10M5.5 8.5 10 13l4.5-4.5M3.5 17h13"/>',
    "draft": '<circle cx="10" cy="10" r="7.25" stroke-dasharray="2.6 2.6"/>',
    "edit": '<path d="M4 16l.8-3.6L13.5 3.7l2.8 2.8-8.7 8.7Z"/><path d="m11.5 5.7 2.8 2.8"/>',
    "external": '<path d="M8 4H4v12h12v-4M11 3.5h5.5V9M16 4l-7 7"/>',
    "eye": '<path d="M2 10c2-3.7 4.7-5.5 8-5.5s6 1.8 8 5.5c-2 3.7-4.7 5.5-8 5.5S4 13.7 2 10Z"/><circle cx="10" cy="10" r="2.4"/>',
    "filter": '<path d="M3 4.5h14L12 10.7V16l-4 1.5v-6.8Z"/>',
    "flag": '<path d="M5 18V3h10.5l-2.2 3.7 2.2 3.8H5"/>',
    "gavel": '<path d="m8 4 6 6M6 6l6 6M10 3l-5 5M15 8.8l-5 5M9 11l-6 6M11 17.5h6.5"/>',
    "globe": '<circle cx="10" cy="10" r="7.25"/><path d="M2.8 10h14.4M10 2.8c4.4 4.4 4.4 10 0 14.4M10 2.8c-4.4 4.4-4.4 10 0 14.4"/>',
    "help": '<circle cx="10" cy="10" r="7.25"/><path d="M7.8 8a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.8M10 14v.1"/>',
    "history": '<path d="M3 10a7 7 0 1 0 2.2-5.1L3 7"/><path d="M3 3v4h4M10 6.5V10l2.5 1.8"/>',
    "home": '<path d="M3 9.5 10 3.5l7 6M5 8.5V17h10V8.5M8.5 17v-5h3v5"/>',
    "inbox": '<path d="M3 11 5.5 4h9L17 11v5.5H3Z"/><path d="M3 11h4l1 2h4l1-2h4"/>',
    "info": '<circle cx="10" cy="10" r="7.25"/><path d="M10 9v4.5M10 6.4v.1"/>',
    "key": '<circle cx="7" cy="13" r="3.5"/><path d="m9.5 10.5 7-7M13.5 6.5l2.5 2.5"/>',
    "late": '<circle cx="10" cy="10" r="7.25"/><path d="m6.3 10.2 2.3 2.3 3.2-3.7M14.2 8.2v4.3"/>',
    "link": '<path d="M8.5 11.5a3.2 3.2 0 0 0 4.6 0l3-3a3.2 3.2 0 0 0-4.6-4.6L10 5.4M11.5 8.5a3.2 3.2 0 0 0-4.6 0l-3 3a3.2 3.2 0 0 0 4.6 4.6L10 14.6"/>',
    "list": '<path d="M7.5 5H17M7.5 10H17M7.5 15H17M3.5 5h.1M3.5 10h.1M3.5 15h.1"/>',
    "lock": '<rect x="4" y="9" width="12" height="8.5" rx="1.5"/><path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9"/>',
    "mail": '<rect x="2.5" y="4.5" width="15" height="11.5" rx="1.5"/><path d="m3 6 7 5 7-5"/>',
    "map": '<path d="M3 5.5 7.5 3.5l5 2 4.5-2v11l-4.5 2-5-2-4.5 2ZM7.5 3.5v11M12.5 5.5v11"/>',
    "measure": '<path d="M3 5h9M3 10h14M3 15h6"/><circle cx="15.5" cy="5" r="1.5"/><circle cx="12.5" cy="15" r="1.5"/>',
    "menu": '<path d="M3 5.5h14M3 10h14M3 14.5h14"/>',
    "missing": '<rect x="3" y="3" width="14" height="14" rx="1.5"/><path d="m3.5 9 5.5-5.5M3.5 16.5l13-13M11 16.5l5.5-5.5"/>',
    "moon": '<path d="M16.5 12A7 7 0 0 1 8 3.5 7 7 0 1 0 16.5 12Z"/>',
    "neutral": '<circle cx="10" cy="10" r="3"/>',
    "open": '<circle cx="10" cy="10" r="7.25"/><path d="M10 10V2.75A7.25 7.25 0 0 1 17.25 10Z" fill="currentColor" stroke="none"/>',
    "overdue": '<path d="M6.6 2.5h6.8l4.1 4.1v6.8l-4.1 4.1H6.6l-4.1-4.1V6.6Z"/><path d="M10 6v5M10 13.8v.1"/>',
    "pause": '<path d="M7 4.5v11M13 4.5v11"/>',
    "play": '<path d="M6 3.5v13L16.5 10Z"/>',
    "print": '<path d="M6 7V3h8v4M6 13.5H3V7h14v6.5h-3"/><rect x="6" y="11.5" width="8" height="6"/>',
    "seal": '<circle cx="10" cy="8.5" r="5.75"/><path d="m7.5 8.6 1.8 1.8 3.2-3.7M6.7 13.5 5.5 18l4.5-1.8 4.5 1.8-1.2-4.5"/>',
    "search": '<circle cx="9" cy="9" r="5.5"/><path d="m13 13 4 4"/>',
    "send": '<path d="M2.5 9.5 17.5 3l-4.5 14-3.5-5.5ZM9.5 11.5l8-8.5"/>',
    "settings": '<path d="M3 6h6M13 6h4M3 14h3M10 14h7"/><circle cx="11" cy="6" r="2"/><circle cx="8" cy="14" r="2"/>',
    "sign": '<path d="M3 16.5h14M4.5 12.5c3-8 5.5-9.5 6.2-8 .8 1.8-3.6 8-2.2 8.4 1.2.3 2.2-3.4 3.4-3.2 1 .2 0 2.8 1.2 3 .9.2 1.6-.8 2.4-1.7"/>',
    "sort": '<path d="M7 3.5v13M3.8 13.3 7 16.5l3.2-3.2M13 16.5v-13M9.8 6.7 13 3.5l3.2 3.2"/>',
    "special": '<path d="m10 2.8 2.2 4.6 5 .7-3.6 3.5.9 5-4.5-2.4-4.5 2.4.9-5L2.8 8.1l5-.7Z"/>',
    "sun": '<circle cx="10" cy="10" r="3.5"/><path d="M10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M15.7 4.3l-1.4 1.4M5.7 14.3l-1.4 1.4"/>',
    "table": '<rect x="3" y="3.5" width="14" height="13" rx="1.5"/><path d="M3 8h14M3 12.2h14M8 8v8.5"/>',
    "undo": '<path d="M4 8h8.5a4 4 0 0 1 0 8.5H8M7.5 4 3.5 8l4 4"/>',
    "up": '<path d="M10 16V4M5 9l5-5 5 5"/>',
    "upload": '<path d="M10 13V3M5.5 7.5 10 3l4.5 4.5M3.5 17h13"/>',
    "user": '<circle cx="10" cy="6.5" r="3.5"/><path d="M3.5 17.5c.5-4 3-6 6.5-6s6 2 6.5 6"/>',
    "users": '<circle cx="7.5" cy="7" r="3"/><path d="M2 16.5c.4-3.5 2.5-5 5.5-5s5.1 1.5 5.5 5M12.5 4.3a3 3 0 0 1 0 5.4M14.8 12c1.9.7 3 2.2 3.2 4.5"/>',
}
_MIRRORED = frozenset({"arrow", "chevron", "send", "undo", "external", "signout", "list", "measure"})
ICONS["signout"] = '<path d="M11 3H4v14h7M8.5 10H17M13.5 6.5 17 10l-3.5 3.5"/>'


def icon(name: str, label: str = "") -> SafeString:
    """Return an inline SVG; decorative (hidden from readers) unless `label` names it.

    Raises:
        KeyError: the name is not in `ICONS`.
    """
    mirrored = " icon-mirrored" if name in _MIRRORED else ""
    drawing = mark_safe(ICONS[name])
    start = '<svg class="icon{}" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor"'
    strokes = ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" focusable="false"'
    if label:
        return format_html(start + strokes + ' role="img" aria-label="{}">{}</svg>', mirrored, label, drawing)
    return format_html(start + strokes + ' aria-hidden="true">{}</svg>', mirrored, drawing)
