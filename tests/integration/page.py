# SPDX-License-Identifier: BSD-2-Clause
"""The page of dmports report, taken apart: is it well-formed, do its links lead somewhere,
does it fetch anything, can its colours be read?"""
import re
from html.parser import HTMLParser

VOID = ("meta", "br")
STATES = range(1, 9)


class Page(HTMLParser):
    """elements: (tag, attributes, text) in the order of their end; faults: what is wrong."""

    def __init__(self, text):
        super().__init__()
        self.source = text
        self.faults = []
        self.open_tags = []
        self.elements = []
        self.rows = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag, _, _ in self.open_tags]
        self.check_links()
        self.check_nothing_fetched()
        self.check_tables()

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        if any(name.startswith("on") or name in ("src", "style") for name in names):
            self.faults.append(f"<{tag}> has {names}")
        self.open_tags.append((tag, dict(attrs), []))
        for outer, attributes, _ in self.open_tags[:-1]:
            if outer == "tr" and "id" in attributes:
                self.rows.append((attributes["id"], tag, dict(attrs)))
        if tag in VOID:
            self.handle_endtag(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open_tags or self.open_tags[-1][0] != tag:
            self.faults.append(f"</{tag}> within {self.open_tags[-1:]}")
            return
        tag, attributes, text = self.open_tags.pop()
        self.elements.append((tag, attributes, "".join(text)))

    def handle_data(self, data):
        for _, _, text in self.open_tags:
            text.append(data)

    def all(self, tag, **wanted):
        wanted = {name.rstrip("_"): value for name, value in wanted.items()}
        return [(attributes, text) for found, attributes, text in self.elements
                if found == tag and wanted.items() <= attributes.items()]

    def inside(self, tag, row, **wanted):
        """What is inside of a <tr> with an id."""
        wanted = {name.rstrip("_"): value for name, value in wanted.items()}
        return [(attributes, None) for at, found, attributes in self.rows
                if at == row["id"] and found == tag and
                wanted.items() <= attributes.items()]

    def check_links(self):
        ids = [a["id"] for _, a, _ in self.elements if "id" in a]
        self.faults += [f"id {i} twice" for i in set(ids) if ids.count(i) > 1]
        for _, attributes, _ in self.elements:
            href = attributes.get("href")
            if href is not None and (href[:1] != "#" or href[1:] not in ids):
                self.faults.append(f"{href} leads nowhere")
            for label in attributes.get("aria-labelledby", "").split():
                if label not in ids:
                    self.faults.append(f"no label {label}")

    def check_nothing_fetched(self):
        for word in ("http:", "https:", "//", "url(", "@import", "<script", "<link", "<img",
                     "<iframe", "<object", "javascript:"):
            if word in self.source:
                self.faults.append(f"the page has {word}")
        if not self.source.isascii():
            self.faults.append("the page is not ASCII")

    def check_tables(self):
        for attributes, _ in self.all("th"):
            if attributes.get("scope") not in ("col", "row", "rowgroup"):
                self.faults.append("a <th> without scope")
        for attributes, _ in self.all("svg"):
            if attributes.get("role") != "img" or not attributes.get("aria-label"):
                self.faults.append("a drawing without a label")

    # --- colours ---

    def colours(self):
        """The variables of the light and of the dark scheme."""
        blocks = re.findall(r":root\{(.*?)\}", self.source, re.S)
        schemes = [dict(re.findall(r"--([\w-]+):(#[0-9a-f]{6})", block)) for block in blocks]
        assert len(schemes) == 2 and schemes[0].keys() == schemes[1].keys(), schemes
        return schemes

    def contrasts(self):
        """(scheme, text colour, ground, ratio, the least that can be read)."""
        pairs = [(f"f{n}", f"b{n}", 4.5) for n in STATES]
        pairs += [(ink, ground, 4.5) for ink in ("ink", "muted", "link")
                  for ground in ("bg", "card", "head")]
        pairs += [("call", "card", 4.5), ("call", "bg", 4.5), ("alarm-fg", "alarm-bg", 4.5)]
        # What is drawn, WCAG 1.4.11; notApplicable and unknown are meant to step back.
        pairs += [(f"m{n}", "card", 3.0) for n in (2, 4, 5, 6, 7)]
        for name, scheme in zip(("light", "dark"), self.colours()):
            for ink, ground, least in pairs:
                yield name, ink, ground, ratio(scheme[ink], scheme[ground]), least


def luminance(colour):
    """WCAG 2.1, relative luminance."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
