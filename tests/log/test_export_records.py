"""Consent records are what ISO/IEC TS 27560 asks for, in terms that the vocabulary has."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from pyld import jsonld

from consent.canonical import canonical
from consent.errors import LogUnavailable
from consent.log.document import Document
from consent.log.documents import checked
from consent.log.export import file
from consent.log.export.formats import Source, format_of
from consent.log.export.parties import PURPOSES
from consent.policy.document import built_in
from consent.policy.file import read
from consent.policy.notice import content
from tests.log.samples import MS, NOW, RECEIPT, make, refuse

POLICY = """
site = "kreisverband-musterland.example"
controller = { name = "Kreisverband e. V.", email = "a@x.example", address = "1", dpo = "b@x.org" }
links = { privacy = "/datenschutz", imprint = "/impressum" }

[services.matomo]
host = "statistik.kreisverband.example"

[services.youtube]
"""

ADDRESS = "https://kreisverband-musterland.example/consent"
VOCABULARY = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))

DPV, DCT = "https://w3id.org/dpv#", "http://purl.org/dc/terms/"
SCHEMA, SKOS = "https://schema.org/", "http://www.w3.org/2004/02/skos/core#"


@pytest.fixture(scope="module")
def notice(tmp_path_factory) -> Document:
    path = tmp_path_factory.mktemp("policy") / "consent.toml"
    path.write_text(POLICY, encoding="utf-8")
    return Document("application/json", canonical(content(read(path), "de")))


@pytest.fixture(scope="module")
def text(notice) -> bytes:
    """One decision of each kind."""
    about: dict[str, Any] = {"notice": notice.hash}
    previous = make().id
    events = [
        make(**about),
        make(**about, now_ns=NOW + MS, previous=previous),
        refuse(**about, now_ns=NOW + 2 * MS),
        make(**about, now_ns=NOW + 3 * MS, kind="change", previous=previous,
             granted=["matomo"], refused=["youtube"]),
        make(**about, now_ns=NOW + 4 * MS, kind="withdrawal", previous=previous,
             granted=[], refused=["matomo", "youtube"]),
        refuse(**about, now_ns=NOW + 5 * MS, kind="once", granted=["youtube"], refused=[],
               undecided=["matomo"], valid_until=None),
    ]  # fmt: skip
    return written([event.body for event in events], {notice.hash: notice}.get)


@pytest.fixture(scope="module")
def expanded(text) -> list[dict[str, Any]]:
    """The graph as a JSON-LD processor understands it, without any network."""
    return jsonld.expand(json.loads(text), {"documentLoader": fetch_nothing})


def fetch_nothing(url: str, options: object) -> None:
    raise AssertionError(f"asked for {url}")


def written(events: list[bytes], documents: Callable[[str], Document | None]) -> bytes:
    target = io.BytesIO()
    writer = format_of("jsonld").begin(target, Source(documents, ADDRESS))
    for _ in file.pour(events, writer):
        pass
    return target.getvalue()


def of(nodes: list[dict[str, Any]], type: str) -> list[dict[str, Any]]:
    return [node for node in nodes if f"{DPV}{type}" in node.get("@type", ())]


def walked(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, (dict, list)):
            yield from walked(child)


def split(term: str) -> tuple[str, str]:
    place = max(term.rfind("#"), term.rfind("/")) + 1
    return term[:place], term[place:]


def test_every_term_is_one_of_the_vocabulary(text, expanded):
    """
    No property, class or value is made up (AU-08).
    """
    known = {
        (space, name) for space, terms in VOCABULARY.items() for name in chain(*terms.values())
    }
    properties = {(space, n) for space, terms in VOCABULARY.items() for n in terms["properties"]}
    used, related = set(), set()
    pages = {page["@id"] for node in walked(expanded) for page in node.get(f"{SCHEMA}url", ())}
    for node in walked(expanded):
        related |= {split(key) for key in node if not key.startswith("@")}
        values = [*node.get("@type", [])] if isinstance(node.get("@type"), list) else []
        values += [node["@id"]] if len(node) == 1 and "@id" in node else []
        own = ("urn:", ADDRESS, *pages)
        used |= {split(value) for value in values if not value.startswith(own)}

    assert related <= properties
    assert used <= known
    assert len(related) > 25
    assert len(used) > 15


def test_no_key_is_lost_on_the_way(text, expanded):
    """
    A key that the context does not explain would vanish silently; none does.
    """
    document = json.loads(text)
    keys = {key for node in walked(document["@graph"]) for key in node if not key.startswith("@")}
    found = {key for node in walked(expanded) for key in node if not key.startswith("@")}

    assert len(keys) == len(found)


def test_it_is_rdf(text):
    """
    Programs that know RDF and nothing of JSON read the same (AU-08).
    """
    triples = jsonld.to_rdf(json.loads(text), {"documentLoader": fetch_nothing})["@default"]
    kinds = [
        triple["object"]["value"]
        for triple in triples
        if triple["predicate"]["value"].endswith("#type")
    ]

    assert kinds.count(f"{DPV}ConsentRecord") == 6
    assert kinds.count(f"{DPV}Process") == 2
    assert len(triples) > 150


@pytest.mark.parametrize(
    ("field", "term"),
    [
        ("schema_version", f"{DCT}conformsTo"),
        ("record_id", f"{DCT}identifier"),
        ("pii_principal_id", f"{DPV}hasDataSubject"),
        ("privacy_notice", f"{DPV}hasNotice"),
        ("language", f"{DCT}language"),
        ("purposes", f"{DPV}hasProcess"),
        ("pii_controllers", f"{DPV}hasDataController"),
        ("jurisdiction", f"{DPV}hasJurisdiction"),
        ("event_type", f"{DPV}hasLegalBasis"),
        ("event_state", f"{DPV}hasConsentStatus"),
    ],
)
def test_a_record_has_what_the_specification_demands(expanded, field, term):
    """
    Every field that TS 27560 makes mandatory for a record is in each of them (EV-11).
    """
    records = of(expanded, "ConsentRecord")

    assert len(records) == 6
    assert all(record[term] for record in records), field


@pytest.mark.parametrize(
    ("field", "term"),
    [
        ("purpose", f"{DPV}hasPurpose"),
        ("pii_information", f"{DPV}hasPersonalData"),
        ("storage_locations, retention_period", f"{DPV}hasStorageCondition"),
        ("recipient_third_parties", f"{DPV}hasRecipient"),
        ("withdrawal_method", f"{DPV}hasConsentControl"),
        ("privacy_rights", f"{DPV}hasRight"),
        ("lawful_basis", f"{DPV}hasLegalBasis"),
        ("pii_controllers", f"{DPV}hasDataController"),
        ("services", f"{DPV}hasService"),
    ],
)
def test_what_a_record_refers_to_has_what_the_specification_demands(expanded, field, term):
    """
    What is processed, by whom, where and how long stands in a node that each record names
    (EV-11).
    """
    processes = {node["@id"]: node for node in of(expanded, "Process")}
    named = {
        one["@id"] for record in of(expanded, "ConsentRecord") for one in record[f"{DPV}hasProcess"]
    }

    assert named == set(processes)
    assert all(process[term] for process in processes.values()), field


def test_each_status_has_what_the_specification_demands(expanded):
    """
    Who expressed what, when, for how long, and about which services (EV-11).
    """
    statuses = [
        status
        for record in of(expanded, "ConsentRecord")
        for status in record[f"{DPV}hasConsentStatus"]
    ]

    for status in statuses:
        for term in ("isIndicatedAtTime", "isIndicatedBy", "hasDuration", "hasProcess"):
            assert status[f"{DPV}{term}"]
    assert [status["@type"][0].removeprefix(DPV) for status in statuses] == [
        *("ConsentGiven", "RenewedConsentGiven", "ConsentRefused", "ConsentGiven"),
        *("ConsentRefused", "ConsentWithdrawn", "ConsentGiven", "ConsentRequestDeferred"),
    ]


@pytest.mark.parametrize("kind", ["grant", "change"])
def test_what_a_consent_leaves_out_is_refused(kind):
    """
    Who allows one service and not the other has given consent for one and refused the other
    (EV-11).
    """
    event = make(kind=kind, granted=["matomo"], refused=["youtube"])
    *_, record = json.loads(written([event.body], {}.get))["@graph"]

    assert [
        (status["@type"], [process.rpartition("#")[2] for process in status["dpv:hasProcess"]])
        for status in record["dpv:hasConsentStatus"]
    ] == [("dpv:ConsentGiven", ["matomo"]), ("dpv:ConsentRefused", ["youtube"])]


def test_times_have_the_type_of_times(expanded):
    """
    A program that sorts records or asks for those of a day takes their times for times.
    """
    records = of(expanded, "ConsentRecord")
    told = [one for record in records for one in record[f"{DCT}created"]]
    told += [one for status in walked(records) for one in status.get(f"{DPV}isIndicatedAtTime", ())]

    assert {one["@type"] for one in told} == {"http://www.w3.org/2001/XMLSchema#dateTime"}
    assert len(told) > len(records)


def test_the_parties_have_names_and_addresses(expanded):
    """
    Controller and recipients are named with what the notice says of them (EV-11).
    """
    (controller,) = (
        node for node in walked(expanded) if f"{DPV}DataController" in node.get("@type", ())
    )
    recipients = [node for node in walked(expanded) if f"{DPV}Recipient" in node.get("@type", ())]

    assert controller[f"{DPV}hasName"] == [{"@value": "Kreisverband e. V."}]
    assert len(controller[f"{SCHEMA}contactPoint"]) == 2
    assert all(
        node[f"{DPV}hasName"] and node[f"{DPV}hasIdentifier"] and node[f"{SCHEMA}address"]
        for node in (controller, *recipients)
    )
    assert len(recipients) == 2


@pytest.mark.parametrize(
    ("told", "mail", "words"),
    [
        ("b@x.org", "b@x.org", None),
        ("Dr. Anna Muster, Weg 1, 12345 Ort", None, "Dr. Anna Muster, Weg 1, 12345 Ort"),
        ("Dr. Anna Muster (b@x.org).", "b@x.org", "Dr. Anna Muster (b@x.org)."),
        ("b@x.org oder c@x.org", ["b@x.org", "c@x.org"], "b@x.org oder c@x.org"),
    ],
    ids=["mail", "address", "name and mail", "two"],
)
def test_a_data_protection_officer_is_reached_as_the_notice_says(tmp_path, told, mail, words):
    """
    What is called an e-mail address is one; a name or a postal address is told in words.
    """
    path = tmp_path / "consent.toml"
    path.write_text(POLICY.replace("b@x.org", told), encoding="utf-8")
    shown = Document("application/json", canonical(content(read(path), "de")))
    graph = json.loads(written([make(notice=shown.hash).body], {shown.hash: shown}.get))["@graph"]
    (controller,) = (n for n in walked(graph) if n.get("@type") == "dpv:DataController")
    _, officer = controller["schema:contactPoint"]

    assert officer["schema:contactType"] == "data protection officer"
    assert officer.get("schema:email") == mail
    assert officer.get("dct:description") == words


def test_a_controller_has_the_name_of_its_time(tmp_path):
    """
    Where controllers change name and address, a program that puts all nodes together finds with
    each record those that its visitor was told, and that it is the same controller.
    """
    path, events, documents = tmp_path / "consent.toml", [], {}
    for number, name in enumerate(("Kreisverband e. V.", "Kreisverband und Land e. V.")):
        path.write_text(POLICY.replace("Kreisverband e. V.", name), encoding="utf-8")
        shown = Document("application/json", canonical(content(read(path), "de")))
        documents[shown.hash] = shown
        events.append(make(notice=shown.hash, now_ns=NOW + number * MS).body)
    document = json.loads(written(events, documents.get))
    nodes = jsonld.flatten(document, None, {"documentLoader": fetch_nothing})
    by_id = {node["@id"]: node for node in nodes}
    records, processes = of(nodes, "ConsentRecord"), of(nodes, "Process")
    told = [by_id[node[f"{DPV}hasDataController"][0]["@id"]] for node in records]

    assert [[one["@value"] for one in node[f"{DPV}hasName"]] for node in told] == [
        ["Kreisverband e. V."], ["Kreisverband und Land e. V."],
    ]  # fmt: skip
    assert len({node[f"{DPV}hasIdentifier"][0]["@value"] for node in told}) == 1
    assert {node[f"{DPV}hasDataController"][0]["@id"] for node in processes} == {
        node["@id"] for node in told
    }


def test_nobody_is_identified_for_the_sake_of_a_record(text):
    """
    A grant has its receipt number, a refusal says that there is none.
    """
    records = [n for n in json.loads(text)["@graph"] if n["@type"] == "dpv:ConsentRecord"]

    assert [record["dpv:hasDataSubject"]["dct:identifier"] for record in records] == [
        *(RECEIPT, RECEIPT, "unidentified", RECEIPT, RECEIPT, "unidentified"),
    ]


def test_a_record_says_which_one_it_follows(text):
    """
    What a decision changed, renewed or took back is found by its number; others follow none.
    """
    records = [n for n in json.loads(text)["@graph"] if n["@type"] == "dpv:ConsentRecord"]
    followed = [record.get("dct:replaces") for record in records]

    assert [bool(one) for one in followed] == [False, True, False, True, True, False]
    assert len({*followed} - {None}) == 1
    assert all(one.startswith("urn:uuid:") for one in followed if one)


def test_a_status_says_how_long_it_counts(text):
    """
    A decision counts until a day, one for one view of a page once, and what was left open has no
    end.
    """
    nodes = json.loads(text)["@graph"]
    *others, once = [n["dpv:hasConsentStatus"] for n in nodes if n["@type"] == "dpv:ConsentRecord"]
    day = {"@type": "xsd:date", "@value": "2027-05-24"}

    assert [status["dpv:hasDuration"] for statuses in others for status in statuses] == [
        {"@type": "dpv:UntilTimeDuration", "rdf:value": day}
    ] * 6
    assert [status["dpv:hasDuration"] for status in once] == [
        {"@type": "dpv:FixedOccurrencesDuration", "rdf:value": 1},
        {"@type": "dpv:IndeterminateDuration"},
    ]


def test_what_a_service_does_with_data_is_what_the_notice_says(notice):
    """
    Profiling is named where the notice names it, and a country that the vocabulary lacks is named
    by its code, not taken for another place.
    """
    said = json.loads(notice.body)
    first, second = said["services"]
    first["practices"], second["practices"] = ["profiling"], []
    first["country"], first["transfers"], second["transfers"] = "XK", [], []
    other = Document(notice.media_type, canonical(said))
    graph = json.loads(written([make(notice=other.hash).body], {other.hash: other}.get))["@graph"]
    one, two = [node for node in graph if node["@type"] == "dpv:Process"]
    titles = {purpose["id"]: purpose for purpose in said["purposes"]}

    for service, node in zip((first, second), (one, two), strict=True):
        assert [
            (purpose["dct:identifier"], purpose["dct:title"], purpose["dct:description"])
            for purpose in node["dpv:hasPurpose"]
        ] == [(id, titles[id]["title"], titles[id]["description"]) for id in service["purposes"]]
        pages = node["dpv:hasRecipient"].get("schema:contactPoint", {}).get("schema:url")
        assert pages == (service["privacy"] or None)
    assert one["dpv:hasProcessing"] == "dpv:Profiling"
    assert "dpv:hasProcessing" not in two
    places = [each["dpv:hasStorageCondition"][0]["dpv:hasLocation"] for each in (one, two)]
    kosovo = {"@type": "dpv:Country", "dct:identifier": "XK"}
    assert "Country" in VOCABULARY[DPV]["classes"]
    assert places == [[kosovo], [f"loc:{second['country']}"]]


def test_each_ready_made_purpose_is_one_of_the_vocabulary():
    """
    A program that counts statistics or advertising in records of several sites finds ours.
    """
    assert {*built_in()} == PURPOSES.keys()
    assert {term.removeprefix("dpv:") for term in PURPOSES.values()} <= {
        *VOCABULARY[DPV]["classes"]
    }


def test_each_node_stands_on_a_line(text):
    """
    A program that does not know JSON-LD reads line by line, however large the file is.
    """
    first, head, *lines, last, end = text.split(b"\n")
    nodes = [json.loads(line.rstrip(b",")) for line in lines]

    assert (head, last, end) == (b'"@graph":[', b"]}", b"")
    assert first.startswith(b'{"@context":{')
    assert json.loads(text)["@graph"] == nodes


def test_many_records_are_one_graph(monkeypatch):
    """
    However many pieces an export is written in, it is one document with each record once.
    """
    bodies = [make(now_ns=NOW + n * MS).body for n in range(5)]
    whole = written(bodies, {}.get)
    monkeypatch.setattr(file, "STEP", 2)

    assert written(bodies, {}.get) == whole
    assert len(json.loads(whole)["@graph"]) == 1 + 5


def test_an_empty_export_is_a_graph_without_nodes():
    """
    A period without decisions is valid, too.
    """
    assert json.loads(written([], {}.get))["@graph"] == []


def test_a_notice_that_is_gone_leaves_a_name():
    """
    A record is there even where what it refers to was lost.
    """
    graph = json.loads(written([make().body], {}.get))["@graph"]

    assert [node["@type"] for node in graph] == ["dpv:ConsentNotice", "dpv:ConsentRecord"]
    assert graph[1]["dpv:hasNotice"] == graph[0]["@id"] == f"{ADDRESS}/notice/{'ab' * 32}"
    assert None not in graph[0].values()


def test_a_notice_that_was_altered_is_named_and_the_rest_is_there(notice):
    """
    One notice that somebody altered in the database does not keep the records from an auditor: it
    is named with what was found in its place, and nothing that it says now is passed on (AU-08).
    """
    changed = "0" * 64

    def kept(hash):
        return checked(hash, [(notice.media_type, notice.body)])

    events = [make(notice=hash).body for hash in (changed, notice.hash)]
    nodes = json.loads(written(events, kept))["@graph"]
    found = {node["dct:identifier"]: node for node in nodes if "dct:identifier" in node}

    assert found[changed]["dct:description"] == (
        f"the document {changed} was changed in the database: found {notice.hash}"
    )
    assert found[changed]["dpv:hasDataController"].keys() == {"@id", "@type"}
    assert "dpv:hasName" in found[notice.hash]["dpv:hasDataController"]
    assert "dct:description" not in found[notice.hash]
    assert [node["@type"] for node in nodes].count("dpv:ConsentRecord") == 2


def test_a_database_that_is_away_ends_the_export():
    """
    What cannot be read just now is not called altered.
    """
    with pytest.raises(LogUnavailable):
        written([make().body], Mock(side_effect=LogUnavailable("away")))


def test_a_notice_of_an_older_version_is_referred_to(notice):
    """
    A record is whole where the version that wrote its notice had no word for profiling yet.
    """
    said = json.loads(notice.body)
    for service in said["services"]:
        del service["practices"]
    old = Document(notice.media_type, canonical(said))

    graph = json.loads(written([make(notice=old.hash).body], {old.hash: old}.get))["@graph"]

    processes = [node for node in graph if node["@type"] == "dpv:Process"]
    assert [process["dpv:hasService"]["dct:title"] for process in processes]
    assert not any("dpv:hasProcessing" in process for process in processes)


def test_what_is_no_decision_is_not_guessed_at():
    """
    What was altered so that it is no decision stands in its place as it was found, and nothing that
    it says now is passed on as said by a visitor (AU-08).
    """
    bodies = b'{"event":"log"}', make().body.replace(b"banner", b"\xff")
    nodes = json.loads(written([*bodies], {}.get))["@graph"]

    for node, body in zip(nodes, bodies, strict=True):
        told = f"unreadable: {body.decode('utf-8', 'replace')}"
        assert node == {"@type": "dpv:ConsentRecord", "dct:description": told}
