from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from connector.domain.identity import normalise_email

addresses = st.builds("{}@{}".format, st.text(min_size=1), st.text(min_size=1))


@given(addresses)
@example("İ@example.com")
def test_a_normalised_address_stays_as_it_is(text):
    email = normalise_email(text)

    assert email is None or normalise_email(email) == email


@given(st.emails(), st.sampled_from([str.upper, str.lower, str.title, lambda text: f"  {text}\t"]))
def test_case_and_surrounding_space_make_no_other_person(email, typed):
    assert normalise_email(typed(email)) == normalise_email(email) is not None


@given(addresses)
def test_a_normalised_address_has_no_space_and_something_on_both_sides_of_the_sign(text):
    email = normalise_email(text)

    if email is not None:
        assert email.split() == [email]
        assert all(email.rpartition("@"))
