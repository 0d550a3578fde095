#!/usr/bin/env python3
"""
Check what a site exported from its consent log, on any machine and without the site.

    python3 verify.py BUNDLE.zip           an export, or the folder it was unpacked to
    python3 verify.py BUNDLE.zip RECEIPT   and that the records of one's own visit are in it
    python3 verify.py RECEIPT [RECEIPT]    what visitors downloaded, by itself
    python3 verify.py PROOF RECORD         one proof (c2sp.org/tlog-proof@v1) and its record

This one file needs Python 3.9 or newer and nothing else. It ends with 0 if all that was claimed
holds, with 1 if something is wrong, with 2 if there is nothing that can be checked.

What it checks is written down by others: RFC 6962 (the tree), RFC 8032 (Ed25519), RFC 8785
(canonical JSON), C2SP signed-note, tlog-checkpoint, tlog-proof, tlog-witness (consistency). What
is ours is in FORMAT.md. Read it from top to bottom: words, signatures, tree, files, events, logs,
bundle, receipts.

Ed25519 is checked as most libraries do it: S below the group order, every point spelled in the one
canonical way, no public key of small order, and the equation without the cofactor.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import gc
import io
import itertools
import json
import os
import re
import stat
import string
import struct
import sys
import zipfile
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from hashlib import sha256, sha512
from operator import add, eq, itemgetter, sub
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Optional

# --- Words: each is said in English and in German -------------------------------------------------

# {size:leaf|leaves} is the size, and the first word if that is 1, the other one if not.
WORDS = """
zip.unreadable
  cannot be read as a bundle: {why}
  kann nicht als Export gelesen werden: {why}
zip.cut
  only its beginning is here, the rest is missing, as after a download that broke off: get it again
  nur der Anfang ist da und der Rest fehlt, wie nach einem abgebrochenen Herunterladen: neu abrufen
zip.twice
  the zip holds this name twice
  dieser Name steht zweimal in der Zip-Datei
zip.name
  a name that no bundle has, and that could be unpacked to somewhere else
  ein Name, den kein Export hat und der anderswohin entpackt werden könnte
zip.case
  differs only in upper and lower case from {other}
  unterscheidet sich nur in Groß- und Kleinschreibung von {other}
zip.kind
  is no plain file ({kind})
  ist keine gewöhnliche Datei ({kind})
zip.layout
  the zip has bytes that belong to no file, or to two (near byte {at})
  die Zip-Datei hat Bytes, die zu keiner Datei gehören oder zu zweien (bei Byte {at})
file.damaged
  cannot be unpacked, so it is damaged or was altered: {why}
  lässt sich nicht entpacken, ist also beschädigt oder verändert: {why}
file.missing
  is missing, but stands in the manifest
  fehlt, steht aber im Verzeichnis des Exports
file.extra
  is there, but not in the manifest
  ist da, steht aber nicht im Verzeichnis des Exports
file.loose
  is in the manifest, but in no log of it
  steht im Verzeichnis, aber in keinem Protokoll darin
file.size
  has {found:byte|bytes}, {wanted} according to the manifest
  hat {found:Byte|Bytes}, laut Verzeichnis {wanted}
file.hash
  is another file than the one in the manifest (SHA-256)
  ist eine andere Datei als die im Verzeichnis (SHA-256)
file.line
  ends without a line feed, or has a line that is empty or too long
  endet ohne Zeilenende oder hat eine leere oder zu lange Zeile
note.form
  is no signed note: {why}
  ist keine signierte Notiz (signed note): {why}
note.unsigned
  no trusted key signed it as {name}; where the key was changed, give each with --vkey
  von keinem vertrauten Schlüssel signiert als {name}; wurde gewechselt, jeden mit --vkey angeben
note.forged
  has a wrong signature under the name of {name}: it is forged or was altered
  trägt eine falsche Signatur unter dem Namen {name}: gefälscht oder verändert
key.form
  no verifier key in this text: {why}
  kein Prüfschlüssel in diesem Text: {why}
key.foreign
  the key is one of {name}, but the export comes from {site}
  der Schlüssel gehört zu {name}, der Export kommt aber von {site}
manifest.form
  is not consent-bundle/1: {why}
  ist nicht consent-bundle/1: {why}
manifest.key
  was signed by another key than the newest log in it: a newer one was left out
  ist mit einem anderen Schlüssel signiert als sein neuestes Protokoll: Ein neueres fehlt
manifest.count
  says {what}: {wanted}; found {found}
  nennt für {what}: {wanted}; gefunden: {found}
checkpoint.form
  is no checkpoint: {why}
  ist kein Prüfpunkt (checkpoint): {why}
checkpoint.other
  states {found}, the manifest {wanted}
  nennt {found}, das Verzeichnis {wanted}
log.foreign
  the log {origin} does not belong to {site}, or not into this folder
  das Protokoll {origin} gehört nicht zu {site} oder nicht in diesen Ordner
log.first
  leaf 0 does not say which log it begins
  Platz 0 sagt nicht, welches Protokoll damit beginnt
log.reason
  leaf 0 begins the log as “{reason}”, and its name, what it follows or what was lost is not so
  Platz 0 beginnt das Protokoll als „{reason}“; Name, Vorgänger oder Verlust passen nicht dazu
log.key
  leaf 0 names another key than the one that signed the checkpoint
  Platz 0 nennt einen anderen Schlüssel als den, der den Prüfpunkt signiert hat
log.absent
  names the log {origin}, which is left out of an export of the whole log
  nennt das Protokoll {origin}, das in einem Export des ganzen Protokolls fehlt
log.twice
  leaf {index} begins a log in the middle of one
  Platz {index} beginnt ein Protokoll mitten in einem anderen
log.chain
  leaf 0 follows {found}, but the bundle has {wanted} before it
  Platz 0 folgt auf {found}, im Export steht davor {wanted}
leaf.form
  is no leaf: wanted a salt, "erased" or "outside", then a hash
  nennt keinen Platz: erwartet ist ein Salz, „erased“ oder „outside“, dann ein Hash
leaf.count
  has {found:leaf|leaves}, the signed checkpoint covers {wanted}
  hat {found:Platz|Plätze}, der signierte Prüfpunkt umfasst {wanted}
leaf.altered
  is not the event that was sealed as leaf {index}: it, its salt or its hash was altered
  ist nicht das Ereignis auf Platz {index}: es selbst, sein Salz oder sein Hash wurde verändert
leaf.removed
  the event of leaf {index} was removed before this line
  vor dieser Zeile wurde das Ereignis auf Platz {index} entfernt
leaf.inserted
  was inserted before the event of leaf {index}
  wurde vor dem Ereignis auf Platz {index} eingefügt
leaf.swapped
  and the next line changed places
  und die nächste Zeile sind vertauscht
leaf.surplus
  belongs to no leaf
  gehört auf keinen Platz
leaf.root
  the leaves give the root {found}, signed is {wanted}: leaves were altered, removed or reordered
  die Plätze ergeben die Wurzel {found}, signiert ist {wanted}: verändert, entfernt, umgestellt
erased.silent
  leaf {index} is missing, and no erasure event gives a reason
  das Ereignis auf Platz {index} fehlt, und kein Löschereignis nennt einen Grund
erased.kept
  leaf {index} was erased according to the log, but its event is still there
  das Ereignis auf Platz {index} ist laut Protokoll gelöscht, aber noch da
erased.form
  the erasure event names leaves that cannot be: {indexes}
  das Löschereignis nennt Plätze, die es nicht geben kann: {indexes}
erased.rows
  the erasure event names {named} leaves and says that they are {rows}
  das Löschereignis nennt {named} Plätze und sagt, es seien {rows}
outside.whole
  leaves are left out as outside the period, but it has no such end
  Ereignisse fehlen als „außerhalb des Zeitraums“, der hat aber kein solches Ende
outside.between
  leaf {index} is left out in the middle of the period
  das Ereignis auf Platz {index} fehlt mitten im Zeitraum
outside.edge
  the period is not closed by an event {side}: there may be more of it in what was left out
  der Zeitraum ist nicht durch ein Ereignis {side} begrenzt: im Weggelassenen kann mehr stehen
part.form
  leaf {index} is left out, but the part begins with leaf {start}
  das Ereignis auf Platz {index} fehlt, der Teil beginnt aber mit Platz {start}
part.gap
  ends after {old:leaf|leaves} of {origin}, this export begins later: what is between is in neither
  endet nach {old:Platz|Plätzen} von {origin}, dieser Export beginnt später: dazwischen fehlt etwas
part.period
  is an export of a period, which has no end that another could join
  ist ein Export eines Zeitraums, der kein Ende hat, an das ein anderer anschließen könnte
old.shrunk
  the log has {size:leaf|leaves}, the earlier checkpoint covers {old}: it was cut or rolled back
  das Protokoll hat {size:Platz|Plätze}, der frühere Prüfpunkt {old}: gekürzt oder zurückgesetzt
old.fork
  the beginning ({old:leaf|leaves}) is not that of the earlier checkpoint: the past was changed
  der Anfang ({old:Platz|Plätze}) ist nicht der des früheren Prüfpunkts: Vergangenes wurde geändert
old.proof
  does not prove that the log continues the earlier checkpoint
  beweist nicht, dass das Protokoll den früheren Prüfpunkt fortsetzt
old.gone
  the log {origin} of the earlier checkpoint is not in the bundle
  das Protokoll {origin} des früheren Prüfpunkts ist nicht im Export
stamp.other
  is no checkpoint of this log with a time stamp over it
  ist kein Prüfpunkt dieses Protokolls mit einem Zeitstempel darüber
event.json
  is no event: {why}
  ist kein Ereignis: {why}
event.canonical
  is not canonical JSON (RFC 8785)
  ist kein kanonisches JSON (RFC 8785)
event.word
  has a word for {field} that the format does not have: {found}
  hat für {field} ein Wort, das es im Format nicht gibt: {found}
event.kind
  is called {kind}, and what it granted and refused is not that
  heißt {kind}, was es erlaubt und ablehnt, ist aber etwas anderes
event.site
  is of the site {found}, wanted {wanted}
  gehört zur Website {found}, erwartet {wanted}
event.id
  its id is no UUID version 7 of its time recorded_at
  seine id ist keine UUID Version 7 zur Zeit recorded_at
event.twice
  has the id of {place}, line {other}, again
  hat noch einmal die id von {place}, Zeile {other}
event.late
  is dated after the export itself
  ist später datiert als der Export selbst
event.notice
  is of another language or other services than the notice that it names
  hat eine andere Sprache oder andere Dienste als der Hinweis, den es nennt
notice.form
  is no notice of this site (consent-notice/1): {why}
  ist kein Hinweis dieser Website (consent-notice/1): {why}
notice.missing
  is what visitors were shown, but not in the bundle
  ist, was Besuchern gezeigt wurde, fehlt aber im Export
notice.hash
  is not what its name says: the notice or file was swapped
  ist nicht, was der Name sagt: Hinweis oder Datei wurde ausgetauscht
notice.unused
  no event refers to it
  kein Ereignis bezieht sich darauf
proof.form
  is no proof (tlog-proof): {why}
  ist kein Nachweis (tlog-proof): {why}
proof.path
  record {number} is not leaf {index} of the signed log
  Eintrag {number} ist nicht auf Platz {index} des signierten Protokolls
proof.fork
  record {number} is of another {origin} than the site proved for {other}: it shows different logs
  Eintrag {number} ist aus einem anderen {origin} als für {other} bewiesen: Es gibt mehrere davon
receipt.form
  is not consent-receipt/2: {why}
  ist nicht consent-receipt/2: {why}
receipt.other
  record {number} does not carry the number of this receipt
  Eintrag {number} trägt nicht die Nummer dieses Belegs
receipt.absent
  record {number} is not in the log that was exported
  Eintrag {number} ist nicht im exportierten Protokoll
yes.manifest
  The list of contents was signed by {name}: export of {exported_at} by {by}.
  Das Verzeichnis ist signiert von {name}: Export vom {exported_at} durch {by}.
yes.files
  {count:file is that|files are those} of the signed list, byte for byte.
  {count:Datei ist|Dateien sind} Byte für Byte wie im signierten Verzeichnis.
yes.log
  {origin}: {events:event is|events are} as sealed, in order, none missing in {size:leaf|leaves}.
  {origin}: {events:Ereignis ist|Ereignisse sind} wie versiegelt, geordnet, keins von {size} fehlt.
yes.some
  {origin}: {events:event is|events are} as sealed, in order and in place among {size:leaf|leaves}.
  {origin}: {events:Ereignis|Ereignisse} wie versiegelt, je am richtigen von {size:Platz|Plätzen}.
yes.period
  {origin}: of the period {since} to {until} nothing is left out, if the site's clock was right.
  {origin}: Vom Zeitraum {since} bis {until} fehlt nichts, wenn die Uhr der Website richtig ging.
yes.old
  {origin}: nothing that the earlier checkpoint covers ({old:leaf|leaves}) was changed since.
  {origin}: Was der frühere Prüfpunkt umfasst ({old:Platz|Plätze}), ist seither unverändert.
yes.notices
  What visitors saw is there: {count:notice|notices} with all files.
  Was Besucher sahen, ist dabei: {count:Hinweis|Hinweise} mit allen Dateien.
yes.erased
  {origin}: {count:erased event|erased events}; the log gives a reason for each.
  {origin}: {count:Ereignis|Ereignisse} gelöscht; das Protokoll nennt für jedes einen Grund.
yes.record
  Record {number} of {file} ({recorded_at}) is leaf {index} of {origin}.
  Eintrag {number} aus {file} ({recorded_at}) steht auf Platz {index} von {origin}.
yes.part
  {origin}: nothing is left out after {start:leaf|leaves} (in an earlier export).
  {origin}: Nach {start:Platz|Plätzen} (in einem früheren Export) fehlt nichts.
yes.joins
  This export joins {file}: that one ends with leaf {last} of {origin}, nothing is between them.
  Dieser Export schließt an {file} an: Jener endet mit Platz {last} von {origin}, nichts fehlt.
