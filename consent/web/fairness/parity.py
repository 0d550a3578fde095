"""
What a layer must have, whoever wrote its template: equal buttons, and nothing left out.

The rendered layer is parsed as a browser parses it and held against what the law wants of
it (requirements FL-01, FL-02, FL-05, FL-06, FL-09, FL-16, FL-17, FL-20, and what
:mod:`consent.web.fairness.mandatory` names). What a style sheet does to the buttons is not seen
here; ``flask consent check --style`` measures that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from justhtml import Element, Node

from consent.errors import Problem
from consent.policy.phrases import empty, own_wording
from consent.policy.wording import Say
from consent.web.fairness.foreign import foreign
from consent.web.fairness.mandatory import mandatory
from consent.web.fairness.tree import above, every, hidden, look, parse, plain, skeleton, tag, words

#: Which decisions each layer offers: exactly these, once each.
_DECISIONS = {
    "banner": ("reject", "accept"),
    "settings": ("reject", "save", "accept"),
    "placeholder": ("once", "allow"),
    "link": (),
}

#: What makes a button another one than its text says, or none at all.
_ODD = ("disabled", "tabindex", "title", "aria-label", "aria-labelledby", "aria-disabled")
_ODDLY = ("command", "form", "popover")

#: Place, what was found, what was wanted, and a hint if there is one.
Found = tuple[str, str, str] | tuple[str, str, str, str]

_IN_TEXTS = "words are changed in the policy file, under texts, not in the template"
_UNEQUAL = "a difference belongs to neither button; style both by their common class"


@dataclass(frozen=True, slots=True)
class Trial:
    """One layer, rendered for one language and situation."""

    layer: str
    html: str
    facts: Mapping[str, Any]  #: the notice's
    say: Say
    addresses: Mapping[str, str]
    fields: Mapping[str, list[str]]  #: what its form must hand on
    situation: Mapping[str, Any]  #: what else it was rendered with

    @property
    def language(self) -> str:
        """The language it is written in."""
        return str(self.facts["language"])


def problems(trial: Trial) -> list[Problem]:
    """Return everything that is wrong with a rendered layer."""
    tree = parse(trial.html)
    asks = (_form, _buttons, _pressed)
    tells = (_links, _statements)
    checks: dict[str, tuple[Callable[[Trial, Node], Iterable[Found]], ...]] = {
        "banner": (_root, *asks, _equal, _labels, *tells, _neutral),
        "settings": (_root, *asks, _equal, _labels, _boxes, _way_out, *tells),
        "placeholder": (*asks, *tells),
        "link": (*asks, _links) if trial.situation.get("granted") else (_links,),
    }
    found = [one for check in checks[trial.layer] for one in check(trial, tree)]
    return [
        Problem(f"{trial.language}, {place}", *rest) for place, *rest in (*foreign(tree), *found)
    ]


def _root(trial: Trial, tree: Node) -> Iterator[Found]:
    roots = every(tree, f'[data-consent-layer="{trial.layer}"]')
    if len(roots) != 1:
        hint = "begin with our element, or with {% extends %} of our template"
        wanted = f'exactly one with data-consent-layer="{trial.layer}"'
        yield "root", f"{len(roots) or 'no'} elements", wanted, hint
        return
    root = roots[0]
    if trial.layer == "banner":
        if root.attrs.get("id") != "consent":
            yield "root", f"id {root.attrs.get('id') or 'nothing'!r}", 'id="consent"'
        if not every(root, f'[id="{root.attrs.get("aria-labelledby")}"]'):
            yield "root", "no name", "aria-labelledby with the id of the heading"
    if root.attrs.get("lang") != trial.language:
        wanted = f'lang="{trial.language}"'
        yield "root", f"lang {root.attrs.get('lang') or 'nothing'!r}", wanted
    if hidden(root):
        yield "root", f"{hidden(root)} at {tag(root)}", "a layer that is shown"
    for node in tree.children or ():
        if node is not root and (isinstance(node, Element) or words(node)):
            yield "layer", f"{tag(node)} beside the root", "everything inside the root"


def _in(node: Element, name: str) -> bool:
    return any(around.name == name for around in above(node))


def _row(values: Iterable[str | None]) -> str:
    return ", ".join(str(value) for value in values) or "nothing"


def _form(trial: Trial, tree: Node) -> Iterator[Found]:
    forms = every(tree, "form")
    if len(forms) != 1:
        yield "form", f"{len(forms) or 'no'} forms", "exactly one: nothing else is asked here"
        return
    attributes = forms[0].attrs
    for name, wanted in (("method", "post"), ("action", trial.addresses["choice_url"])):
        if attributes.get(name) != wanted:
            yield "form", f"{name} {attributes.get(name) or 'nothing'!r}", f'{name}="{wanted}"'
    if "data-consent-form" not in attributes or not attributes.get("data-error"):
        wanted = "data-consent-form, and data-error with the text for a failed request"
        yield "form", f"attributes {', '.join(attributes)}", wanted
    for name, values in trial.fields.items():
        found = [node.attrs.get("value") for node in every(forms[0], f'input[name="{name}"]')]
        if found != values:
            right = {"notice": ["{{ notice_hash }}"], "next": ["{{ next }}"]}.get(name, values)
            yield f"field {name}", _row(found), _row(right)
    allowed = {*trial.fields, *(("service",) if trial.layer == "settings" else ())}
    for node in every(tree, "input, select, textarea"):
        if node.attrs.get("name") not in allowed and not _is_whole(trial, node):
            yield "form", tag(node), "no field that is not part of the decision"


def _is_whole(trial: Trial, node: Element) -> bool:
    """Tell whether *node* is the box for a whole purpose: without a name, so it is not sent."""
    is_box = "data-consent-all" in node.attrs and node.attrs.get("type") == "checkbox"
    return trial.layer == "settings" and is_box and not {"name", "checked"} & node.attrs.keys()


def _buttons(trial: Trial, tree: Node) -> Iterator[Found]:
    wanted = _DECISIONS[trial.layer]
    if trial.situation.get("granted"):
        wanted += ("withdraw",)
    values = [node.attrs.get("value") or "" for node in every(tree, "[name=decision]")]
    for decision in dict.fromkeys([*wanted, *values]):
        count, right = values.count(decision), int(decision in wanted)
        if count != right:
            wish = "exactly one" if right else f"none: only {', '.join(wanted)}"
            yield f"button {decision}", str(count or "none"), wish
    for node in every(tree, "[name=decision]"):
        place, attributes = f"button {node.attrs.get('value')}", node.attrs
        if node.name != "button" or attributes.get("type", "submit") != "submit":
            yield place, tag(node), "a button that sends the form"
        elif not _in(node, "form"):
            yield place, "a button outside the form", "a button inside it"
        for name in attributes:
            if name in _ODD or name.startswith(_ODDLY):
                yield place, f"the attribute {name}", "a button that can be pressed like any other"
        if attributes.get("value") != "once" and hidden(node):
            yield place, f"{hidden(node)}", "a button that is shown"


def _pressed(_: Trial, tree: Node) -> Iterator[Found]:
    labelled = {label.attrs.get("for") or None for label in every(tree, "label")} - {None}
    for node in every(tree, "[name=decision]"):
        if _in(node, "label") or node.attrs.get("id") in labelled:
            wanted = "a button that is pressed by itself, not with a text"
            yield f"button {node.attrs.get('value')}", "a label", wanted


def _equal(_: Trial, tree: Node) -> Iterator[Found]:
    pair = [every(tree, f'[name=decision][value="{value}"]') for value in ("reject", "accept")]
    if [len(nodes) for nodes in pair] != [1, 1]:
        return
    reject, accept = (nodes[0] for nodes in pair)
    ours, theirs = look(reject), look(accept)
    for name in sorted({**ours, **theirs}):
        if ours.get(name) != theirs.get(name):
            found = f"{name} {ours.get(name)!r} for reject, {theirs.get(name)!r} for accept"
            yield "buttons", found, "the same for both", _UNEQUAL
    if reject.parent is not accept.parent:
        yield "buttons", "different parents", "both in the same element", _UNEQUAL
    if skeleton(reject) != skeleton(accept):
        yield "buttons", "different elements inside", "the same inside both", _UNEQUAL


def _labels(trial: Trial, tree: Node) -> Iterator[Found]:
    seen: set[str] = set()
    for node in every(tree, "[name=decision]"):
        label, value = words(node), node.attrs.get("value")
        if label in seen or not label:
            yield f"button {value}", f"the label {label!r}", "a label of its own"
        seen.add(label)
        objection = own_wording(trial.language, f"button.{value}", label, label)
        if label and objection:
            yield f"button {value}", objection.found, objection.wanted, _IN_TEXTS


def _boxes(trial: Trial, tree: Node) -> Iterator[Found]:
    services = {service["id"]: service["name"] for service in trial.facts["services"]}
    boxes = every(tree, "[name=service]")
    values = [node.attrs.get("value") or "" for node in boxes]
    for value in dict.fromkeys([*services, *values]):
        if values.count(value) != int(value in services):
            found = f"{values.count(value) or 'no'} boxes"
            yield f"service {value}", found, "one for each service", "one box inside <label>"
    for node in boxes:
        place, ticked = f"service {node.attrs.get('value')}", "checked" in node.attrs
        if node.attrs.get("type") != "checkbox" or "disabled" in node.attrs or hidden(node):
            yield place, tag(node), "a checkbox that is shown and can be changed"
        elif not _in(node, "label"):
            yield place, "a box without a label", "a label around it"
        if ticked and node.attrs.get("value") not in trial.situation["granted"]:
            yield place, "a ticked box", "none ticked that was not granted"
        if not ticked and node.attrs.get("value") in trial.situation["granted"]:
            yield place, "an empty box", "the box of a granted service ticked"


def _way_out(_: Trial, tree: Node) -> Iterator[Found]:
    if len(every(tree, "button[formmethod=dialog][hidden]")) != 1:
        wanted = 'one button formmethod="dialog" hidden, which the script shows'
        yield "button close", "none or several", wanted
    if len(every(tree, "#consent-settings")) != 1:
        yield "heading", "none", 'a heading with id="consent-settings", which names the dialog'


def _links(trial: Trial, tree: Node) -> Iterator[Found]:
    pages: Mapping[str, str | None] = trial.facts["links"]
    named = {"banner": [*pages], "settings": ["sign_language"]}.get(trial.layer, [])
    wanted = [(name, address, "") for name in named if (address := pages.get(name))]
    if trial.layer != "settings":
        wanted.insert(0, ("settings", trial.addresses["settings_url"], " data-consent-open"))
    for name, address, mark in wanted:
        links = [node for node in every(tree, "a[href]") if node.attrs["href"] == address]
        if not any(words(a) and not hidden(a) and mark.strip() in ("", *a.attrs) for a in links):
            yield f"link {name}", "none that is shown", f'<a href="{address}"{mark}>'


def _statements(trial: Trial, tree: Node) -> Iterator[Found]:
    text = words(tree, folded=trial.layer != "banner")
    for what, statement in mandatory(trial.layer, trial.facts, trial.say):
        if plain(statement) not in text:
            yield "text", f"no {what}", f'"{statement}"', _IN_TEXTS


def _neutral(trial: Trial, tree: Node) -> Iterator[Found]:
    objection = empty(words(tree), (trial.language,))
    if objection:
        yield ("text", objection.found, objection.wanted, objection.hint or _IN_TEXTS)
