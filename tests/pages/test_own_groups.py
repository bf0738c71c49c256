"""Own groups on the pages: made, changed, removed and brought back, from a link and from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.own_groups import OwnGroup
from lib.sidebar import key
from tests.pages.conftest import OpenPage
from tests.pages.test_historical import query, texts


def widget(name: str) -> str:
    return f"own_group_{name}"


def opened(app: AppTest) -> AppTest:
    """The page with its editor open, as a reader's click leaves it."""
    app.session_state[widget("open")] = True
    return app.run()


def save(app: AppTest, name: str, packages: list[str]) -> None:
    app.text_input(key=widget("name")).set_value(name)
    app.multiselect(key=widget("packages")).set_value(packages).run()
    app.button(key=widget("save")).click().run()


@pytest.fixture
def historical(open_page: OpenPage, sample_store: Path) -> AppTest:
    return open_page("historical.py", sample_store)


def test_a_link_brings_a_group_whose_packages_are_compared(
    open_page: OpenPage, sample_store: Path
) -> None:
    own = ["My stack:numpy,pandas,in-house", "wrong"]
    app = open_page("historical.py", sample_store, own=own)
    assert app.session_state["own_groups"] == (
        OwnGroup("My stack", ("numpy", "pandas", "in-house")),
    )
    assert "own=wrong (a group needs a name)" in texts(app).replace("\\", "")
    assert query(app) == {"own": own[:1]}
    assert app.selectbox(key="group").options[0] == "My stack"
    app.selectbox(key="group").set_value("My stack").run()
    assert app.session_state[key("packages")] == ["numpy", "pandas"]
    assert query(app) == {"packages": ["numpy", "pandas"], "own": own[:1]}


def test_a_group_is_made_renamed_changed_removed_and_brought_back(historical: AppTest) -> None:
    app = opened(historical)
    save(app, "  My  stack ", ["numpy", "Pan_Das", "no package!"])
    assert query(app) == {"own": ["My stack:numpy,pan-das"]}
    assert "Saved: My stack, 2 packages" in texts(app)
    assert "Left out" in texts(app)
    assert "Not held here, and kept in the group: pan\\-das" in texts(app)
    save(app, "Ours", ["numpy"])
    assert query(app) == {"own": ["Ours:numpy"]}
    app.selectbox(key=widget("picked")).set_value("").run()
    assert app.text_input(key=widget("name")).value == ""
    save(app, "Second", ["plotly"])
    assert query(app) == {"own": ["Ours:numpy", "Second:plotly"]}
    app.selectbox(key=widget("picked")).set_value("Ours").run()
    app.button(key=widget("remove")).click().run()
    assert query(app) == {"own": ["Second:plotly"]}
    app.button(key=widget("undo")).click().run()
    assert query(app) == {"own": ["Ours:numpy", "Second:plotly"]}
    assert app.text_input(key=widget("name")).value == "Ours"
    with pytest.raises(KeyError):
        app.button(key=widget("undo"))


@pytest.mark.parametrize(
    ("name", "packages", "why"),
    [
        ("", ["numpy"], "a group needs a name"),
        ("Plotting", ["numpy"], "a group of the app has this name"),
        ("Stack", [], "a group needs a package"),
        ("Stack", ["a b"], "a group needs a package"),
    ],
    ids=["no name", "name of the app", "no package", "no name of a package"],
)
def test_what_is_no_group_is_not_saved_and_told(
    historical: AppTest, name: str, packages: list[str], why: str
) -> None:
    app = opened(historical)
    save(app, name, packages)
    assert f"Not saved: {why}" in texts(app)
    assert query(app) == {}


def test_a_file_is_shown_before_it_is_taken(historical: AppTest) -> None:
    app = opened(historical)
    content = b"numpy==2\npandas\n-r [more](javascript:x).txt\nin-house\n"
    app.file_uploader(key=widget("file_0")).upload("requirements dev.txt", content).run()
    shown = texts(app)
    assert "3 packages read as requirements.txt; 2 held here" in shown
    assert "Not read: line 3\\: \\-r \\[more\\]" in shown
    assert query(app) == {}
    app.button(key=widget("take")).click().run()
    assert app.text_input(key=widget("name")).value == "requirements dev"
    assert app.multiselect(key=widget("packages")).value == ["numpy", "pandas", "in-house"]
    app.button(key=widget("save")).click().run()
    assert query(app) == {"own": ["requirements dev:numpy,pandas,in-house"]}


def test_a_file_that_cannot_be_read_is_told(historical: AppTest) -> None:
    app = opened(historical)
    app.file_uploader(key=widget("file_0")).upload("x.toml", b"[a").run()
    assert "x.toml is no valid TOML" in app.error[0].value


def test_own_groups_go_along_from_page_to_page(open_page: OpenPage, sample_store: Path) -> None:
    own = "My stack:numpy,pandas"
    app = open_page("historical.py", sample_store, own=own)
    app.query_params.clear()
    app.switch_page("pages/rankings.py").run()
    assert query(app) == {"own": [own]}
    app.query_params.clear()
    app.query_params.update({"own": "Theirs:plotly", "group": "Theirs"})
    app.run()
    assert query(app)["own"] == ["Theirs:plotly", own]
    assert query(app)["group"] == ["Theirs"]


def test_a_group_named_in_markup_is_shown_as_it_is(open_page: OpenPage, sample_store: Path) -> None:
    name = "<img src=x onerror=alert(1)> $x$"
    app = opened(open_page("historical.py", sample_store, own=f"{name}:numpy"))
    app.selectbox(key=widget("picked")).set_value(name).run()
    app.button(key=widget("remove")).click().run()
    assert app.button(key=widget("undo")).label == (
        "Bring back \\<img src=x onerror=alert\\(1\\)\\> \\$x\\$"
    )
    assert not app.exception


def test_the_report_is_about_the_days_that_are_ranked(
    open_page: OpenPage, sample_store: Path
) -> None:
    own = "My stack:numpy,pandas,in-house"
    app = open_page(
        "rankings.py", sample_store, own=own, group="My stack", period="2026-10-01..2026-10-31"
    )
    shown = texts(app).replace("\\", "")
    assert "How is everything in My stack doing?" in shown
    assert "Of the 2 packages of My stack held here" in shown
    assert "in Oct 2026, against Sep 2026" in shown
    assert "1 package is not held: in-house." in shown


def test_the_report_of_one_day_says_what_an_interval_takes(
    open_page: OpenPage, sample_store: Path
) -> None:
    own = "My stack:numpy,pandas"
    app = open_page("rankings.py", sample_store, own=own, group="My stack", period="1d")
    shown = texts(app).replace("\\", "")
    assert "on 21 Nov 2026, against 14 Nov 2026: an interval takes two weeks" in shown


def test_a_group_of_the_app_has_no_report(open_page: OpenPage, sample_store: Path) -> None:
    app = open_page("rankings.py", sample_store, group="Plotting")
    assert "How is everything" not in texts(app)