yes.stamps
  {origin} continues {count:checkpoint|checkpoints} with a time stamp ({first} to {last}).
  {origin} setzt {count:Prüfpunkt|Prüfpunkte} mit Zeitstempel fort ({first} bis {last}).
no.key
  That the key is the site's: give the one you noted, or the site publishes, with --vkey.
  Dass es der Schlüssel der Website ist: notierten oder veröffentlichten mit --vkey angeben.
no.desktop
  {name}: this computer put it there; nobody signed it, and it is no part of the export.
  {name}: hat dieser Computer dazugelegt; niemand hat es signiert, und es gehört nicht zum Export.
no.signed
  Record {number} of {file}: that the site signed it. Without a key its proof proves nothing.
  Eintrag {number} aus {file}: Dass die Website ihn signiert hat. Ohne Schlüssel kein Beweis.
no.old
  {origin}: that nothing was taken back before this export. Keep its checkpoint for next time.
  {origin}: Dass vor diesem Export nichts zurückgenommen wurde. Prüfpunkt fürs nächste Mal aufheben.
no.erased
  {origin}: what {count:erased event|erased events} said.
  {origin}: Was {count:gelöschtes Ereignis besagte|gelöschte Ereignisse besagten}.
no.reason
  {origin}: why {count:leaf was|leaves were} erased; the reason can lie outside the period.
  {origin}: Warum {count:Platz leer ist|Plätze leer sind}; der Grund kann außerhalb liegen.
no.outside
  {origin}: what lies outside the period ({count:leaf|leaves}).
  {origin}: Was außerhalb des Zeitraums liegt ({count:Platz|Plätze}).
no.within
  {origin}: whether {count:erased event was|erased events were} of the period. The place allows it.
  {origin}: Ob der Zeitraum {count:gelöschtes Ereignis|gelöschte Ereignisse} mehr hatte; möglich.
no.before
  {origin}: what came before; it follows {previous}, which is not in this bundle.
  {origin}: Was davor war; es folgt auf {previous}, das nicht in diesem Export ist.
no.later
  {origin}: that no later log has more of these days; no event after {until} is given.
  {origin}: Dass kein späteres Protokoll mehr davon hat; nach dem {until} ist nichts dabei.
no.logs
  That nothing was recorded: there is no log in this bundle.
  Dass nichts aufgezeichnet wurde: In diesem Export ist kein Protokoll.
no.log
  {origin}: whether it continues {file}. It is before or after what this export is of.
  {origin}: Ob es {file} fortsetzt. Es liegt vor oder nach dem, was dieser Export umfasst.
no.gap
  {origin}: begins after a loss ({reason}). Last known before: {gap}.
  {origin}: beginnt nach einem Verlust ({reason}). Zuletzt davor bekannt: {gap}.
no.rotated
  {origin}: that its new key is the site's; the old key did not announce it.
  {origin}: Dass sein neuer Schlüssel der der Website ist; der alte hat ihn nicht angekündigt.
no.unseen
  {origin}: what the old key says of its new one; the log before is not in this bundle.
  {origin}: Was der alte Schlüssel zum neuen sagt; das Protokoll davor ist nicht in diesem Export.
no.notice
  {name}, a part of what visitors saw: the site has lost it, and says so.
  {name}, ein Teil dessen, was Besucher sahen: Die Website hat die Datei verloren und sagt das.
no.clock
  {origin}: why the clock went back by {seconds} s at leaf {index}.
  {origin}: Warum die Uhr bei Platz {index} um {seconds} s zurückging.
no.seal
  Record {number} of {file} ({recorded_at}): was not sealed yet. Download it again later.
  Eintrag {number} aus {file} ({recorded_at}): war noch nicht versiegelt. Später neu herunterladen.
no.records
  {name}: that anything was decided. There is no record in it; a site that erased it gives such.
  {name}: Dass etwas entschieden wurde. Er hat keinen Eintrag; so ist er, wenn gelöscht wurde.
no.record
  Record {number} of {file}: its log is not in this bundle, or only in part.
  Eintrag {number} aus {file}: Sein Protokoll ist nicht oder nur zum Teil in diesem Export.
no.inside
  Record {number} of {file} ({recorded_at}): is of the period, but not in it. See the whole log.
  Eintrag {number} aus {file} ({recorded_at}): ist vom Zeitraum, fehlt aber. Siehe ganzes Protokoll.
no.joined
  {file}: what the export that ends there holds. Check that one by itself, too.
  {file}: Was in dem Export steht, der dort endet. Auch ihn für sich prüfen.
no.newest
  What came after {day}: the export ends with the last checkpoint of that day.
  Was nach dem {day} kam: Der Export endet mit dem letzten Prüfpunkt dieses Tages.
no.stamps
  {origin}: that an authority signed these time stamps. Check that with openssl, see README.txt.
  {origin}: Dass die Zeitstempel von einer Stelle signiert sind. Mit openssl prüfen: LIESMICH.txt.
never.person
  That a person clicked, and which one.
  Dass ein Mensch geklickt hat, und welcher.
never.dropped
  That nothing was dropped before it was recorded. Visit the site, keep receipts, look for them.
  Dass nichts vor dem Eintragen wegfiel. Website selbst besuchen, Belege aufheben, hier suchen.
never.time
  That the clock was right: a time is what the site said. The order is proven.
  Dass die Uhr richtig ging: Zeiten sind Angaben der Website. Die Reihenfolge ist bewiesen.
never.view
  That others are shown the same log: compare checkpoints with them.
  Dass andere dasselbe Protokoll gezeigt bekommen: Prüfpunkte mit ihnen vergleichen.
head.yes
  Proven
  Bewiesen
head.no
  Not proven here
  Hier nicht bewiesen
head.never
  What nobody can prove
  Was niemand beweisen kann
head.wrong
  WRONG
  FALSCH
head.sample
  Sample for the nonce {nonce}
  Stichprobe zur Zufallszahl {nonce}
sample.erased
  erased
  gelöscht
sum.good
  All that was claimed and could be checked holds.
  Alles, was behauptet wurde und prüfbar ist, stimmt.
sum.bad
  {count:thing is|things are} wrong. This is not what was sealed, or the site broke the rules.
  {count:Sache stimmt|Sachen stimmen} nicht. So wurde nicht versiegelt, oder Regeln sind verletzt.
line
  line
  Zeile
before
  before it
  davor
after
  after it
  danach
nothing
  nothing
  nichts
"""

#: key: (English, German)
TEXTS = {
    key: (english.strip(), german.strip())
    for key, english, german in zip(*[iter(WORDS.strip().split("\n"))] * 3)
}

#: What is read at most of one line, and of a file that is read as a whole (bytes).
LINE, WHOLE = 1 << 20, 1 << 26

#: Findings that are listed; the others are only counted.
LISTED = 100


class Unreadable(Exception):
    """There is nothing here that could be checked."""


class Wrong(Exception):
    """Something is not as it has to be: a key of WORDS and what its text needs."""

    def __init__(self, key: str, **about: object) -> None:
        super().__init__(key)
        self.key, self.about = key, about


class Said(NamedTuple):
    """What stands in the gap of a text, with the word that fits it if one is counted."""

    value: object

    def __format__(self, words: str) -> str:
        one, _, many = words.partition("|")
        return f"{self.value} {one if self.value == 1 else many}" if words else f"{self.value}"


class Finding(NamedTuple):
    """One thing that is wrong, and where."""

    key: str
    file: str
    line: int | None
    about: dict[str, object]


class Report:
    """What was proven, what was not, and what is wrong."""

    def __init__(self, language: str) -> None:
        self.german = language == "de"
        self.proven: list[str] = []
        self.open: list[str] = []
        self.findings: list[Finding] = []
        self.wrong = 0
        self.sample: list[tuple[str, int, str | None]] = []  # None: erased

    def say(self, key: str, **about: object) -> str:
        gaps = {name: Said(value) for name, value in about.items()}
        return shown(TEXTS[key][self.german].format(**gaps))

    def yes(self, key: str, **about: object) -> None:
        self.proven.append(self.say(key, **about))

    def no(self, key: str, **about: object) -> None:
        self.open.append(self.say(key, **about))

    def find(self, key: str, file: str, line: int | None = None, **about: object) -> None:
        self.wrong += 1
        if len(self.findings) < LISTED:
            self.findings.append(Finding(key, file, line, about))

    @contextmanager
    def at(self, file: str, line: int | None = None) -> Iterator[None]:
        """Take up what is Wrong in the block as a finding in *file*."""
        try:
            yield
        except Wrong as wrong:
            self.find(wrong.key, file, line, **wrong.about)

    def text(self, finding: Finding) -> str:
        line = "" if finding.line is None else f", {self.say('line')} {finding.line}"
        return f"{shown(finding.file)}{line}: {self.say(finding.key, **finding.about)}"


def shown(text: str) -> str:
    """Return *text* so that a terminal shows it and does not obey it."""
    return "".join([c if c.isprintable() else ascii(c)[1:-1] for c in text])


# --- Signatures: Ed25519 (RFC 8032), signed notes (C2SP) -----------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T (RFC 8032, 5.1.4)
ZERO: Point = (0, 1, 1, 0)


def plus(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n: int, p: Point) -> Point:
    sum = ZERO
    while n:
        if n & 1:
            sum = plus(sum, p)
        p, n = plus(p, p), n >> 1
    return sum


def point(text: bytes) -> Point | None:
    """Return the point that *text* spells, None if it spells none or not canonically (5.1.3)."""
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if len(text) != 32 or y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_1 % P
    if v * x * x % P != u or (not x and sign):
        return None
    x = x if x & 1 == sign else P - x
    return (x, y, 1, x * y % P)


def spelled(p: Point) -> bytes:
    z = pow(p[2], P - 2, P)
    return (p[1] * z % P | (p[0] * z % P & 1) << 255).to_bytes(32, "little")


BASE = point(bytes([0x58]) + bytes([0x66]) * 31) or ZERO


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether *signature* is that of *key* over *message* (5.1.7, strictly, see above)."""
    a, s = point(key), int.from_bytes(signature[32:], "little")
    if a is None or len(signature) != 64 or s >= L or spelled(times(8, a)) == spelled(ZERO):
        return False
    h = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % L
    minus_a = (P - a[0], a[1], 1, P - a[3])
    return spelled(plus(times(s, BASE), times(h, minus_a))) == signature[:32]


def to_b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64(text: str, length: int) -> bytes:
    """Decode base64 in its only spelling, to *length* bytes. Raises ValueError."""
    data = base64.b64decode(text, validate=True)
    if len(data) != length or to_b64(data) != text:
        raise ValueError("base64")
    return data


def b64_or_nothing(text: str) -> bytes:
    try:
        return b64(text, 32)
    except ValueError:
        return b""


def key_id(name: str, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n\x01" + key).digest()[:4]


def vkey(name: str, key: bytes) -> str:
    """Return the text by which verifiers name a *key* (signed-note)."""
    return f"{name}+{key_id(name, key).hex()}+{to_b64(bytes([1]) + key)}"


def read_vkey(text: str) -> tuple[str, bytes]:
    """Return name and public key of a verifier key. Raises Wrong."""
    name, _, rest = text.partition("+")
    try:
        key = b64(rest[9:], 33)
    except ValueError:
        key = b""
    if key[:1] != b"\x01" or not is_name(name) or vkey(name, key[1:]) != text:
        raise Wrong("key.form", why=text[:80])
    return name, key[1:]


def is_name(name: str) -> bool:
    return name.isprintable() and bool(re.fullmatch(r"[^\s+]+", name))


def site_of(name: str) -> str:
    return name.partition("/consent/")[0]


class Trust:
    """The keys that count, by the site that they belong to; one key signs all logs of a site."""

    def __init__(self, vkeys: Iterable[str]) -> None:
        self.keys = [read_vkey(text) for text in vkeys]

    def of(self, name: str) -> list[bytes]:
        keys = [key for other, key in self.keys if site_of(other) == site_of(name)]
        return list(dict.fromkeys(keys))

    def open(self, note: bytes, name: str) -> tuple[str, bytes]:
        """Return the text of a *note* that *name* signed, and the key. Raises Wrong."""
        text, lines = split_note(note)
        signer = None
        for line in dict.fromkeys(lines):
            who, _, signature = line[2:].partition(" ")
            data = base64.b64decode(signature)
            for key in self.of(name):
                if who == name and data[:4] == key_id(name, key):
                    if not is_signed(key, text.encode(), data[4:]):
                        raise Wrong("note.forged", name=name)
                    signer = signer or key
        if signer is None:
            raise Wrong("note.unsigned", name=name)
        return text, signer


def split_note(note: bytes) -> tuple[str, list[str]]:
    """Return the text of a signed note and its lines of signatures. Raises Wrong."""
    try:
        text, gap, rest = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise Wrong("note.form", why="UTF-8") from None
    lines = rest.split("\n")
    if not gap or lines.pop() or not lines:
        raise Wrong("note.form", why="text, empty line, signatures")
    if any(c < " " and c != "\n" for c in text + rest):
        raise Wrong("note.form", why="control characters")
    for line in lines:
        match = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line)
        if not match or len(match[2]) % 4 or to_b64(base64.b64decode(match[2])) != match[2]:
            raise Wrong("note.form", why=line[:80])
    return text + "\n", lines


class Checkpoint(NamedTuple):
    """A state of a log (tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin} {self.size} {to_b64(self.root)}"


def read_checkpoint(text: str) -> Checkpoint:
    """Return what the *text* of a checkpoint's note states. Raises Wrong."""
    match = re.fullmatch(r"([^\n]+)\n([1-9][0-9]{0,17})\n([^\n]{44})\n", text)
    if not match:
        raise Wrong("checkpoint.form", why=text[:120])
    try:
        return Checkpoint(match[1], int(match[2]), b64(match[3], 32))
    except ValueError:
        raise Wrong("checkpoint.form", why=match[3]) from None


# --- The tree (RFC 6962, RFC 9162) ----------------------------------------------------------------


LETTERS = (string.ascii_letters + string.digits).encode()
INNER, OUTER = bytes(n ^ 0x36 for n in range(256)), bytes(n ^ 0x5C for n in range(256))
INNER_REST, OUTER_REST = bytes([0x36]) * 32, bytes([0x5C]) * 32


