"""Packages side by side on the Historical page, and the rivals that it suggests."""

from __future__ import annotations

from pathlib import Path

from tests.pages.conftest import OpenPage


def test_a_link_restores_packages_side_by_side(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page(
        "historical.py", sample_store, packages=["numpy", "pandas"], columns="everything"
    )
    shown = app.dataframe[-1].value
    assert list(shown.columns) == ["measure", "numpy", "pandas"]
    assert len(shown) >= 20
    assert app.query_params["columns"] == "everything"
    assert not app.error


def test_each_package_side_by_side_links_to_its_page(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("historical.py", sample_store, packages="numpy", columns="everything")
    links = [link for link in app.get("page_link") if link.proto.label == "All about numpy"]
    assert [link.proto.query_string for link in links] == ["name=numpy"]


def test_without_packages_the_table_has_totals_whatever_the_address_says(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("historical.py", sample_store, columns="everything")
    assert "Package" in app.dataframe[-1].value.columns


def test_a_rival_that_is_clicked_joins_the_comparison(
    open_page: OpenPage, sample_store: Path
) -> None:
    app = open_page("historical.py", sample_store, packages="numpy")
    assert not [button for button in app.button if str(button.key).startswith("rival_")]
    app = open_page("historical.py", sample_store, packages="polars")
    offered = [button for button in app.button if str(button.key).startswith("rival_")]
    assert offered
    offered[0].click().run()
    assert app.query_params["packages"] == ["polars", offered[0].label]
    assert not app.error


def test_what_cannot_be_compared_is_named(open_page: OpenPage, monthly_store: Path) -> None:
    app = open_page("historical.py", monthly_store, packages="plotly", columns="everything")
    assert any("What could not be told" in each.label for each in app.expander)
    assert not app.error
