"""Checks a document by `docs/test-cache.junit.xsd`, as far as that schema goes: which elements in
which order, how often, which attributes, of which simple type."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import Element, parse

XSD = Path(__file__).parents[4] / "docs" / "test-cache.junit.xsd"
XS = "{http://www.w3.org/2001/XMLSchema}"
SIMPLE = {"xs:string": ".*", "xs:nonNegativeInteger": "[0-9]+"}


class Form:
    def __init__(self) -> None:
        root = parse(XSD).getroot()
        self._types = {one.get("name"): one for one in root.findall(f"{XS}complexType")}
        self._patterns = dict(SIMPLE)
        for simple in root.findall(f"{XS}simpleType"):
            pattern = simple.find(f"{XS}restriction/{XS}pattern")
            assert pattern is not None
            self._patterns[simple.get("name", "")] = pattern.get("value", "")
        self._elements = {one.get("name"): one for one in root.findall(f"{XS}element")}

    def check(self, document: Element) -> None:
        self._check(document, self._elements[document.tag])

    def _check(self, seen: Element, declared: Element) -> None:
        named = declared.get("type")
        if named is not None and named in self._patterns:
            assert not seen.attrib, seen.tag
            assert not len(seen), seen.tag
            return
        kind = self._types[named] if named is not None else declared.find(f"{XS}complexType")
        assert kind is not None
        self._check_attributes(seen, kind)
        if kind.get("mixed") != "true":
            assert not (seen.text or "").strip(), seen.tag
        children = list(seen)
        for group in (*kind.findall(f"{XS}sequence"), *kind.findall(f"{XS}choice")):
            if group.tag == f"{XS}choice":
                assert len(children) <= 1
                options = {one.get("name"): one for one in group}
                for child in children:
                    self._check(child, options[child.tag])
                return
            for part in group:
                children = self._taken(part, children)
        assert not children, f"{children[0].tag} in {seen.tag}"

    def _taken(self, part: Element, children: list[Element]) -> list[Element]:
        """What is left after the leading children that are of this part of a sequence."""
        name, most = part.get("ref"), part.get("maxOccurs", "1")
        number = 0
        while number < len(children) and children[number].tag == name:
            self._check(children[number], self._elements[name])
            number += 1
        assert number >= int(part.get("minOccurs", "1")), name
        assert most == "unbounded" or number <= int(most), name
        return children[number:]

    def _check_attributes(self, seen: Element, kind: Element) -> None:
        declared = {one.get("name"): one for one in kind.findall(f"{XS}attribute")}
        wanted = {name for name, one in declared.items() if one.get("use") == "required"}
        assert wanted <= seen.attrib.keys() <= declared.keys(), seen.tag
        for name, value in seen.attrib.items():
            pattern = self._patterns[declared[name].get("type", "")]
            assert re.fullmatch(pattern, value, re.DOTALL), f"{seen.tag}/@{name}: {value}"