def leaf_hashes(salts: Iterable[bytes], events: Iterable[bytes]) -> list[bytes]:
    """
    Return the leaves of *events*: the hash of a commitment, HMAC-SHA256 under a salt of 32 bytes.

    HMAC (RFC 2104) is written out, as Python's own takes longer than the hashing itself.
    """
    hashes = []
    for salt, event in zip(salts, events):
        inner = sha256(salt.translate(INNER) + INNER_REST)
        inner.update(event)
        outer = sha256(salt.translate(OUTER) + OUTER_REST)
        outer.update(inner.digest())
        commitment = binascii.b2a_base64(outer.digest())
        hashes.append(sha256(b"\0consent-leaf/1\n" + commitment).digest())
    return hashes


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A growing tree that remembers nothing but the roots of its complete parts."""

    def __init__(self) -> None:
        self.size = 0
        self.parts: list[bytes | None] = []  # of 1, 2, 4, … leaves, where there is one

    def extend(self, hashes: list[bytes]) -> None:
        self.size += len(hashes)
        level = 0
        while hashes:
            if level == len(self.parts):
                self.parts.append(None)
            part = self.parts[level]
            hashes = hashes if part is None else [part, *hashes]
            self.parts[level] = hashes.pop() if len(hashes) % 2 else None
            pairs = iter(hashes)
            hashes = [sha256(b"\1" + left + right).digest() for left, right in zip(pairs, pairs)]
            level += 1

    def root(self) -> bytes:
        root = None
        for part in self.parts:
            if part is not None:
                root = part if root is None else node(part, root)
        return sha256().digest() if root is None else root


def root_by_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to, None if it has a wrong length (2.1.3.2)."""
    last = size - 1
    if not 0 <= index <= last:
        return None
    for other in path:
        if not last:
            return None
        if index & 1 or index == last:
            leaf = node(other, leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = node(leaf, other)
        index, last = index >> 1, last >> 1
    return None if last else leaf


def is_consistent(old: Checkpoint, new: Checkpoint, path: list[bytes]) -> bool:
    """Tell whether a consistency proof shows that *new* continues *old* (RFC 9162, 2.1.4.2)."""
    if old.size == new.size:
        return old.root == new.root and not path
    if not 0 < old.size < new.size:
        return False
    path = path if old.size & (old.size - 1) else [old.root, *path]
    first, last = old.size - 1, new.size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    if not path:
        return False
    before = after = path[0]
    for other in path[1:]:
        if not last:
            return False
        if first & 1 or first == last:
            before, after = node(other, before), node(other, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node(after, other)
        first, last = first >> 1, last >> 1
    return not last and (before, after) == (old.root, new.root)


def read_hashes(lines: list[str]) -> list[bytes]:
    """Decode the lines of a proof. Raises ValueError."""
    if len(lines) > 63:
        raise ValueError("more than 63 hashes")
    return [b64(line, 32) for line in lines]


# --- Files: a zip or the folder it was unpacked to ------------------------------------------------

FOLDER_NAME = re.compile(r"(\d{4})(\.[1-9]\d{0,8})?(?:-s([1-9]\d{0,8}))?", re.ASCII)
FILE_NAME = re.compile(
    r"(LIESMICH|README|vkeys)\.txt|manifest\.note|verify\.(py|sh)|notices/[0-9a-f]{64}\.json"
    r"|files/[0-9a-f]{64}|" + FOLDER_NAME.pattern + r"/(events\.jsonl|leaves\.txt|consistency\.txt"
    r"|checkpoint\.txt|checkpoint\.previous\.txt|stamps/[1-9]\d{0,17}\.(txt|tsr))",
    re.ASCII,
)

#: What computers put into a folder that somebody looks at, or opens a file of.
DESKTOP = re.compile(r"(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|\.directory|\.~lock\..*#|~\$.*)")


#: What is no plain file, as a mode tells it.
KINDS = {
    stat.S_IFLNK: "link", stat.S_IFDIR: "folder", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device", stat.S_IFBLK: "device", stat.S_IFREG: "", 0: "",
}  # fmt: skip


def kind_of_entry(mode: int) -> str:
    """Return what a file with this *mode* is; nothing for a plain one."""
    return KINDS.get(stat.S_IFMT(mode), f"mode {mode:o}")


class Files:
    """The files of a bundle, read as streams."""

    def __init__(self, path: Path, zip: zipfile.ZipFile | None, report: Report) -> None:
        self.name, self.root, self.zip, self.report = path.name, path, zip, report
        self.entries: dict[str, zipfile.ZipInfo] = {}
        self.names: dict[str, None] = {}
        self.lower: dict[str, str] = {}
        self.zip_names(self.zip) if self.zip else self.folder_names()
        self.digests: dict[str, tuple[int, str]] = {}

    def folder_names(self) -> None:
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and DESKTOP.fullmatch(path.name):
                self.report.no("no.desktop", name=name)
            elif stat.S_ISREG(mode):
                self.named(name)
            elif not stat.S_ISDIR(mode):
                self.report.find("zip.kind", name, kind=kind_of_entry(mode))

    def zip_names(self, zip: zipfile.ZipFile) -> None:
        for entry in zip.infolist():
            kind = (
                "encrypted" if entry.flag_bits & 0x41
                else f"method {entry.compress_type}" if entry.compress_type not in (0, 8)
                else kind_of_entry(entry.external_attr >> 16)
            )  # fmt: skip
            name = entry.orig_filename
            if name in self.names:
                self.report.find("zip.twice", name)
                continue
            self.named(name)
            self.entries[name] = entry
            if kind:
                self.report.find("zip.kind", name, kind=kind)
                del self.names[name]
        at = stray_byte(zip)
        if at is not None:
            self.report.find("zip.layout", self.name, at=at)

    def named(self, name: str) -> None:
        """Note that there is a file of this *name*."""
        if not FILE_NAME.fullmatch(name):
            other = self.lower.get(name.lower())
            self.report.find("zip.case" if other else "zip.name", name, other=other)
        self.names[name] = None
        self.lower.setdefault(name.lower(), name)

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """Give *name* piece by piece, at most one byte more than *limit*, and note its digest."""
        digest, size = sha256(), 0
        try:
            with self.open(name) as stream:
                while size <= limit:
                    chunk = stream.read(min(1 << 17, limit + 1 - size))
                    if not chunk:
                        break
                    digest.update(chunk)
                    size += len(chunk)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            self.report.find("file.damaged", name, why=str(error))
        self.digests[name] = (size, digest.hexdigest())

    def open(self, name: str) -> Any:
        if self.zip:
            return Member(self.zip.fp, self.entries[name])
        return (self.root / name).open("rb")

    def drain(self, name: str, limit: int) -> None:
        """Read *name* for its digest, unless that is known."""
        if name not in self.digests:
            for _ in self.chunks(name, limit):
                pass

    def read(self, name: str, limit: int = WHOLE) -> bytes | None:
        """Return the whole of *name*, None if it is not there."""
        if name not in self.names:
            return None
        return b"".join(self.chunks(name, limit))[:limit]

    def lines(self, name: str, limit: int) -> Iterator[bytes]:
        """Give the lines of *name* without their ends, which are line feeds and nothing else."""
        return itertools.chain.from_iterable(self.blocks(name, limit))

    def blocks(self, name: str, limit: int) -> Iterator[list[bytes]]:
        rest = b""
        for chunk in self.chunks(name, limit) if name in self.names else ():
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            if not all(lines) or len(rest) > LINE:
                self.report.find("file.line", name)
                return
            yield lines
        if rest:
            self.report.find("file.line", name)
            yield [rest]


@contextmanager
def opened(path: Path, report: Report) -> Iterator[Files]:
    """Open the bundle at *path*. Raises Unreadable if it is none."""
    if path.is_dir():
        yield Files(path, None, report)
        return
    try:
        zip = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        why = report.say("zip.cut") if is_cut(path) else error
        raise Unreadable(f"{path}: {why}") from error
    with zip:
        yield Files(path, zip, report)


def is_cut(path: Path) -> bool:
    """Tell whether the file at *path* is a zip without its end, which lists what is in it."""
    with suppress(OSError), path.open("rb") as stream:
        return stream.read(4) == b"PK\3\4" and not zipfile.is_zipfile(path)
    return False


class Member(io.RawIOBase):
    """
    A file in a zip, stored or deflated, which is exactly what the zip says of it.

    ``zipfile`` would read it, too, but is content with a local header that says something else,
    which other programs go by, and with anything behind the end of what is deflated.
    """

    def __init__(self, file: Any, entry: zipfile.ZipInfo) -> None:
        self.file, self.entry = file, entry
        self.at, self.left = start_of(file, entry), entry.compress_size
        self.inflate = zlib.decompressobj(-15) if entry.compress_type else None
        self.rest, self.size, self.crc = b"", 0, 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, *size* at most, none at the end. Raises BadZipFile."""
        data, raw = b"", b"more"
        while raw and not data and not (self.inflate and self.inflate.eof):
            raw = self.rest or self.raw(min(self.left, 1 << 16))
            if self.inflate:
                data = self.inflate.decompress(raw, size)
                self.rest = self.inflate.unconsumed_tail
            else:
                data, self.rest = raw[:size], raw[size:]
        self.size, self.crc = self.size + len(data), zlib.crc32(data, self.crc)
        if not data:
            ends = self.inflate is None or (self.inflate.eof and not self.inflate.unused_data)
            told = (self.entry.file_size, self.entry.CRC)
            if not ends or self.left or (self.size, self.crc) != told:
                raise zipfile.BadZipFile("size, CRC or end of data")
        return data

    def raw(self, size: int) -> bytes:
        self.file.seek(self.at)
        data: bytes = self.file.read(size)
        if len(data) < size:
            raise EOFError("end of file")
        self.at, self.left = self.at + size, self.left - size
        return data


def start_of(file: Any, entry: zipfile.ZipInfo) -> int:
    """Return where the data of *entry* begin. Raises BadZipFile if its header is another's."""
    file.seek(entry.header_offset)
    head = file.read(30)
    if len(head) < 30 or head[:4] != b"PK\3\4":
        raise zipfile.BadZipFile("local header")
    flags, method, crc, packed, size, name, extra = struct.unpack("<6x2H4x3L2H", head)
    told, rest = file.read(name), file.read(extra)
    large, sizes = fields_in(rest, 1), struct.pack("<2Q", entry.file_size, entry.compress_size)
    streamed = entry.flag_bits & 8  # then the header says nothing, or all that it says is right
    unsaid = {0, 0xFFFFFFFF} if streamed else {0xFFFFFFFF} if large else set()
    pairs = ((crc, entry.CRC), (packed, entry.compress_size), (size, entry.file_size))
    if (
        (flags ^ entry.flag_bits) & 0x0809 or method != entry.compress_type
        or told.decode("utf-8" if flags & 0x800 else "cp437", "replace") != entry.orig_filename
        or any(one not in {other, *unsaid} for one, other in pairs)
        or fields_in(entry.extra, 0x7075) or fields_in(rest, 0x7075)
        or large not in ([], [sizes], [bytes(16)] if streamed else [])
    ):  # fmt: skip
        raise zipfile.BadZipFile("its two headers do not agree")
    return int(entry.header_offset + 30 + name + extra)


def fields_in(extra: bytes, kind: int) -> list[bytes]:
    """
    Return the fields of a *kind* in the extra field of a header.

    0x7075 gives the file another name, 1 its sizes where it is large, to programs that know them.
    """
    found = []
    while len(extra) >= 4:
        other, size = struct.unpack("<2H", extra[:4])
        found += [extra[4 : 4 + size]] if other == kind else []
        extra = extra[4 + size :]
    return found


def stray_byte(zip: zipfile.ZipFile) -> int | None:
    """Return where a zip has something that is in no file or in two, None if nowhere."""
    stream: BinaryIO = zip.fp  # type: ignore[assignment]
    at = 0
    for entry in sorted(zip.infolist(), key=lambda entry: entry.header_offset):
        if entry.header_offset != at or entry.comment:
            return at
        stream.seek(at)
        head = stream.read(30)
        if len(head) < 30:
            return at
        name, extra = struct.unpack("<HH", head[26:])
        at += 30 + name + extra + entry.compress_size
        if entry.flag_bits & 8:  # sizes come once more, behind what was streamed
            stream.seek(at)
            signed = stream.read(4) == b"PK\x07\x08"
            at += 12 + 4 * signed + 8 * (max(entry.file_size, entry.compress_size) >= 2**32)
    return None if at == zip.start_dir and is_closed(zip, stream) else at


def listed(stream: BinaryIO, at: int, entry: zipfile.ZipInfo) -> int:
    """Return where what the directory says *at* of an *entry* ends, -1 if programs differ in it."""
    stream.seek(max(0, at))
    head = struct.unpack("<20x2L4H6xL", stream.read(46).ljust(46, b"\0"))
    packed, size, name, extra, comment, disk, offset = head
    stream.seek(name, os.SEEK_CUR)
    large = fields_in(stream.read(extra), 1)
    real = (entry.file_size, entry.compress_size, entry.header_offset)
    said = zip((size, packed, offset), real)
    needed = b"".join(struct.pack("<Q", one) for short, one in said if short == 0xFFFFFFFF)
    # Some programs repeat there what is not large.
    every = struct.pack("<3Q", *real)
    fits = [[needed]] if needed else [[], *([every[: 8 * n]] for n in (1, 2, 3))]
    return -1 if at < 0 or disk or large not in fits else at + 46 + name + extra + comment


def is_closed(file: zipfile.ZipFile, stream: BinaryIO) -> bool:
    """
    Tell whether a zip ends with its directory, and says nothing else of where that is.

    One that may be large says it twice, and programs differ in which of the two they go by.
    """
    length = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, length - 42))
    is_large = stream.read(4) == b"PK\6\7"
    count, start, stop = len(file.infolist()), file.start_dir, length - 22 - 76 * is_large
    if not 0 <= start <= stop:
        return False
    at = start
    for entry in file.infolist():  # the last might say that it goes on behind the directory
        at = listed(stream, at, entry)
    wanted = (count, count, stop - start, start)
    stream.seek(stop)
    end = stream.read()
    if is_large:
        head, tail = (
            struct.pack("<4sQ", b"PK\6\6", 44),
            struct.pack("<4sLQL", b"PK\6\7", 0, stop, 1),
        )
        if end[:12] != head or end[16:76] != struct.pack("<2L4Q", 0, 0, *wanted) + tail:
            return False
    most = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF) if is_large else wanted
    told = struct.unpack("<2H2L", end[-14:-2])
    is_end = end[-22:-14] == b"PK\5\6" + bytes(4)
    return is_end and at == stop and all(one in pair for one, *pair in zip(told, wanted, most))


