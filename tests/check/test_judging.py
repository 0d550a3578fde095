"""What is said of what was measured: the last value that is good, and the first that is not."""

import pytest

from consent.check.judging import changed, resting, ringed, usable

CLEAR, WHITE, BLACK = [0, 0, 0, 0], [255, 255, 255, 1], [0, 0, 0, 1]


def grey(part):
    return [part, part, part, 1]


def button(**measured):
    """What a browser measures of a black button with white text, in the left corner above."""
    return {
        "styles": [{"color": "white", "left": "0px"}, {}, {}],
        "box": {"x": 0, "y": 0, "width": 100, "height": 50},
        "shown": True,
        "top": True,
        "coats": [[WHITE, 1], [BLACK, 1]],
        "picture": False,
        "text": WHITE,
        "border": None,
        "outline": None,
        "shadow": "none",
        "shadows": [],
        **measured,
    }


def layer(both=None, *, reject=None, accept=None, **measured):
    """What a browser measures of a layer on a white page, of which half of the window is left."""
    return {
        "modal": False,
        "own": [[WHITE, 1]],
        "dark": False,
        "window": [100, 50],
        "free": 0.5,
        "texts": [],
        "targets": [],
        "reject": button(**{**(both or {}), **(reject or {})}),
        "accept": button(**{**(both or {}), **(accept or {})}),
        **measured,
    }


def text(shade, **measured):
    """One text of the layer, on white unless measured otherwise."""
    part = {"text": "Wir", "colour": grey(shade), "coats": [[WHITE, 1]], "picture": False}
    return {"texts": [{**part, **measured}]}


def at(x=0, y=0, width=100, height=50):
    return {"box": {"x": x, "y": y, "width": width, "height": height}}


def target(width, height):
    return {"targets": [["Mehr", {"width": width, "height": height}]]}


def faint(what, ratio):
    return [f"the text of {what} has a contrast of {ratio}, wanted 4.5"]


def of_both(told):
    return [f"the {decision} button {told}" for decision in ("reject", "accept")]


OUTSIDE = "is outside the window, wanted it in view at once"
PALE = "stands out from what is around it with a contrast of 2.9, wanted 3"
COVERED = "is covered by something, wanted it within reach"
PICTURE = "stands on a picture or gradient, wanted a plain colour behind text"


AT_REST = {
    "fair": (layer(), []),
    "no layer": (None, ["found no layer, wanted one that is shown"]),
    "another place": (layer(reject={"styles": [{"color": "white", "left": "9px"}, {}, {}]}), []),
    "another colour": (
        layer(reject={"styles": [{"color": "red", "left": "0px"}, {"content": "x"}, {}]}),
        ["color: reject red, accept white", "::before content: reject x, accept None"],
    ),
    "inside": (
        layer(
            {"styles": [{}, {}, {}, {}, {}, {}]},
            accept={"styles": [{}, {}, {"top": "9px", "order": "1"}, {"order": "2"}, {}, {}]},
        ),
        [
            "::after order: reject None, accept 1",
            "an element inside, order: reject None, accept 2",
        ],
    ),
    "elements": (
        layer(accept={"styles": [{"color": "white"}]}),
        ["the buttons hold different elements, wanted the same in both"],
    ),
    "a pixel less": (layer(accept=at(width=99, height=49)), []),
    "two pixels less": (
        layer(accept=at(width=98, height=48)),
        ["width: reject 100 px, accept 98 px", "height: reject 50 px, accept 48 px"],
    ),
    "narrower": (layer(reject=at(width=98)), ["width: reject 98 px, accept 100 px"]),
    "text": (layer(**text(118)), []),
    "pale text": (layer(**text(119)), faint('"Wir"', 4.4)),
    "text on a picture": (
        layer(**text(200, coats=[[WHITE, 1], [CLEAR, 1]], picture=True)),
        [f'"Wir" {PICTURE}'],
    ),
    "faded text": (layer(**text(0, coats=[[WHITE, 1], [CLEAR, 0.5]])), faint('"Wir"', 3.9)),
    "light in the dark": (layer(dark=True, **text(129, coats=[[CLEAR, 1]])), []),
    "dark in the dark": (layer(dark=True, **text(0, coats=[[CLEAR, 1]])), faint('"Wir"', 1.1)),
    "shape": (layer({"coats": [[WHITE, 1], [grey(148), 1]], "text": BLACK}), []),
    "pale shape": (layer({"coats": [[WHITE, 1], [grey(149), 1]], "text": BLACK}), of_both(PALE)),
    "shape on a dark layer": (
        layer({"coats": [[WHITE, 1], [BLACK, 1], [WHITE, 1]], "text": BLACK}),
        [],
    ),
    "border": (layer({"coats": [[WHITE, 1], [WHITE, 1]], "text": BLACK, "border": grey(148)}), []),
    "pale border": (
        layer({"coats": [[WHITE, 1], [WHITE, 1]], "text": BLACK, "border": grey(149)}),
        of_both(PALE),
    ),
    "black on black": (
        layer({"text": BLACK}),
        faint("the reject button", 1.0) + faint("the accept button", 1.0),
    ),
    "a picture": (layer(accept={"picture": True}), [f"the accept button {PICTURE}"]),
    "target": (layer(**target(24, 24)), []),
    "narrow target": (layer(**target(23.9, 60)), ['"Mehr" is 23 x 60 px large, wanted 24 x 24']),
    "low target": (layer(**target(60, 23.9)), ['"Mehr" is 60 x 23 px large, wanted 24 x 24']),
    "left of it": (layer(reject=at(x=-1)), [f"the reject button {OUTSIDE}"]),
    "above it": (layer(reject=at(y=-1)), [f"the reject button {OUTSIDE}"]),
    "right of it": (layer(accept=at(x=1)), [f"the accept button {OUTSIDE}"]),
    "below it": (layer(accept=at(y=1)), [f"the accept button {OUTSIDE}"]),
    "covered": (layer({"top": False}), of_both(COVERED)),
    "a tenth is free": (layer(free=0.1), []),
    "less is free": (layer(free=0.0975), ["9% of the window are left free, wanted 10% at least"]),
    "modal": (layer(free=0, modal=True), []),
    "solid": (layer(own=[[[255, 255, 255, 0.99], 1]]), []),
    "see-through": (
        layer(own=[[WHITE, 0.9]]),
        ["the background lets 10% of the page through, wanted none behind text"],
    ),
    "hidden": (
        layer(reject={"shown": False}),
        ["the reject button is not shown, wanted it to be seen"],
    ),
    "no accept": ({**layer(**target(1, 1)), "accept": None}, ["no accept button, wanted one"]),
    "no reject": ({**layer(**target(1, 1)), "reject": None}, ["no reject button, wanted one"]),
}

