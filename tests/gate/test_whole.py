"""Markup ends where it ends, or it is not held."""

from __future__ import annotations

import time

import pytest

from consent.gate.whole import ended, whole


@pytest.mark.parametrize(
    ("markup", "made"),
    [
        ("<p>a<script src=x>", "<p>a<script src=x></script>"),
        ("<IFRAME src=x>b", "<IFRAME src=x>b</iframe>"),
        ("<script><!-- <script>", "<script><!-- <script></script></script>"),
        ("<script><!--<SCRIPT/></script>", "<script><!--<SCRIPT/></script></script>"),
        ("<script><!-- <script> -->", "<script><!-- <script> --></script>"),
        ("<script><!--> <script>", "<script><!--> <script></script>"),
        ("<script src=x></script\n", "<script src=x></script>"),
        ("<p><textarea>a</textarea b='>", "<p><textarea>a</textarea>"),
        ("<xmp></template>", "<xmp></template></xmp>"),
        ("<noembed></template>", "<noembed></template></noembed>"),
        ("<noframes></template>", "<noframes></template></noframes>"),
        ("<style>a { b: c }</style", "<style>a { b: c }</style</style>"),
        ("a<!-- b --", "a<!-- b ---->"),
        ("<noscript><img src=x>", "<noscript><img src=x></noscript>"),
        ("<noscript><img src='x</noscript>", "<noscript></noscript>"),
        ("<textarea><!--</textarea><title>", "<textarea><!--</textarea><title></title>"),
        ("<p>a<img src='x", "<p>a"),
        ('<p>a<a href="x" title=y', "<p>a"),
        ("a</p", "a"),
        ("a<?b", "a"),
        ("<!a b='><script>c", "<!a b='><script>c</script>"),
        ("<?a b='><script>c", "<?a b='><script>c</script>"),
        ("</ a b='><script>c", "</ a b='><script>c</script>"),
        ("<ſ b='<script>'>c", "<ſ b='<script>'>c</script>"),
        ('<noscript><b>"</noscript"</b>', '<noscript><b>"</noscript"</b></noscript>'),
    ],
)
def test_ends_that_are_missing_are_added(markup, made):
    """
    An end that somebody forgot in a gate does not take the rest of the page along, nor the next
    gate once it is granted (GA-02).
    """
    assert whole(markup) == ended(markup) == made


@pytest.mark.parametrize(
    "markup",
    [
        "<p>a<b>c</p><li>d",
        "a < b > c & d -> e",
        "<!-- a --><!--><!---><!-- b --!><br>",
        "<script>while (a --> 0) b('</template>')</script>",
        "<script><!--\na\n//--></script>",
        "<script><!-- a('<script src=b></script>') //--></script>",
        "<script><!--\na('<script src=b><\\/script>')\n//--></script>",
        "<script>a = '</ſcript>' // <b c=\"</script>",
        "<p title='</template>--><!--'>a</p>",
        "<textarea></template></textarea><!-- </template> -->",
        "<template>a<template>b</template></template>",
        "<svg><style>a</style><title>b</title><path/></svg>",
        "<script>a('<noscript>')</script><noscript><img src=x></noscript>",
    ],
)
def test_what_is_whole_stays_as_it_is(markup):
    """
    What ends by itself is held byte for byte, misnested as it may be, and so it is shown.
    """
    assert whole(markup) == ended(markup) == markup


@pytest.mark.parametrize(
    "markup",
    [
        "a</template>b",
        "a</TEMPLATE>b",
        "<template>a",
        "<template></template></TEMPLATE >",
        "<svg><title></template></title></svg>",
        "<svg><style></template></style></svg>",
        "<math><mi></template></math>",
        "<MATH>\n<mi></template></MATH>",
        "<svg><template>",
        "<svg><title><iframe></title></svg>",
        "<svg><TITLE><IFRAME></TITLE></svg>",
        "<math><![CDATA[<style>",
        "<noscript></template></noscript>",
        "<noscript><template></noscript></template>",
        " --><script src=x></script><!-- ",
        "<plaintext>a",
        "<math><script src=x><!--",
        "<svg><style><!-- a { b: c }</svg>",
        "<!--!><textarea>--></template><textarea></textarea>",
        "<col><iframe><b x='</iframe>",
        "<noscript><p title='</noscript><b c=\"' >",
    ],
)
def test_what_would_get_out_is_told_apart(markup):
    """
    What ends a template or a comment that it did not begin is not held at all (GA-02).
    """
    assert whole(markup) is None


@pytest.mark.parametrize(
    ("markup", "made"),
    [
        ("a</template>b", "a</template>b"),
        ("<template>a", "<template>a"),
        ("a --> b", "a --> b"),
        ("--><script src=x></script><!--", "--><script src=x></script><!---->"),
        ("<noscript></template></noscript>", "<noscript></template></noscript>"),
        ("<svg><style>a<b x='</style></svg>", "<svg><style>a<b x='</style></svg>"),
        ("<select><iframe><b x='</select>", "<select><iframe><b x='</select></iframe>"),
        ("<plaintext>a", None),
        ("<svg><style><!-- a { b: c }</svg>", None),
        ("<math><script src=x><!--", None),
        ("<svg><title><iframe></title></svg>", None),
        ("<noscript><p title='</noscript><!--' >", "<noscript><p title='</noscript><!--' >-->"),
    ],
)
def test_what_a_gate_behind_it_is_safe_from_is_shown(markup, made):
    """
    What is granted may end a template or a comment of the page, but never takes the opening of
    the next gate along (GA-02).
    """
    assert ended(markup) == made


@pytest.mark.parametrize(
    "part", ["<", "</", "<!", "<!--", "<a", "<a ", '<a b="', "<script ", "<svg>", "-"]
)
def test_long_markup_takes_no_longer_for_it(part):
    """
    Markup that was written to be slow is read in a moment.
    """
    before = time.process_time()
    whole(part * (100_000 // len(part)))
    ended(part * (100_000 // len(part)))

    assert time.process_time() - before < 1