# --- Events ---------------------------------------------------------------------------------------

Parts = Sequence[bytes]
HEX = b"0123456789abcdef"
SPARE = LETTERS + b"-"  # what previous and receipt are made of
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z", re.ASCII).fullmatch

#: What every event has, and what it has besides, by its sort; only an export may have a filter.
EVENT = {"event": str, "format": str, "id": str, "recorded_at": str, "site": str, "software": str}
SORTS: dict[str, dict[str, Any]] = {
    "decision": {
        "control": str, "granted": [str], "kind": str, "language": str, "layer": str,
        "notice": str, "previous": (str, None), "purposes": {str: str}, "receipt": (str, None),
        "refused": [str], "undecided": [str], "valid_until": (str, None),
    },
    "export": {"as": str, "by": str, "rows": int, "since": (str, None), "until": (str, None)},
    "access": {"about": str, "by": str, "what": str},
    "log": {
        "gap": (str, None), "key": str, "origin": str, "previous": (str, None), "reason": str,
    },
    "key": {"by": str, "key": str},
    "erasure": {"by": str, "ground": str, "indexes": str, "log": str, "rows": int},
}  # fmt: skip
FILTER = {"filter": {str: str}}

#: What stands in a field of an event of some sort, where the format has a list of words.
SAID: dict[str, dict[str, set[str]]] = {
    "decision": {
        "kind": {"grant", "change", "refusal", "withdrawal", "once"},
        "control": {"accept", "reject", "save", "withdraw", "allow", "once"},
        "layer": {"banner", "settings", "placeholder", "link"},
    },
    "access": {
        "what": {"invite", "revoke", "sign-in", "sign-out", "look-up", "export", "sample"},
    },
    "log": {"reason": {"first", "year", "rotation", "reopened"}},
}
STANDINGS = {"granted", "refused", "partial", "undecided"}


