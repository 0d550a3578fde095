"""The demo's contact form."""

import pytest

from examples.association.site import create_app


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 303),
        ("http://localhost", 303),
        ("http://localhost:8000", 403),
        ("https://other.example", 403),
        ("null", 403),
        ("http://[", 403),
        ("", 403),
    ],
)
def test_a_form_comes_from_the_site_itself(tmp_path, origin, status):
    """
    A message from somewhere else, or from nobody can say where, is refused and is no error.
    """
    typed = {
        "name": "Anna",
        "email": "anna@verein.example",
        "topic": "Presse",
        "message": "Bitte rufen Sie mich an.",
    }
    headers = {} if origin is None else {"Origin": origin}
    client = create_app({"DATA": tmp_path}).test_client()

    assert client.post("/kontakt", data=typed, headers=headers).status_code == status
