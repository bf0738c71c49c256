"""A card that first tells a finding in a sentence, and then draws what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lib.formats import plain
from lib.panels.card import Card, panel
from lib.questions.question import CannotTell


@contextmanager
def finding_card(title: str, key: str) -> Iterator[Card]:
    """A `panel` that also says where what is held is too little to tell."""
    with panel(title, key) as card:
        try:
            yield card
        except CannotTell as refused:
            st.info(plain(str(refused)), icon=":material/info:")


def tell(sentence: str, details: str = "") -> None:
    """The finding in one sentence, and what follows it, both plain text."""
    st.markdown(f"**{plain(sentence)}**")
    if details:
        st.markdown(plain(details))