def milliseconds(text: str) -> int | None:
    """Return milliseconds since 1970 of RFC 3339 in UTC with milliseconds, None for other text."""
    match = TIME(text)
    if not match:
        return None
    year, month, day, hour, minute, second, rest = map(int, match.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1000 + rest


def is_day(text: str) -> bool:
    return milliseconds(f"{text}T00:00:00.000Z") is not None


def within_hour(texts: Parts) -> list[int] | None:
    """Return the milliseconds of what follows the hour, such as 50:00.123Z; None: one is wrong."""
    joined, count = b"".join(texts), len(texts)
    digits = joined.translate(None, b":.Z")
    if not (
        joined[2::10] + joined[5::10] + joined[9::10] == b":" * count + b"." * count + b"Z" * count
        and len(digits) == 7 * count and digits.isdigit()
        and max(digits[::7] + digits[2::7]) <= b"5"[0]
    ):  # fmt: skip
        return None
    numbers = map(int, itertools.chain.from_iterable(struct.iter_unpack("7s", digits)))
    return [number - number // 100_000 * 40_000 for number in numbers]


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def refuse(text: str) -> object:
    raise ValueError(f"the number {text[:20]}")


def strict(text: str) -> Any:
    """Read JSON with whole numbers only and each key once. Raises ValueError."""
    try:
        return json.loads(text, object_pairs_hook=unique, parse_float=refuse, parse_constant=refuse)
    except RecursionError:
        raise ValueError("too deep") from None


def fits(value: Any, form: Any) -> bool:
    """Tell whether *value* has the types that *form* has in its place; a tuple gives a choice."""
    if isinstance(form, tuple):
        return any(fits(value, one) for one in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(one, form[0]) for one in value)
    if isinstance(form, dict) and str in form:
        return isinstance(value, dict) and all(fits(one, form[str]) for one in value.values())
    if isinstance(form, dict):
        return isinstance(value, dict) and all(k in value and fits(value[k], form[k]) for k in form)
    return (
        value is None if form is None else isinstance(value, form) and not isinstance(value, bool)
    )


Told = tuple[str, ...]  # a language, and services


class Shape:
    """All events that differ in nothing but id, previous, receipt and time, counted together."""

    def __init__(self, kind: str) -> None:
        self.kind, self.count = kind, 0


class Cut:
    """Where events of one length are cut, and the shapes of those that are cut so."""

    def __init__(self, ends: list[int]) -> None:
        self.ends = ends
        sizes = [end - start for start, end in zip([0, *ends], ends)]
        self.pieces = struct.Struct("".join([f"{size}s" for size in sizes])).iter_unpack
        self.shapes: dict[Parts, Shape] = {}

    def columns(self, bodies: list[bytes]) -> tuple[list[Parts], list[Parts]]:
        """Return, column by column, what makes the shape, and what was cut out."""
        all = list(itertools.chain.from_iterable(self.pieces(b"".join(bodies))))
        a, id, b, previous, c, receipt, d, hour, rest, e = [all[n::10] for n in range(10)]
        return [a, b, c, d, e], [hour, rest, id, previous, receipt]


def ends(body: bytes) -> list[int]:
    """Return where the pieces of a decision end, as Cut.columns names them; null is no piece."""
    i = body.find(b'"id":"') + 6
    p = body.find(b',"previous":', i) + 12
    p, q = (p + 1, p + 37) if body[p : p + 1] == b'"' else (p, p)
    r = body.rfind(b',"receipt":') + 11  # a purpose may be called so, and comes before it
    r, s = (r + 1, r + 27) if body[r : r + 1] == b'"' else (r, r)
    t = body.find(b',"recorded_at":"', s) + 16
    return [i, i + 36, p, q, r, s, t, t + 14, t + 24, len(body)]


def read_event(body: bytes, site: str) -> dict[str, Any]:
    """Return the fields of an event of *site*. Raises Wrong."""
    try:
        event = strict(body.decode())
    except ValueError as error:
        raise Wrong("event.json", why=str(error)) from None
    try:
        again = json.dumps(
            event, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    except UnicodeEncodeError:
        again = b""
    if again != body:
        raise Wrong("event.canonical")
    if not fits(event, EVENT) or event["format"] != "consent-event/1":
        raise Wrong("event.json", why="consent-event/1")
    sort = event["event"]
    more = FILTER if sort == "export" and "filter" in event else {}
    form = {**EVENT, **SORTS.get(sort, {}), **more}
    # No others: what is nested in one could be taken for what stands beside it.
    if sort not in SORTS or not fits(event, form) or set(event) != set(form):
        raise Wrong("event.json", why=sort[:80])
    for field, words in SAID.get(sort, {}).items():
        if event[field] not in words:
            raise Wrong("event.word", field=field, found=event[field][:80])
    if sort == "decision":
        make_sense(event)
    if event["site"] != site:
        raise Wrong("event.site", found=event["site"], wanted=site)
    return event  # type: ignore[no-any-return]


def make_sense(event: dict[str, Any]) -> None:
    """Check that what a decision says in one place is not denied in another. Raises Wrong."""
    for standing in event["purposes"].values():
        if standing not in STANDINGS:
            raise Wrong("event.word", field="purposes", found=standing[:80])
    if event["valid_until"] is not None and not is_day(event["valid_until"]):
        raise Wrong("event.word", field="valid_until", found=event["valid_until"][:80])
    kind, granted, refused = event["kind"], event["granted"], event["refused"]
    is_that = {
        "refusal": not granted and event["receipt"] is None and event["previous"] is None,
        "withdrawal": not granted,
        "once": len(granted) == 1 and not refused,
    }
    if not is_that.get(kind, bool(granted)):
        raise Wrong("event.kind", kind=kind)


#: How much later than the export an event may be dated, how far a clock may go back (ms).
TOLERANCE = 300_000

#: Milliseconds. Decisions that come closer together are many; of these the order of times is looked
#: at from batch to batch alone.
DAY = 86_400_000


def are_of(ids: Parts, times: list[int]) -> bool:
    """Tell whether *ids* are UUIDs of version 7 (RFC 9562), in small letters, of *times*."""
    joined, count = b"".join(ids), len(ids)
    digits = joined.replace(b"-", b"")
    if not (
        len(joined) == 36 * count and len(digits) == 32 * count and not digits.translate(None, HEX)
        and all(joined[k::36] == b"-" * count for k in (8, 13, 18, 23))
        and joined[14::36] == b"7" * count and not joined[19::36].translate(None, b"89ab")
    ):  # fmt: skip
        return False
    packed = bytes.fromhex(digits.decode())
    return [first >> 16 for (first,) in struct.iter_unpack(">Q8x", packed)] == times


class Events:
    """
    Looks at every event, and at those that are alike only once in full.

    Cutting out id, previous, receipt and time leaves the shape of an event. One with the shape of
    another that was read in full, cut at the same places, is as well formed as that one, if what
    was cut out is; so it is not read again.
    """

    def __init__(self, site: str, end: int, report: Report) -> None:
        self.site, self.end, self.report = site, end, report
        self.cuts: dict[int, list[Cut]] = {}  # by length
        self.known = 0  # shapes
        self.counts: Counter[str] = Counter()
        self.notices: dict[str, dict[Told, tuple[str, int]]] = {}  # and where it was told first
        self.special: list[tuple[str, int, int, dict[str, Any]]] = []  # folder, line, index
        self.before: list[bytes] = []  # ids of the last batch
        self.newest = self.oldest = b""  # the greatest of them, and of the batches before
        self.rare: set[bytes] = set()  # ids of what is no decision
        self.rarest = b""  # the greatest of them
        self.doubt = False  # whether an id may have come twice
        self.hours: dict[bytes, int | None] = {}  # when those that were met began, in ms
        self.latests: dict[str, int] = {}  # of the logs that were looked at, by shard
        self.begin("", "")

    def begin(self, folder: str, shard: str) -> None:
        """Look at the next log; it goes on after the others of its *shard*."""
        self.folder, self.file, self.shard = folder, f"{folder}/events.jsonl", shard
        self.first, self.last = 1 << 62, -1
        # The latest decision of the batches before this one.
        self.latest = self.latests.get(shard, -1)
        self.step, self.step_at = 0, 0  # how far the clock went back at most, and where

    def look(self, bodies: list[bytes], line: int, leaves: list[bytes | None], start: int) -> None:
        """Check events, the first of them on *line*, and which of the *leaves* they are."""
        if max(self.known, len(self.hours)) > 4096:
            self.settle()
        self.bodies, self.line, self.leaves, self.start = bodies, line, leaves, start
        self.ids: list[bytes] = []  # of the decisions among them
        self.timed: list[bytes] = []  # those with a time that is right
        self.times: list[int] = []
        self.wrongs: list[tuple[int, str, dict[str, Any]]] = []
        for length, group in itertools.groupby(sorted(bodies, key=len), len):
            some = list(group)
            for cut in self.cuts.setdefault(length, []):
                some = self.fit(cut, some) if some else some
            while some:
                new: Cut | None = None
                with self.at(some[0]):
                    new = self.learn(some[0])
                some = self.fit(new, some) if new else some[1:]
        self.tell()
        if self.times:
            low, high = min(self.times), max(self.times)
            if self.latest - low > self.step or high - low > DAY:
                self.follow()
            self.span(low, high)
            self.latest = self.latests[self.shard] = max(self.latest, high)
        self.remember()

    def follow(self) -> None:
        """Find out how far the clock went back at most, and where, decision by decision."""
        known = dict(zip(map(id, self.timed), self.times))
        bodies = [body for body in self.bodies if id(body) in known]
        times = [known[id(body)] for body in bodies]
        before = itertools.accumulate([self.latest, *times], max)
        steps = list(map(sub, before, times))
        if max(steps) > self.step:
            self.step = max(steps)
            self.step_at = self.index_of(bodies[steps.index(self.step)])

    def span(self, low: int, high: int) -> None:
        """Note between which times events of this log are."""
        self.first, self.last = min(self.first, low), max(self.last, high)

    def line_of(self, body: bytes) -> int:
        return next(n for n, other in enumerate(self.bodies, self.line) if other is body)

    def index_of(self, body: bytes) -> int:
        return next(n for n, other in enumerate(self.leaves, self.start) if other is body)

    @contextmanager
    def at(self, body: bytes) -> Iterator[None]:
        """Note what is Wrong in the block with the line of *body*, to be told in its turn."""
        try:
            yield
        except Wrong as wrong:
            self.wrongs.append((self.line_of(body), wrong.key, wrong.about))

    def tell(self) -> None:
        """Tell what was Wrong line by line: events were looked at by what is alike."""
        for line, key, about in sorted(self.wrongs, key=itemgetter(0)):
            self.report.find(key, self.file, line, **about)

    def remember(self) -> None:
        """Find out whether an id may have come before; remember as few of them as will do."""
        ids = sorted(self.ids)
        if not ids:
            return
        low = ids[0]
        self.doubt |= (
            any(map(eq, ids, ids[1:]))
            or low <= self.oldest
            or (low <= self.newest and not set(ids).isdisjoint(self.before))
            or (low <= self.rarest and not self.rare.isdisjoint(ids))
        )
        self.oldest = max(self.oldest, self.newest)
        self.before, self.newest = ids, ids[-1]

    def fit(self, cut: Cut, some: list[bytes]) -> list[bytes]:
        """Check those of *some* events that have a known shape when cut so; return the others."""
        left, taken = cut.columns(some)
        alike = all(column.count(column[0]) == len(some) for column in left)
        shapes = [cut.shapes.get(key) for key in (list(zip(*left))[: 1 if alike else None])]
        if None in shapes:
            known = [] if alike else [body for body, shape in zip(some, shapes) if shape]
            if known:
                self.fit(cut, known)
            return some if alike else [body for body, shape in zip(some, shapes) if not shape]
        for shape, count in Counter(filter(None, shapes)).items():
            shape.count += len(some) if alike else count
        times = self.check(*taken)
        if times is not None:
            self.timed += some
            self.times += times
        else:
            for body, one in zip(some, zip(*taken)):
                with self.at(body):
                    self.times.append(self.check_one(*one))
                    self.timed.append(body)
        self.ids += taken[2]
        return []

    def check(self, hours: Parts, rests: Parts, ids: Parts, *spare: Parts) -> list[int] | None:
        """Return the times of some events, None if something of one is not right."""
        for hour in set(hours).difference(self.hours):
            self.hours[hour] = milliseconds(hour.decode("ascii", "replace") + "00:00.000Z")
        begun, since = list(map(self.hours.get, hours)), within_hour(rests)
        if since is None or None in begun:
            return None
        times = list(map(add, begun, since))
        clean = not b"".join(map(b"".join, spare)).translate(None, SPARE)
        return times if clean and max(times) <= self.end and are_of(ids, times) else None

    def check_one(self, hour: bytes, rest: bytes, id: bytes, *spare: bytes) -> int:
        """Do the same for one event. Raises Wrong."""
        ms = milliseconds((hour + rest).decode("ascii", "replace"))
        if ms is None or not are_of((id,), [ms]):
            raise Wrong("event.id")
        if ms > self.end:
            self.span(ms, ms)
            raise Wrong("event.late")
        if b"".join(spare).translate(None, SPARE):
            raise Wrong("event.json", why="previous, receipt")
        return ms

    def learn(self, body: bytes) -> Cut | None:
        """Read an event in full; return how those of its shape are cut, None if no decision."""
        event = read_event(body, self.site)
        id, at = event["id"].encode(), event["recorded_at"].encode()
        if event["event"] != "decision":
            self.special.append((self.folder, self.line_of(body), self.index_of(body), event))
            self.counts[event["event"]] += 1
            ms = self.check_one(at[:14], at[14:], id)
            self.span(ms, ms)
            self.doubt |= id in self.rare or id in self.before or id <= self.oldest
            self.rare.add(id)
            self.rarest = max(self.rarest, id)
            return None
        place, cuts = ends(body), self.cuts[len(body)]
        if place != sorted(place):
            raise Wrong("event.json", why="decision")
        cut = next((cut for cut in cuts if cut.ends == place), None) or Cut(place)
        left, taken = cut.columns([body])
        spare = [(event[name] or "").encode() for name in ("previous", "receipt")]
        if list(*zip(*taken)) != [at[:14], at[14:], id, *spare]:
            raise Wrong("event.json", why="decision")
        services = sorted([*event["granted"], *event["refused"], *event["undecided"]])
        told = event["language"], *services
        at_line = self.file, self.line_of(body)
        self.notices.setdefault(event["notice"], {}).setdefault(told, at_line)
        cut.shapes[next(zip(*left))] = Shape(event["kind"])
        self.known += 1
        if cut not in cuts:
            cuts.append(cut)
        return cut

    def settle(self) -> Counter[str]:
        """Return how many events there are of each kind or sort, and forget what was met."""
        for cut in itertools.chain.from_iterable(self.cuts.values()):
            for shape in cut.shapes.values():
                self.counts[shape.kind] += shape.count
        self.cuts, self.hours, self.known = {}, {}, 0
        return self.counts


# --- Logs: the leaves of one, in step with its events ---------------------------------------------

Leaves = tuple[list[bytes], list[Optional[bytes]]]  # hashes, and events where they are given

#: Leaves that are checked together.
BATCH = 1024


class Log:
    """One log of a bundle: what its leaves and events turned out to be."""

    def __init__(
        self, about: dict[str, Any], checkpoint: Checkpoint, files: Files, events: Events
    ) -> None:
        self.about, self.checkpoint, self.origin = about, checkpoint, checkpoint.origin
        self.folder, self.shard = about["folder"], about["folder"].partition("-")[2]
        self.leaves_file = f"{self.folder}/leaves.txt"
        self.events_file = f"{self.folder}/events.jsonl"
        self.files, self.events, self.report = files, events, events.report
        self.tree = Tree()
        self.roots: dict[int, bytes] = {}
        self.erased: array[int] = array("q")
        self.line = self.opened = 0  # events read; 1 if leaf 0 is one of them
        self.before = self.after = 0  # leaves outside the period
        self.begin = 0  # the leaf after the last one that is outside before the period
        self.left_out: list[int] = []  # which leaves of the last batch these are
        self.gap: tuple[int, int] | None = None  # index and line where "after" begins
        self.edges: list[bytes] = []  # the first event after leaf 0, the last event
        self.run = 0, -1  # where these are
        self.is_closed = False  # whether the last one is after the period
        self.is_signed = False  # whether a trusted key signed the checkpoint
        self.is_proven = False  # and the leaves are those that it covers
        self.ended = False
        self.back: list[bytes] = []  # events that were looked at ahead of their turn, last first

    def walk(self, limits: dict[str, int], stops: Iterable[int]) -> Iterator[tuple[int, Leaves]]:
        """Go through all leaves and give them batch by batch; keep the root at each of *stops*."""
        self.events.begin(self.folder, self.shard)
        self.lines = self.files.lines(self.events_file, limits.get(self.events_file, 0))
        leaves = self.files.lines(self.leaves_file, limits.get(self.leaves_file, 0))
        ahead = sorted({stop for stop in stops if stop <= self.checkpoint.size})
        while True:
            room = ahead[0] - self.tree.size if ahead else BATCH
            lines = list(itertools.islice(leaves, min(room, BATCH)))
            if not lines:
                break
            start, batch = self.tree.size, self.batch(lines)
            yield start, batch
            self.tree.extend(batch[0])
            if ahead and self.tree.size == ahead[0]:
                self.roots[ahead.pop(0)] = self.tree.root()
        for line, _ in enumerate(itertools.chain(self.back, self.lines), self.line + 1):
            if line <= self.line + 3:
                self.report.find("leaf.surplus", self.events_file, line)
        if self.gap and self.line > self.gap[1]:
            self.report.find(
                "outside.between", self.leaves_file, self.gap[0] + 1, index=self.gap[0]
            )

    def batch(self, lines: list[bytes]) -> Leaves:
        line, start = self.line + 1, self.tree.size
        self.left_out = []
        if not start:
            self.opened = int(bool(salt_of(lines[0])))
        hashes, bodies = self.quick(lines) or self.careful(lines)
        given = list(filter(None, bodies))
        self.events.look(given, line, bodies, start)
        rest = given[0 if start else self.opened :]
        if rest:
            at = enumerate(bodies, start)
            first = self.run[0] if self.edges else next(n for n, b in at if b and n >= self.opened)
            last = start + len(bodies) - 1 - next(n for n, b in enumerate(bodies[::-1]) if b)
            self.edges, self.run = [*(self.edges[:1] or rest[:1]), rest[-1]], (first, last)
        return hashes, bodies

    def quick(self, lines: list[bytes]) -> Leaves | None:
        """Return hashes and events of leaves, None if something about them is not right."""
        some = [line for line in lines if len(line) == GIVEN]
        salts, hashes = read_leaves(some)
        bodies = [] if self.back else list(itertools.islice(self.lines, len(some)))
        if leaf_hashes(salts, bodies) != hashes or len(some) != len(hashes):
            self.back += reversed(bodies)
            return None
        if len(some) == len(lines):
            self.line += len(some)
            return hashes, [*bodies]
        rest = zip(hashes, bodies)
        leaves: list[tuple[bytes, bytes | None]] = []
        for index, line in enumerate(lines, self.tree.size):
            if len(line) == GIVEN:
                self.line += 1
                leaves.append(next(rest))
            else:
                leaves.append((self.absent(line, index), None))
        return [leaf for leaf, _ in leaves], [body for _, body in leaves]

    def careful(self, lines: list[bytes]) -> Leaves:
        """Do the same one by one, and say what is wrong."""
        hashes: list[bytes] = []
        bodies: list[bytes | None] = []
        for index, line in enumerate(lines, self.tree.size):
            body, leaf, salt = None, b"", salt_of(line)
            if salt:
                body = self.back.pop() if self.back else next(self.lines, None)
                if body is None:
                    leaf = self.missing(line, index)
                else:
                    self.line += 1
                    leaf = leaf_hashes([salt], [body])[0]
                    if leaf != stated(line):
                        body, leaf = self.explain(
                            body, salt, lines[index - self.tree.size :], index
                        )
            bodies.append(body)
            hashes.append(leaf or self.absent(line, index))
        return hashes, bodies

    def missing(self, line: bytes, index: int) -> bytes:
        """Say, once, that the events end before the leaves do."""
        if not self.ended:
            self.ended = True
            self.report.find("leaf.removed", self.events_file, self.line + 1, index=index)
        return stated(line)

    def explain(
        self, body: bytes, salt: bytes, lines: list[bytes], index: int
    ) -> tuple[bytes | None, bytes]:
        """Say what became of the event of a leaf; return the one that stands there and its hash."""
        declared, at = stated(lines[0]), self.line
        following = next((line for line in lines[1:] if salt_of(line)), b"")
        ahead = self.back.pop() if self.back else next(self.lines, None)
        fits_here = ahead is not None and leaf_hashes([salt], [ahead])[0] == declared
        fits_later = leaf_hashes([salt_of(following)], [body])[0] == stated(following)
        back: list[bytes | None] = [ahead]
        if fits_here and fits_later:
            key, back = "leaf.swapped", [body]
        elif fits_here:
            key, back, self.line = "leaf.inserted", [], at + 1
        elif fits_later:
            key, back, self.line = "leaf.removed", [ahead, body], at - 1
        else:
            key = "leaf.altered"
        self.report.find(key, self.events_file, at, index=index)
        self.back += [line for line in back if line is not None]
        here = ahead if fits_here else None if fits_later else body
        return here, declared

    def absent(self, line: bytes, index: int) -> bytes:
        """Return the hash of a leaf whose event is not given."""
        why, _, _ = line.partition(b" ")
        leaf = stated(line)
        if why not in (b"erased", b"outside") or not leaf:
            self.report.find("leaf.form", self.leaves_file, index + 1)
        elif why == b"erased":
            self.erased.append(index)
        else:
            self.left_out.append(index)
            if self.line <= self.opened:
                self.before, self.begin = self.before + 1, index + 1
            else:
                self.after += 1
                self.gap = self.gap or (index, self.line)
        return leaf or bytes(32)


#: The length of the line of a leaf whose event is given: a salt and a hash in base64.
GIVEN = 89
BASE64 = LETTERS + b"+/"


def read_leaves(lines: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """
    Return salts and hashes of *lines*, GIVEN long each, nothing if one is badly written.

    All are decoded at once, with zeros in place of the padding, as base64 has for 32 bytes.
    """
    text, count = b"".join(lines), len(lines)
    marks = text[43::GIVEN] + text[44::GIVEN] + text[88::GIVEN]
    if marks != b"=" * count + b" " * count + b"=" * count:
        return [], []
    if text.translate(None, BASE64) != b"= =" * count:
        return [], []
    data = binascii.a2b_base64(text.replace(b"=", b"A"))
    if data[32::33] != bytes(2 * count):
        return [], []
    every = list(itertools.chain.from_iterable(struct.iter_unpack("32sx32sx", data)))
    return every[::2], every[1::2]


def salt_of(line: bytes) -> bytes:
    """Return the salt of the line of a leaf, nothing if it has none."""
    if len(line) != GIVEN or line[44:45] != b" ":
        return b""
    return b64_or_nothing(line[:44].decode("ascii", "replace"))


def stated(line: bytes) -> bytes:
    """Return the hash that the line of a leaf states, nothing if it is none."""
    return b64_or_nothing(line.partition(b" ")[2].decode("ascii", "replace"))


# --- The bundle -----------------------------------------------------------------------------------

DAY_OR_NONE = (str, None)
LOG = {
    "origin": str, "folder": str, "size": int, "root": str,
    "events": int, "erased": int, "outside": int,
    "recorded_from": DAY_OR_NONE, "recorded_until": DAY_OR_NONE,
}  # fmt: skip
MANIFEST = {
    "format": str, "site": str, "software": str, "by": str, "exported_at": str,
    "since": DAY_OR_NONE, "until": DAY_OR_NONE, "logs": [LOG],
    "from": ({"origin": str, "size": int}, None), "sealed_until": DAY_OR_NONE, "counts": {str: int},
    "notices": int, "missing": [str], "files": {str: {"bytes": int, "sha256": str}},
}  # fmt: skip


def read_manifest(text: str) -> dict[str, Any]:
    """Return the contents of a signed manifest. Raises Wrong."""
    head, _, body = text.partition("\n")
    try:
        value = strict(body)
        again = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    except (ValueError, RecursionError) as error:
        raise Wrong("manifest.form", why=str(error)) from None
    if head != "consent-manifest/1" or again != body:
        raise Wrong("manifest.form", why="consent-manifest/1, sort_keys, indent 2")
    if not fits(value, MANIFEST) or set(value) != set(MANIFEST):
        raise Wrong("manifest.form", why="fields")
    if value["format"] != "consent-bundle/1":
        raise Wrong("manifest.form", why="consent-bundle/1")
    start = value["from"]
    if start and (
        start["size"] < 1 or [log["origin"] for log in value["logs"]][:1] != [start["origin"]]
    ):
        raise Wrong("manifest.form", why="from")
    if not all(file["bytes"] >= 0 for file in value["files"].values()):
        raise Wrong("manifest.form", why="bytes")
    named = ("since", "until", "sealed_until")
    days = [value[day] for day in named if value[day] is not None]
    if milliseconds(value["exported_at"]) is None or not all(map(is_day, days)):
        raise Wrong("manifest.form", why="exported_at, since, until, sealed_until")
    if value["since"] and value["until"] and value["since"] > value["until"]:
        raise Wrong("manifest.form", why="since, until")
    return value  # type: ignore[no-any-return]


#: What is looked at of a notice; it has more.
NOTICE = {
    "format": str, "site": str, "language": str, "services": [{"id": str}], "files": {str: str},
}  # fmt: skip


def read_notice(body: bytes, site: str) -> dict[str, Any]:
    """Return what visitors of *site* were shown. Raises Wrong."""
    try:
        notice = strict(body.decode())
    except ValueError as error:
        raise Wrong("notice.form", why=str(error)) from None
    if not fits(notice, NOTICE) or notice["format"] != "consent-notice/1":
        raise Wrong("notice.form", why="format, site, language, services, files")
    if notice["site"] != site:
        raise Wrong("notice.form", why=notice["site"])
    return notice  # type: ignore[no-any-return]


class Bundle:
    """An export, checked in one pass over its files."""

    def __init__(self, files: Files, trust: Trust, report: Report) -> None:
        self.files, self.trust, self.report = files, trust, report
        self.done: dict[str, Log] = {}
        self.latest = -1  # the time of the latest event
        self.signers: dict[str, str] = {}  # what verified the manifest or the checkpoint of a log

    def check(
        self, olds: list[tuple[str, bytes]], receipts: Receipts, nonce: str, sample: int
    ) -> None:
        """Check everything. Raises Wrong for a manifest of no use, Unreadable without one."""
        self.manifest = self.opened()
        self.site, exported_at = self.manifest["site"], self.manifest["exported_at"]
        self.period = self.manifest["since"], self.manifest["until"]
        self.start = self.manifest["from"] or {"origin": "", "size": 0}
        # A day that was still to come when this was exported leaves nothing out.
        until = self.manifest["sealed_until"]
        self.sealed_until = until = until if until and until <= exported_at[:10] else None
        self.is_begun = not any(self.period) and not self.start["size"]  # from the first log on
        self.is_partial = bool(not self.is_begun or until)
        if until:
            self.report.no("no.newest", day=until)
        end = milliseconds(exported_at) or 0
        self.events = Events(self.site, end + TOLERANCE, self.report)
        self.limits = {name: file["bytes"] for name, file in self.manifest["files"].items()}
        if not self.manifest["logs"]:
            self.report.no("no.logs")
        logs = [log for log in map(self.log, self.manifest["logs"]) if log]
        earlier, kept = self.earlier(olds, logs), receipts.checkpoints(self.trust)
        chosen = self.choose(logs, nonce, sample)
        for log in logs:
            self.wrong, old = self.report.wrong, earlier.pop(log.origin, [])
            stamped = self.stamped(log)
            carried = [(name, one) for name, one in kept if one.origin == log.origin]
            stops = [one.size for _, one in [*old, *stamped, *carried]]
            for start, (hashes, bodies) in log.walk(self.limits, stops):
                receipts.meet(log.origin, start, hashes)
                self.draw(log, chosen[log.origin], start, bodies)
            self.close(log)
            self.compare(log, old)
            self.stamps(log, stamped)
            for name, one in carried:
                if one.size <= log.checkpoint.size and log.roots.get(one.size) != one.root:
                    self.report.find("old.fork", name, old=one.size)
            if self.is_right(log):
                key = "yes.some" if log.before or log.after else "yes.log"
                about = {"events": log.line, "size": log.checkpoint.size}
                self.report.yes(key, origin=log.origin, **about)
        for origin, old in earlier.items():
            if self.is_left_out(origin, logs):
                self.report.no("no.log", origin=origin, file=old[0][0])
            else:
                self.report.find("old.gone", old[0][0], origin=origin)
        self.ending(logs)
        self.erasures()
        self.twice()
        self.shown()
        self.contents()

    def opened(self) -> dict[str, Any]:
        note = self.files.read("manifest.note")
        if note is None:
            raise Unreadable(f"{self.files.name}: manifest.note?")
        manifest = read_manifest(split_note(note)[0])
        site, name = manifest["site"], manifest["site"] + "/consent/manifest"
        if not self.trust.keys:
            keys = (self.files.read("vkeys.txt") or b"").decode("utf-8", "replace").split("\n")
            with self.report.at("vkeys.txt"):
                self.trust = Trust(filter(None, keys))
            self.report.no("no.key")
            self.report.open += [f"    {vkey(*key)}" for key in self.trust.keys]
        elif not self.trust.of(site + "/consent/"):
            self.report.find("key.foreign", "--vkey", name=self.trust.keys[0][0], site=site)
        with self.report.at("manifest.note"):
            self.signers[name] = vkey(name, self.trust.open(note, name)[1])
            self.report.yes(
                "yes.manifest", name=name, **{k: manifest[k] for k in ("by", "exported_at")}
            )
        return manifest

    def log(self, about: dict[str, Any]) -> Log | None:
        """Return the log that the manifest is *about*, if it is one of this site."""
        folder, origin, name = about["folder"], about["origin"], about["folder"] + "/checkpoint.txt"
        match = FOLDER_NAME.fullmatch(folder)
        shard = f"/{match[3]}" if match and match[3] else ""
        if not match or origin != f"{self.site}/consent/{match[1]}{match[2] or ''}{shard}":
            self.report.find("log.foreign", "manifest.note", origin=origin, site=self.site)
            return None
        checkpoint = Checkpoint(origin, about["size"], b64_or_nothing(about["root"]))
        log = Log(about, checkpoint, self.files, self.events)
        with self.report.at(name):
            found = self.checkpoint(self.files.read(name) or b"")
            if found != checkpoint:
                self.report.find("checkpoint.other", name, found=found, wanted=checkpoint)
            if found.origin == origin:
                log.checkpoint, log.is_signed = found, True
        return log

    def is_right(self, log: Log) -> bool:
        """Tell whether *log*, which is being looked at, is signed and nothing is wrong with it."""
        return log.is_proven and self.report.wrong == self.wrong

    def checkpoint(self, note: bytes) -> Checkpoint:
        """Return the checkpoint that a trusted key of its own origin signed. Raises Wrong."""
        origin = split_note(note)[0].split("\n")[0]
        text, key = self.trust.open(note, origin)
        self.signers.setdefault(origin, vkey(origin, key))
        return read_checkpoint(text)

    def earlier(
        self, olds: list[tuple[str, bytes]], logs: list[Log]
    ) -> dict[str, list[tuple[str, Checkpoint]]]:
        """Return all earlier checkpoints and their files, by origin."""
        found: dict[str, list[tuple[str, Checkpoint]]] = {}
        for log in logs:
            name = log.folder + "/checkpoint.previous.txt"
            if name in self.files.names:
                olds = [*olds, (name, self.files.read(name) or b"")]
        for name, note in olds:
            with self.report.at(name):
                try:
                    old = self.checkpoint(note)
                except Wrong as wrong:
                    old = read_checkpoint(split_note(note)[0])
                    # Of a log that is rightly not there the key may not be there either.
                    if wrong.key != "note.unsigned" or not self.is_left_out(old.origin, logs):
                        raise
                found.setdefault(old.origin, []).append((name, old))
        return found

    def is_left_out(self, origin: str, logs: list[Log]) -> bool:
        """Tell whether a log is none of the *logs* as it comes before or after what is exported."""
        since, until = self.period
        is_begun, is_ended = since or self.start["size"], until or self.sealed_until
        place, places = order(origin), [order(log.origin) for log in logs]
        return bool(
            origin.startswith(f"{self.site}/consent/")
            and ((is_begun and place < min(places, default=place))
                 or (is_ended and place > max(places, default=place)))
        )  # fmt: skip

    def compare(self, log: Log, olds: list[tuple[str, Checkpoint]]) -> None:
        """Hold *log* against the earlier checkpoints *olds* of it."""
        held, is_right = set(), self.is_right(log)
        for name, old in olds:
            if old.size > log.checkpoint.size:
                self.report.find("old.shrunk", name, size=log.checkpoint.size, old=old.size)
            elif log.roots.get(old.size) != old.root:
                self.report.find("old.fork", name, old=old.size)
            else:
                held.add(old.size)
        for size in sorted(held) if is_right else ():
            self.report.yes("yes.old", origin=log.origin, old=size)
        if not olds:
            self.report.no("no.old", origin=log.origin)
        name, other = f"{log.folder}/consistency.txt", f"{log.folder}/checkpoint.previous.txt"
        proof, previous = self.files.read(name), dict(olds).get(other)
        if proof is not None and not (previous and self.continues(proof, log, previous)):
            self.report.find("old.proof", name)

    def stamped(self, log: Log) -> list[tuple[str, Checkpoint]]:
        """Return the checkpoints of *log* that have a time stamp, and their files."""
        found = []
        names = [name for name in self.files.names if name.startswith(f"{log.folder}/stamps/")]
        for name in sorted({name[:-3] + "txt" for name in names}):
            with self.report.at(name):
                found.append((name, self.checkpoint(self.files.read(name) or b"")))
        return found

    def stamps(self, log: Log, stamped: list[tuple[str, Checkpoint]]) -> None:
        """Hold *log* and the time stamps against the checkpoints that were *stamped*."""
        times, is_right = [], self.is_right(log)
        for name, one in stamped:
            answer = self.files.read(name[:-3] + "tsr") or b""
            at = stamp_time(answer, self.files.read(name) or b"")
            if one.origin != log.origin or at is None:
                self.report.find("stamp.other", name)
            elif log.roots.get(one.size) != one.root:
                self.report.find("old.fork", name, old=one.size)
            else:
                times.append(at)
        if times and is_right:
            about = {"count": len(times), "first": min(times), "last": max(times)}
            self.report.yes("yes.stamps", origin=log.origin, **about)
            self.report.no("no.stamps", origin=log.origin)

    def continues(self, proof: bytes, log: Log, old: Checkpoint) -> bool:
        head, _, note = proof.partition(b"\n\n")
        first, *lines = head.decode("utf-8", "replace").split("\n")
        if note != self.files.read(log.folder + "/checkpoint.txt") or first != f"old {old.size}":
            return False
        try:
            return is_consistent(old, log.checkpoint, read_hashes(lines))
        except ValueError:
            return False

    def choose(self, logs: list[Log], nonce: str, count: int) -> dict[str, Sequence[int]]:
        """
        Return the leaves of a sample that neither side can steer, by origin.

        Of all leaves that are given, numbered from 0 and the oldest log first, they are the first
        *count* different SHA-256(root || LF || nonce || LF || k) modulo their number, for k = 1,
        2, 3, …; the root is that of the newest log, in base64.
        """
        places = [(log.origin, max(0, log.checkpoint.size - log.about["outside"])) for log in logs]
        leaves = sum(size for _, size in places)
        if count >= leaves:
            return {origin: range(size) for origin, size in places}
        root = to_b64(logs[-1].checkpoint.root)
        drawn: set[int] = set()
        k = 0
        while len(drawn) < count:
            k += 1
            drawn.add(int(sha256(f"{root}\n{nonce}\n{k}".encode()).hexdigest(), 16) % leaves)
        chosen: dict[str, Sequence[int]] = {}
        for origin, size in places:
            chosen[origin] = sorted(n for n in drawn if 0 <= n < size)
            drawn = {n - size for n in drawn}
        return chosen

    def draw(self, log: Log, chosen: Sequence[int], start: int, bodies: list[bytes | None]) -> None:
        """Note what is *chosen*, of all that is not outside, of the leaves from *start* on."""
        left_out = set(log.left_out)
        there = [n for n in range(start, start + len(bodies)) if n not in left_out]
        first = start - (log.before + log.after - len(left_out))
        places = (bisect_left(chosen, n) for n in (first, first + len(there)))
        for n in chosen[slice(*places)]:
            index = there[n - first]
            body = bodies[index - start]
            text = None if body is None else body.decode("utf-8", "replace")
            self.report.sample.append((log.origin, index, text))

    def close(self, log: Log) -> None:
        """Check what can be said of a log when all of its leaves are known."""
        size, root, events = log.checkpoint.size, log.tree.root(), self.events
        if log.tree.size != size:
            self.report.find("leaf.count", log.leaves_file, found=log.tree.size, wanted=size)
        elif root != log.checkpoint.root:
            found, wanted = to_b64(root), to_b64(log.checkpoint.root)
            self.report.find("leaf.root", log.leaves_file, found=found, wanted=wanted)
        else:
            log.is_proven = log.is_signed
        self.latest = max(self.latest, events.last)
        outside = log.before + log.after
        times = [None if events.last < 0 else ms for ms in (events.first, events.last)]
        counted = (log.line, len(log.erased), outside, *times)
        for name, count in zip(
            ("events", "erased", "outside", "recorded_from", "recorded_until"), counted
        ):
            told = log.about[name]
            if count != (milliseconds(told) if isinstance(told, str) else told):
                self.told(f"{log.folder} {name}", count, told)
        self.edge(log)
        first = self.opening(log)
        if first:
            with self.report.at(log.events_file, 1):
                self.chain(log, first)
        if outside:
            self.report.no("no.outside", origin=log.origin, count=outside)
        if events.step > TOLERANCE:
            about = {"seconds": events.step // 1000, "index": events.step_at}
            self.report.no("no.clock", origin=log.origin, **about)
        self.done[log.origin] = log

    def edge(self, log: Log) -> None:
        """Check that events before and after the period enclose what was exported."""
        since, until = self.period
        start = self.start_in(log.origin)
        if start:
            return self.part(log, start)
        days = [re.findall(rb'"recorded_at":"([0-9-]{10})T', edge)[-1:] for edge in log.edges]
        first, last = [day[0].decode() if day else "" for day in days] or ["", ""]
        log.is_closed = last > (until or "")
        if (log.before and not since) or (log.after and not until):
            self.report.find("outside.whole", log.leaves_file)
        elif log.before and not "" < first < since:
            self.report.find("outside.edge", log.leaves_file, side=self.report.say("before"))
        elif log.after and not last > until:
            self.report.find("outside.edge", log.leaves_file, side=self.report.say("after"))
        elif (since or until) and self.is_right(log):
            about = {"since": since or "…", "until": until or "…"}
            self.report.yes("yes.period", origin=log.origin, **about)
            start = log.run[0] if "" < first < (since or "") else 0
            end = log.run[1] if until and last > until else log.tree.size
            count = bisect_left(log.erased, end) - bisect_left(log.erased, start)
            if count:
                self.report.no("no.within", origin=log.origin, count=count)

    def part(self, log: Log, start: int) -> None:
        """Check that all of *log* from leaf *start* on is given, and its beginning known."""
        left_out = log.before + bisect_left(log.erased, start)
        if log.after or left_out >= start:
            index = log.gap[0] if log.gap else start
            self.report.find("part.form", log.leaves_file, index=index, start=start)
        elif start not in log.roots:
            self.report.find("file.missing", f"{log.folder}/checkpoint.previous.txt")
        elif self.is_right(log):
            self.report.yes("yes.part", origin=log.origin, start=start)

    def start_in(self, origin: str) -> int:
        """Return the leaf of the log *origin* with which this export begins."""
        return int(self.start["size"]) if self.start["origin"] == origin else 0

    def joins(self, name: str, end: Checkpoint) -> None:
        """Say whether nothing is between the earlier export *name*, which ends so, and this one."""
        log = self.done.get(end.origin)
        if log is None or max(log.begin, self.start_in(end.origin)) > end.size:
            self.report.find("part.gap", name, old=end.size, origin=end.origin)
        elif log.roots.get(end.size) == end.root:
            self.report.yes("yes.joins", file=name, last=end.size - 1, origin=end.origin)
            self.report.no("no.joined", file=name)

    def should_hold(self, record: Record, origin: str) -> bool:
        """
        Tell whether a *record* has to be here: everything is, and something that came after it.

        *origin* is the log that it was sealed in as its proof says, "" without one.
        """
        at = milliseconds(time_of(record))
        is_earlier = at is not None and at + TOLERANCE < self.latest
        is_closed = bool(origin) and any(
            order(origin) < order(other) and shard_of(origin) == shard_of(other)
            for other in self.done
        )
        return not self.is_partial and (is_earlier or is_closed)

    def is_of_period(self, record: Record) -> bool:
        """Tell whether a *record* is dated into the days of this export, if it is of some only."""
        time, (since, until) = time_of(record), self.period
        at = milliseconds(time)
        is_closed = at is not None and at + TOLERANCE < self.latest
        return bool(since or until) and is_closed and (since or "") <= time[:10] <= (until or time)

    def opening(self, log: Log) -> dict[str, Any] | None:
        """Return the event with which *log* begins, None if there is no such."""
        first = None
        for folder, line, index, event in self.events.special:
            if folder == log.folder and event["event"] == "log":
                if index:
                    self.report.find("log.twice", log.events_file, line, index=index)
                elif event.get("origin") == log.origin:
                    first = event
        if first is None:  # it says what came before, so it is no record that could be erased
            self.report.find("log.first", log.events_file, 1)
        return first

    def chain(self, log: Log, first: dict[str, Any]) -> None:
        """Check that *log*, which begins with *first*, follows the one before it. Raises Wrong."""
        key, reason, nothing = first.get("key"), first.get("reason"), self.report.say("nothing")
        previous, gap = checkpoint_in(first, "previous"), checkpoint_in(first, "gap")
        others = [other for other in self.done.values() if other.shard == log.shard]
        last = others[-1] if others else None
        wanted = last.checkpoint if last else previous
        if previous != wanted or (not previous and reason not in ("first", "reopened")):
            raise Wrong("log.chain", found=previous or nothing, wanted=wanted or nothing)
        is_further = previous or order(log.origin)[1] > 0  # a later one of its year
        if (reason == "reopened") != bool(gap) or (reason == "first" and is_further):
            raise Wrong("log.reason", reason=reason)
        if key != self.signers.get(log.origin, key):
            raise Wrong("log.key")
        if previous and not last and self.is_begun:
            self.report.find("log.absent", log.events_file, 1, origin=previous.origin)
        elif previous and not last:
            self.report.no("no.before", origin=log.origin, previous=previous)
        if self.is_other_key(log, last, reason) and not self.announced(key, last):
            self.report.no("no.rotated" if last else "no.unseen", origin=log.origin)
        if gap:
            self.report.no("no.gap", origin=log.origin, reason=reason, gap=gap)

    def is_other_key(self, log: Log, before: Log | None, reason: object) -> bool:
        """Tell whether *log* is signed by another key than the one before it, or says so."""
        signers = [self.signers.get(one.origin, "") for one in (log, before) if one]
        return reason == "rotation" or len({one.rpartition("+")[2] for one in signers}) > 1

    def ending(self, logs: list[Log]) -> None:
        """Check that a log that was there when this was exported, and told so, is here."""
        since, until = self.period
        ends = {(log.folder, log.checkpoint.size - 1) for log in logs}
        for folder, line, index, event in self.events.special:
            origin, day = str(event.get("key")).partition("+")[0], event["recorded_at"][:10]
            is_of = (since or day) <= day <= (until or day)  # and so is leaf 0 of the next log
            is_end = (folder, index) in ends and event["event"] == "key"
            if is_end and is_of and origin not in self.done:
                self.report.find("log.absent", f"{folder}/events.jsonl", line, origin=origin)
        for log in logs[-1:]:
            if until and not log.is_closed:
                self.report.no("no.later", origin=log.origin, until=until)
        if since or until:
            return
        names = [f"{self.site}/consent/manifest", *(log.origin for log in logs[-1:])]
        signers = {self.signers[name].rpartition("+")[2] for name in names if name in self.signers}
        if len(signers) > 1 and not self.sealed_until:
            self.report.find("manifest.key", "manifest.note")

    def announced(self, key: object, before: Log | None) -> bool:
        """Tell whether the log *before* ends with an event that names the *key* of the next one."""
        return before is not None and any(
            (folder, index + 1) == (before.folder, before.checkpoint.size)
            and event["event"] == "key" and event.get("key") == key
            for folder, _, index, event in self.events.special
        )  # fmt: skip

    def erasures(self) -> None:
        """Check that each leaf without event has a reason in the log, and that none is back."""
        reasons: dict[str, list[tuple[int, int]]] = {}
        for folder, line, index, event in self.events.special:
            log = self.done.get(str(event.get("log")))
            ground = event.get("ground")
            has_ground = isinstance(ground, str) and ground.strip()
            if event["event"] == "erasure" and has_ground and log:
                with self.report.at(f"{folder}/events.jsonl", line):
                    ranges = read_ranges(event.get("indexes"), self.before(log, folder, index))
                    named = sum(last - first + 1 for first, last in ranges)
                    if named != event.get("rows"):
                        raise Wrong("erased.rows", named=named, rows=event.get("rows"))
                    reasons.setdefault(log.origin, []).extend(ranges)
        for log in self.done.values():
            # A reason comes after what it is for, and of an export up to the newest event all of
            # that is here.
            is_to_end = not any(self.period) and not self.sealed_until
            floor = log.begin if is_to_end else log.checkpoint.size
            ranges = merged(reasons.get(log.origin, []))
            covered, silent, kept = compared(log.erased, ranges, floor)
            count = len(log.erased) - covered
            if kept is not None:
                self.report.find("erased.kept", log.leaves_file, kept + 1, index=kept)
            if silent is not None:
                self.report.find("erased.silent", log.leaves_file, silent + 1, index=silent)
            elif count:
                self.report.no("no.reason", origin=log.origin, count=count)
            about = {"origin": log.origin, "count": len(log.erased)}
            if log.erased and not count and kept is None and log.is_proven:
                self.report.yes("yes.erased", **about)
            if log.erased:
                self.report.no("no.erased", **about)

    def before(self, log: Log, folder: str, index: int) -> int:
        """Return how many leaves of *log* can have been there before leaf *index* in *folder*."""
        if log.folder == folder:
            return index
        own = next(one for one in self.done.values() if one.folder == folder)
        is_later = own.shard == log.shard and order(own.origin) < order(log.origin)
        return 0 if is_later else log.checkpoint.size

    def twice(self) -> None:
        """Find ids that two events have; the events are read again only if that may be."""
        if not self.events.doubt:
            return
        marks = [array("q") for _ in range(256)]  # hashes of ids, 8 bytes each, in small heaps
        for _, _, id in self.ids():
            marks[hash(id) & 255].append(hash(id))
        again = {mark for heap in marks for mark, count in Counter(heap).items() if count > 1}
        seen: dict[bytes, tuple[str, int]] = {}
        for file, line, id in self.ids() if again else ():
            place, other = seen.setdefault(id, (file, line)) if hash(id) in again else (file, line)
            if (place, other) != (file, line):
                self.report.find("event.twice", file, line, place=place, other=other)

    def ids(self) -> Iterator[tuple[str, int, bytes]]:
        """Give file, line and id of all events."""
        for log in self.done.values():
            lines = self.files.lines(log.events_file, self.limits.get(log.events_file, 0))
            for line, body in enumerate(lines, 1):
                at = body.find(b'"id":"') + 6
                yield log.events_file, line, body[at : at + 36]

    def shown(self) -> None:
        """Check what visitors were shown, and say whether it is complete."""
        wrong = self.report.wrong
        self.notices()
        count = sum(name.startswith("notices/") for name in self.files.names)
        self.told("notices", count, self.manifest["notices"])
        if self.report.wrong == wrong and count and not self.manifest["missing"]:
            self.report.yes("yes.notices", count=count)

    def notices(self) -> None:
        """Check that all that visitors were shown is there, and nothing else."""
        used: dict[str, None] = {}
        for hash, told in self.events.notices.items():
            name = f"notices/{hash}.json"
            used[name] = None
            body = self.files.read(name)
            if body is None or sha256(body).hexdigest() != hash:
                continue  # which is told below
            with self.report.at(name):
                notice = read_notice(body, self.site)
                used.update(dict.fromkeys([f"files/{one}" for one in notice["files"].values()]))
                self.offered(notice, told)
        for name in used:
            hash = hash_in(name)
            if name not in self.files.names and hash in self.manifest["missing"]:
                self.report.no("no.notice", name=name)
            elif name not in self.files.names:
                self.report.find("notice.missing", name)
        for name in self.files.names:
            if name.startswith(("notices/", "files/")):
                self.files.drain(name, self.limits.get(name, 0))
                if hash_in(name) != self.files.digests[name][1]:
                    self.report.find("notice.hash", name)
                elif name not in used:
                    self.report.find("notice.unused", name)

    def offered(self, notice: dict[str, Any], told: dict[Told, tuple[str, int]]) -> None:
        """Check that what decisions *told* of language and services is what their *notice* says."""
        offer = notice["language"], *sorted([one["id"] for one in notice["services"]])
        for one, (file, line) in told.items():
            if one != offer:
                self.report.find("event.notice", file, line)

    def told(self, what: str, found: object, wanted: object) -> None:
        """Hold what was *found* against what is *wanted* by the manifest."""
        if found != wanted:
            about: dict[str, Any] = {"what": what, "wanted": wanted, "found": found}
            self.report.find("manifest.count", "manifest.note", **about)

    def contents(self) -> None:
        """Hold the files against the list in the manifest."""
        wrong, there = self.report.wrong, set(self.files.names) - {"manifest.note"}
        folders = {"notices", "files", *(log["folder"] for log in self.manifest["logs"])}
        for name in sorted(there):
            if name not in self.limits:
                self.report.find("file.extra", name)
            elif "/" in name and name.split("/")[0] not in folders:
                self.report.find("file.loose", name)
        for name, wanted in self.manifest["files"].items():
            if name not in there:
                self.report.find("file.missing", name)
                continue
            self.files.drain(name, wanted["bytes"])
            size, digest = self.files.digests[name]
            if size != wanted["bytes"]:
                found = size if size < wanted["bytes"] else f"> {wanted['bytes']}"
                self.report.find("file.size", name, found=found, wanted=wanted["bytes"])
            elif digest != wanted["sha256"]:
                self.report.find("file.hash", name)
        if self.report.wrong == wrong and f"{self.site}/consent/manifest" in self.signers:
            self.report.yes("yes.files", count=len(self.limits))
        counts, told = self.events.settle(), self.manifest["counts"]
        for kind in sorted({*counts, *told}):
            self.told(f"counts {kind}", counts[kind], told.get(kind, 0))


def hash_in(name: str) -> str:
    """Return what the name of a notice or of a file that it names says of its content."""
    return name.split("/")[1].partition(".")[0]


def order(origin: str) -> tuple[int, int]:
    """Return year and number of a log, by which those of a site follow each other."""
    name = origin.partition("/consent/")[2].partition("/")[0]
    match = FOLDER_NAME.fullmatch(name)
    return (int(match[1]), int((match[2] or ".0")[1:])) if match else (0, 0)


def shard_of(origin: str) -> str:
    """Return which of the logs beside each other one is; "" is the first."""
    return origin.partition("/consent/")[2].partition("/")[2]


def checkpoint_in(event: dict[str, Any], field: str) -> Checkpoint | None:
    note = event.get(field)
    return read_checkpoint(split_note(note.encode())[0]) if isinstance(note, str) else None


def stamp_time(answer: bytes, stamped: bytes) -> str | None:
    """
    Return the time that an answer of RFC 3161 gives for the file *stamped*; None: it is of another.

    In TSTInfo the SHA-256 (an OCTET STRING) is followed by a serial number and the time. That it
    is signed, and by whom, is for a program that knows certificates.
    """
    hash = re.escape(sha256(stamped).digest())
    time = rb"\x04\x20" + hash + rb"\x02[\x01-\x15].{1,21}?\x18[\x0f-\x16](\d{14})(?:\.\d{1,6})?Z"
    match = re.search(time, answer, re.DOTALL)
    if match is None:
        return None
    t = match[1].decode()
    return f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[8:10]}:{t[10:12]}:{t[12:]}Z"


def read_ranges(text: object, size: int) -> list[tuple[int, int]]:
    """Return the first and last of each range in text such as "4 9-12", ascending. Raises Wrong."""
    ranges: list[tuple[int, int]] = []
    for word in str(text).split(" "):
        match = re.fullmatch(r"(0|[1-9]\d{0,17})(?:-([1-9]\d{0,17}))?", word, re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < size or (ranges and first <= ranges[-1][1]):
            raise Wrong("erased.form", indexes=word[:60])
        ranges.append((first, last))
    return ranges


def merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same numbers as ranges in order that do not overlap."""
    out: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(last, out[-1][1]))
        else:
            out.append((first, last))
    return out


def compared(
    erased: array[int], ranges: list[tuple[int, int]], floor: int
) -> tuple[int, int | None, int | None]:
    """
    Hold *erased* against *ranges*.

    Return how many are in these, the first from *floor* on that is not, and the first only there.
    """
    covered, silent, kept, seen = 0, None, None, bisect_left(erased, floor)
    for first, last in ranges:
        start, end = bisect_left(erased, first), bisect_right(erased, last)
        if start > seen and silent is None:
            silent = erased[seen]
        if end - start <= last - first and kept is None:
            kept = next(
                n
                for k, n in enumerate(range(first, last + 1), start)
                if erased[k : k + 1] != array("q", [n])
            )
        covered, seen = covered + end - start, max(seen, end)
    if silent is None and seen < len(erased):
        silent = erased[seen]
    return covered, silent, kept


# --- Receipts: what a visitor kept ----------------------------------------------------------------


class Record(NamedTuple):
    """One event that somebody kept, with its salt and the proof of its place."""

    file: str
    number: int
    event: bytes
    salt: bytes
    proof: str | None

    @property
    def leaf(self) -> bytes:
        return leaf_hashes([self.salt], [self.event])[0]


RECEIPT_FILE = {
    "format": str,
    "receipt": (str, None),
    "records": [{"event": str, "salt": str, "proof": (str, None)}],
}


def read_receipt(name: str, text: bytes) -> list[Record]:
    """Return the records of a visitor's receipt. Raises Wrong."""
    try:
        value = strict(text.decode())
    except ValueError as error:
        raise Wrong("receipt.form", why=str(error)) from None
    if not fits(value, RECEIPT_FILE) or value["format"] != "consent-receipt/2":
        raise Wrong("receipt.form", why="format, receipt, records")
    records = []
    for number, one in enumerate(value["records"], 1):
        if value["receipt"] is None:
            is_other = '"receipt":"' in one["event"]  # a refusal has no receipt
        else:
            is_other = f'"receipt":"{value["receipt"]}"' not in one["event"]
        if is_other or value["receipt"] == "":
            raise Wrong("receipt.other", number=number)
        try:
            event, salt = one["event"].encode(), b64(one["salt"], 32)
        except ValueError:
            raise Wrong("receipt.form", why="event, salt") from None
        records.append(Record(name, number, event, salt, one["proof"]))
    return records


def read_proof(text: str) -> tuple[bytes, int, list[bytes], bytes]:
    """Return salt, index, path and checkpoint's note of a tlog-proof. Raises Wrong."""
    head, _, note = text.partition("\n\n")
    match = re.fullmatch(
        r"c2sp\.org/tlog-proof@v1\nextra (\S{44})\nindex (0|[1-9]\d{0,18})((?:\n\S{44})*)",
        head,
        re.ASCII,
    )
    if not match:
        raise Wrong("proof.form", why=head[:60])
    try:
        salt, index = b64(match[1], 32), int(match[2])
        return salt, index, read_hashes(match[3].split("\n")[1:]), note.encode()
    except ValueError as error:
        raise Wrong("proof.form", why=str(error)) from None


class Receipts:
    """Records that are checked one by one and, with a bundle, looked for in it."""

    def __init__(self, records: list[Record], trust: Trust, report: Report) -> None:
        self.records, self.trust, self.report = records, trust, report
        self.wanted = {record.leaf: record for record in records}
        self.met: dict[bytes, tuple[str, int]] = {}
        self.at: dict[bytes, tuple[Checkpoint, int]] = {}
        self.said: dict[tuple[str, str, int], tuple[bytes, str]] = {}  # what proofs say, and where

    def meet(self, origin: str, start: int, hashes: list[bytes]) -> None:
        for leaf in self.wanted.keys() & set(hashes) if self.wanted else ():
            self.met[leaf] = (origin, start + hashes.index(leaf))

    def checkpoints(self, trust: Trust) -> list[tuple[str, Checkpoint]]:
        """Return what the proofs lead to, as far as that is signed, with the files."""
        found: dict[tuple[str, Checkpoint], None] = {}
        for record in self.records:
            with suppress(Wrong):  # which is told where the proof is checked
                note = read_proof(record.proof or "")[3]
                checkpoint = read_checkpoint(split_note(note)[0])
                trust.open(note, checkpoint.origin)
                found[record.file, checkpoint] = None
        return list(found)

    def prove(self, alone: bool) -> None:
        """Check the proof of each record; say so where no bundle is there to find it in."""
        for record in self.records:
            if record.proof is not None:
                with self.report.at(record.file):
                    self.at[record.leaf] = checkpoint, index = self.proven(record)
                    self.agree(record, checkpoint, index)
                    if alone and self.trust.keys:
                        self.found(record, checkpoint.origin, index)
                    elif alone:
                        self.report.no("no.signed", number=record.number, file=record.file)
            elif alone:
                self.report.no("no.seal", **about_of(record))

    def agree(self, record: Record, checkpoint: Checkpoint, index: int) -> None:
        """Check that a log has one leaf in each place, and one root of each size. Raises Wrong."""
        origin = checkpoint.origin
        said = {("leaf", origin, index): record.leaf}
        said["root", origin, checkpoint.size] = checkpoint.root
        for what, hash in said.items():
            before, other = self.said.setdefault(what, (hash, record.file))
            if before != hash:
                raise Wrong("proof.fork", number=record.number, origin=origin, other=other)

    def proven(self, record: Record) -> tuple[Checkpoint, int]:
        salt, index, path, note = read_proof(record.proof or "")
        text = split_note(note)[0]
        checkpoint = read_checkpoint(text)
        read_event(record.event, site_of(checkpoint.origin))
        if self.trust.keys:
            self.trust.open(note, checkpoint.origin)
        root = root_by_inclusion(record.leaf, index, checkpoint.size, path)
        if salt != record.salt or root != checkpoint.root:
            raise Wrong("proof.path", number=record.number, index=index)
        return checkpoint, index

    def found(self, record: Record, origin: str, index: int) -> None:
        self.report.yes("yes.record", index=index, origin=origin, **about_of(record))

    def look_in(self, bundle: Bundle) -> None:
        """Say of each record whether it is in the *bundle* that was checked."""
        for record in self.records:
            checkpoint, index = self.at.get(record.leaf, (None, 0))
            origin, place = self.met.get(record.leaf, ("", 0))
            is_met = bool(origin)
            if is_met and bundle.done[origin].is_proven:
                self.found(record, origin, place)
                continue
            origin = checkpoint.origin if checkpoint else ""
            log = bundle.done.get(origin)
            is_within = bool(log and index < log.checkpoint.size)
            if not is_met and (is_within or bundle.should_hold(record, origin)):
                self.report.find("receipt.absent", record.file, number=record.number)
            elif not is_met and not checkpoint and bundle.is_of_period(record):
                # By a clock that was wrong its place can be outside of what was exported.
                self.report.no("no.inside", **about_of(record))
            else:
                self.report.no("no.record", number=record.number, file=record.file)


def about_of(record: Record) -> dict[str, object]:
    """Return what tells a *record* from others."""
    return {"number": record.number, "file": record.file, "recorded_at": time_of(record)}


def time_of(record: Record) -> str:
    found = re.findall(rb'"recorded_at":"([^"]{1,30})"', record.event)
    return found[-1].decode("utf-8", "replace") if found else "?"


# --- The command ----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    parser = command()
    options = parser.parse_intermixed_args(arguments)
    if not re.fullmatch(r"\d{1,9}", options.sample[1], re.ASCII):
        parser.error(f"--sample: N is {options.sample[1]!r}, wanted a whole number")
    if re.search("[\ud800-\udfff]", options.sample[0]):
        parser.error(f"--sample: NONCE is {options.sample[0]!r}, wanted text in UTF-8")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console may lack a letter
    report = Report(options.lang)
    try:
        check(options, report)
    except (Unreadable, OSError) as error:
        print(report.say("zip.unreadable", why=error), file=sys.stderr)
        return 2
    answer = as_json(report) if options.json else as_text(report, options)
    try:
        print(answer, flush=True)
    except BrokenPipeError:  # whoever reads, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1 if report.wrong else 0


def command() -> argparse.ArgumentParser:
    language = next((v for v in map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")) if v), "")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    take = parser.add_argument
    take("file", type=Path, help="export, receipt or proof")
    take("more", type=Path, nargs="*", help="receipts to look for; the record of a proof")
    take("--vkey", action="append", default=[], help="a key that you trust; repeatable")
    take("--vkeys", type=Path, help="a file of such keys, one a line")
    take("--previous", type=Path, action="append", default=[], help="checkpoint or export you kept")
    take("--after", type=Path, action="append", default=[], help="export or checkpoint before it")
    take("--sample", nargs=2, metavar=("NONCE", "N"), default=("", "0"), help="pick N events")
    take("--json", action="store_true", help="answer as JSON")
    take(
        "--lang",
        choices=["de", "en"],
        type=str.lower,
        default="de" if language[:2] == "de" else "en",
    )
    return parser


def check(options: argparse.Namespace, report: Report) -> None:
    keys = list(options.vkey)
    if options.vkeys:
        keys += saved(options.vkeys).decode("utf-8", "replace").split("\n")
    with report.at("--vkey"):
        trust = Trust(filter(None, map(str.strip, keys)))
        kind = kind_of(options.file)
        if kind == "bundle":
            return check_bundle(options, trust, report)
        if options.previous or options.after or options.sample[1] != "0":
            command().error(
                f"{options.file.name} is no export; --previous, --after, --sample want one"
            )
        records: list[Record] = []
        if kind == "receipt":
            records = receipts_in([options.file, *options.more], report)
        elif len(options.more) != 1:
            command().error(f"{options.file.name} is a proof, wanted one record behind it")
        else:
            body, event = map(saved, (options.file, *options.more))
            proof = body.decode("utf-8", "replace")
            with report.at(options.file.name):
                salt = read_proof(proof)[0]
                records = [Record(options.file.name, 1, event.rstrip(b"\n"), salt, proof)]
        if not trust.keys:
            report.no("no.key")
        Receipts(records, trust, report).prove(alone=True)


def receipts_in(paths: list[Path], report: Report) -> list[Record]:
    """Return the records of all receipts."""
    records = []
    for name, path in named(paths):
        with report.at(name):
            found = read_receipt(name, saved(path))
            records += found
            if not found:
                report.no("no.records", name=name)
    return records


def kind_of(path: Path) -> str:
    if path.is_dir():
        return "bundle"
    with path.open("rb") as stream:
        # Each other byte of a text is nought where a shell of Windows has written it.
        start = stream.read(24).replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return (
        "proof" if start.startswith(b"c2sp.org/") else "receipt" if start[:1] == b"{" else "bundle"
    )


def saved(path: Path) -> bytes:
    """Return the text in a file without what an editor or a shell has made of its lines' ends."""
    body = path.read_bytes()
    try:
        text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return body
    return (text.replace("\r\n", "\n").strip() + "\n").encode()


def check_bundle(options: argparse.Namespace, trust: Trust, report: Report) -> None:
    records = receipts_in(options.more, report)
    ends: list[tuple[str, bytes]] = []
    for name, path in named(options.after):
        with report.at(name):
            ends.append((name, kept(path, report, of_days=False)))
    olds: list[tuple[str, bytes]] = []
    for name, path in named(options.previous):
        with report.at(name):
            olds.append((name, kept(path, report, of_days=True)))
    olds += ends
    with opened(options.file, report) as files, report.at("manifest.note"):
        bundle = Bundle(files, trust, report)
        receipts = Receipts(records, trust, report)
        bundle.check(olds, receipts, options.sample[0], int(options.sample[1]))
        for name, note in ends:
            with report.at(name):
                bundle.joins(name, bundle.checkpoint(note))
        receipts.trust = bundle.trust
        receipts.prove(alone=False)
        receipts.look_in(bundle)


def named(paths: list[Path]) -> list[tuple[str, Path]]:
    """Return *paths*, each with its name, or all of it where another one has the same name."""
    names = Counter(path.name for path in paths)
    return [(path.name if names[path.name] == 1 else str(path), path) for path in paths]


def kept(path: Path, report: Report, of_days: bool) -> bytes:
    """
    Return the checkpoint in a file, or the one with which an export ends. Raises Wrong.

    Nothing can join an export of a period; *of_days*: nothing shall.
    """
    if not path.is_dir() and not zipfile.is_zipfile(path) and not is_cut(path):
        return saved(path)
    with opened(path, report) as files:
        about = read_manifest(split_note(files.read("manifest.note") or b"")[0])
        if not about["logs"] or ((about["since"] or about["until"]) and not of_days):
            raise Wrong("part.period")
        return files.read(about["logs"][-1]["folder"] + "/checkpoint.txt") or b""


NEVER = ("never.person", "never.dropped", "never.time", "never.view")


def as_text(report: Report, options: argparse.Namespace) -> str:
    lines: list[str] = []
    erased = report.say("sample.erased")
    parts = {
        "head.wrong": [report.text(finding) for finding in report.findings],
        "head.yes": report.proven,
        "head.no": report.open,
        "head.never": [report.say(key) for key in NEVER],
        "head.sample": [
            f"{origin} {n}: {erased if text is None else shown(text)}"
            for origin, n, text in report.sample
        ],
    }
    for head, texts in parts.items():
        if texts:
            lines += [report.say(head, nonce=options.sample[0]), *(f"  - {t}" for t in texts), ""]
    key = "sum.bad" if report.wrong else "sum.good"
    return "\n".join([*lines, report.say(key, count=report.wrong)])


def as_json(report: Report) -> str:
    findings = [
        {"code": f.key, "file": f.file, "line": f.line, "text": report.text(f)}
        for f in report.findings
    ]
    value = {
        "format": "consent-verification/1", "ok": not report.wrong, "wrong": report.wrong,
        "findings": findings,
        "proven": report.proven, "open": report.open, "never": [report.say(key) for key in NEVER],
        "sample": [{"log": origin, "index": n, "event": text} for origin, n, text in report.sample],
    }  # fmt: skip
    return json.dumps(value, indent=2)


if __name__ == "__main__":
    gc.set_threshold(100_000)  # nothing here refers to itself, so looking for that is lost time
    sys.exit(main())