FOCUSED = {
    "ring": ({"outline": grey(148)}, None),
    "pale ring": ({"outline": grey(149)}, 2.9),
    "glow": ({"shadow": "0 0 3px grey", "shadows": [WHITE, grey(148)]}, None),
    "white glow": ({"shadow": "0 0 3px white", "shadows": [WHITE]}, 1.0),
    "border": ({"border": BLACK}, None),
    "white border": ({"border": WHITE}, 1.0),
    "no border": ({"border": None}, 1.0),
    "nothing": ({}, 1.0),
    "black page": ({"coats": [[BLACK, 1], [WHITE, 1]], "outline": BLACK}, 1.0),
    "black layer": ({"coats": [[WHITE, 1], [BLACK, 1], [WHITE, 1]], "outline": WHITE}, None),
}


@pytest.mark.parametrize(("measured", "findings"), AT_REST.values(), ids=AT_REST)
def test_the_first_layer_at_rest(measured, findings):
    """
    Buttons that differ, what is hard to see or to hit and what is out of place are found from the
    value on that WCAG and we call too little, and nothing before that; what is too little never
    reads as enough (FL-02, AX-06, AX-09, AX-22).
    """
    assert list(resting(measured, is_first=True)) == findings


def test_the_settings_may_fill_the_window_and_be_scrolled():
    """
    Where the second layer is, and how much it leaves free, is nobody's finding.
    """
    assert list(resting(layer(at(y=900), free=0), is_first=False)) == []


@pytest.mark.parametrize(
    ("measured", "is_usable"),
    [
        (layer(), True),
        (None, False),
        ({**layer(), "accept": None}, False),
        (layer(accept={"shown": False}), False),
    ],
    ids=["both", "no layer", "one", "one is hidden"],
)
def test_only_two_buttons_that_are_seen_can_be_touched(measured, is_usable):
    """
    What happens to a button that is touched is looked at where both are there and shown.
    """
    assert usable(measured) is is_usable


def test_each_button_is_compared_as_touched_and_as_left_alone():
    """
    A button may change when it is touched, and so may the other one, but both alike (FL-02).
    """
    bold, red = {"styles": [{"font": "bold"}]}, {"styles": [{"font": "red"}], "text": grey(90)}
    on_reject, on_accept = layer(reject=bold, accept=red), layer(reject=bold, accept=bold)

    assert list(changed(on_reject, layer(reject=red, accept=bold))) == []
    assert list(changed(on_reject, on_accept)) == [
        "while the other is touched, font: reject bold, accept red"
    ]
    assert list(changed(on_accept, layer(reject=bold, accept=red))) == [
        "font: reject bold, accept red",
        *faint("the accept button", 3.0),
    ]
    assert list(changed(layer({"text": BLACK}), layer())) == faint("the reject button", 1.0)


@pytest.mark.parametrize(("focused", "ratio"), FOCUSED.values(), ids=FOCUSED)
def test_the_focus_is_to_be_seen_on_each_button(focused, ratio):
    """
    Ring, glow or border: one of them has a contrast of 3 at least with what is around (AX-09).
    """
    before, seen = layer({"border": grey(10)}), layer({"border": grey(10), **focused})
    told = [
        f"the focus on {decision} has a contrast of {ratio}, wanted 3"
        for decision in ("reject", "accept")
    ]

    found = list(ringed(before, {"reject": seen, "accept": seen}))

    assert found == (told if ratio else [])


@pytest.mark.parametrize("before", ["border", "shadow"])
def test_what_is_there_without_focus_does_not_show_it(before):
    """
    A border or a shadow that a button always has tells nobody where the focus is (AX-09).
    """
    always = {"border": BLACK} if before == "border" else {"shadow": "x", "shadows": [BLACK]}
    seen = layer(always)

    assert len(list(ringed(seen, {"reject": seen, "accept": seen}))) == 2
