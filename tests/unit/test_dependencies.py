"""Files of dependencies: each form is read whole, and what is not read is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.dependencies import MOST_BYTES, MOST_PACKAGES, Dependencies, read_dependencies
from lib.errors import PulseError

REQUIREMENTS = """\
# Everything that can stand in a requirements file
numpy
Pandas >= 2, < 4   # a comment
scikit_learn[alldeps]==1.9.0 ; python_version >= "3.11"
torch==2.9.0+cpu
requests==2.32.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
-r more.txt
-c limits.txt
--index-url https://user:secret@index.example.com/simple
--extra-index-url=https://other.example.com
-e .
-e git+https://token@github.com/pallets/click.git@main#egg=click
flask @ https://example.com/Flask-3.0.0.tar.gz
rich@git+https://github.com/Textualize/rich
https://example.com/wheels/zope.interface-7.0-py3-none-any.whl#sha256=cc
git+https://github.com/psf/black
./vendored/thing
numpy==2.0 ; python_version < "3.12"
conda-style=1.2
this is prose
"""


def test_a_requirements_file_is_read() -> None:
    found = read_dependencies("requirements.txt", REQUIREMENTS.encode())
    assert found == Dependencies(
        "requirements.txt",
        ("numpy", "pandas", "scikit-learn", "torch", "requests", "click", "flask", "rich",
         "zope-interface", "conda-style"),
        (
            "line 9: -r more.txt (another file: give that one too)",
            "line 10: -c limits.txt (another file: give that one too)",
            "line 13: . (a folder of this machine)",
            "line 18: git+https://github.com/psf/black (an address that does not name its package)",
            "line 19: ./vendored/thing (a folder of this machine)",
            "line 22: this is prose (no requirement)",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfnumpy\r\npandas\r\n",
        "numpy\r\npandas\r\n".encode("utf-16"),
        "\ufeffnumpy\npandas".encode("utf-16-be"),
        "# r\xe9sum\xe9\nnumpy\npandas".encode("latin-1"),
        b"numpy\rpandas",
        b"numpy \\\n\npandas\\",
    ],
    ids=["BOM and CRLF", "PowerShell", "big-endian", "latin-1", "old Mac", "goes on and ends"],
)
def test_a_file_is_read_as_editors_write_it(content: bytes) -> None:
    assert read_dependencies("requirements.txt", content).packages == ("numpy", "pandas")


PYPROJECT = """\
[project]
name = "My.App"
dependencies = ["numpy>=2", "in-house", "Pandas[excel]; sys_platform == 'linux'"]
[project.optional-dependencies]
plot = ["plotly", "my-app[all]"]
all = ["my_app[plot]", "altair"]
[dependency-groups]
test = ["pytest>8", {include-group = "typing"}]
typing = ["mypy", {include-group = "gone"}, 5]
[build-system]
requires = ["hatchling"]
[tool.uv]
dev-dependencies = ["ruff"]
[tool.uv.sources]
In_House = {workspace = true}
[tool.pdm.dev-dependencies]
lint = ["black"]
[tool.hatch.envs.docs]
dependencies = ["mkdocs"]
[tool.setuptools.dynamic]
dependencies = {file = ["requirements.in"]}
"""


def test_every_place_of_a_pyproject_is_read() -> None:
    found = read_dependencies("pyproject.toml", PYPROJECT.encode())
    assert found.form == "pyproject.toml"
    assert found.packages == (
        "numpy", "pandas", "plotly", "altair", "pytest", "mypy", "ruff", "black", "mkdocs",
        "hatchling",
    )  # fmt: skip
    assert found.not_read == (
        "dependencies: in-house (a folder of this machine)",
        "dependency-groups.typing (it includes no group of the file)",
        "dependency-groups.typing:  (no requirement)",
        "tool.setuptools.dynamic.dependencies (another file: give that one too)",
    )


def test_the_tables_of_poetry_are_read() -> None:
    text = """\
[tool.poetry]
name = "app"
[tool.poetry.dependencies]
python = "^3.12"
numpy = "^2"
uvicorn = {version = "*", extras = ["standard"]}
here = {path = "../here", develop = true}
there = {git = "https://github.com/a/there"}
many = [{version = "1", python = "<3.12"}, {version = "2"}]
[tool.poetry.dev-dependencies]
pytest = "*"
[tool.poetry.group.docs.dependencies]
Sphinx = "*"
"""
    found = read_dependencies("pyproject.toml", text.encode())
    assert found.packages == ("numpy", "uvicorn", "there", "many", "pytest", "sphinx")
    assert found.not_read == ("here (a folder of this machine)",)


UV_LOCK = """\
version = 1
revision = 3
requires-python = ">=3.12"
[manifest]
members = ["app", "member"]
[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "numpy" }]
[[package]]
name = "member"
source = { editable = "packages/member" }
[[package]]
name = "numpy"
version = "2.3.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.pythonhosted.org/n.tar.gz", hash = "sha256:aa", size = 1 }
[[package]]
name = "fork"
source = { git = "https://github.com/a/fork?rev=1#1" }
[[package]]
name = "numpy"
version = "2.2.0"
source = { registry = "https://pypi.org/simple" }
"""

POETRY_LOCK = """\
[[package]]
name = "numpy"
version = "2.3.0"
optional = false
files = []
[[package]]
name = "Here"
version = "0"
[package.source]
type = "directory"
url = "../here"
[[package]]
name = "pandas"
version = "3"
[package.dependencies]
numpy = ">=1"
[metadata]
lock-version = "2.1"
content-hash = "aa"
"""

PDM_LOCK = """\
[metadata]
groups = ["default"]
lock_version = "4.5.0"
[[package]]
name = "numpy"
version = "2.3.0"
[[package]]
name = "uvicorn"
extras = ["standard"]
version = "0.30"
[[package]]
name = "uvicorn"
version = "0.30"
[[package]]
name = "here"
path = "./here"
editable = true
"""

PYLOCK = """\
lock-version = "1.0"
created-by = "a tool"
[[packages]]
name = "numpy"
version = "2.3.0"
[[packages.wheels]]
url = "https://files.pythonhosted.org/numpy-2.3.0-py3-none-any.whl"
hashes = {sha256 = "aa"}
[[packages]]
name = "app"
directory = {path = ".", editable = true}
[[packages]]
name = "fork"
vcs = {type = "git", url = "https://github.com/a/fork", commit-id = "1"}
"""

PIPFILE = """\
[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"
[packages]
numpy = "*"
here = {path = ".", editable = true}
fork = {git = "https://github.com/a/fork"}
[dev-packages]
pytest = ">=8"
[docs]
Sphinx = "*"
[requires]
python_version = "3.12"
[scripts]
go = "python go.py"
"""

PIPFILE_LOCK = json.dumps(
    {
        "_meta": {"hash": {"sha256": "aa"}, "sources": []},
        "default": {"numpy": {"version": "==2.3.0", "hashes": []}, "e1839a": {"path": "."}},
        "develop": {"pytest": {"version": "==9"}},
        "docs": {"sphinx": {}},
    },
    indent=4,
)


@pytest.mark.parametrize(
    ("form", "text", "packages", "left"),
    [
        ("uv.lock", UV_LOCK, ("numpy", "fork"), ("member",)),
        ("poetry.lock", POETRY_LOCK, ("numpy", "pandas"), ("Here",)),
        ("pdm.lock", PDM_LOCK, ("numpy", "uvicorn"), ("here",)),
        ("pylock.toml", PYLOCK, ("numpy", "fork"), ("app",)),
        ("Pipfile", PIPFILE, ("numpy", "fork", "pytest", "sphinx"), ("here",)),
        ("Pipfile.lock", PIPFILE_LOCK, ("numpy", "pytest", "sphinx"), ("e1839a",)),
    ],
    ids=["uv", "poetry", "pdm", "pylock", "Pipfile", "Pipfile.lock"],
)
def test_a_lock_file_is_known_by_its_name_or_its_content(
    form: str, text: str, packages: tuple[str, ...], left: tuple[str, ...]
) -> None:
    expected = Dependencies(
        form, packages, tuple(f"{name} (a folder of this machine)" for name in left)
    )
    for name in (form, "pasted.txt", "", "/tmp/x/" + form):
        assert read_dependencies(name, text.encode()) == expected
    assert read_dependencies(form, text.replace("\n", "\r\n").encode("utf-8-sig")) == expected


def test_a_setup_cfg_is_read() -> None:
    text = """\
[metadata]
name = my_app
[options]
install_requires =
    numpy>=2
    pandas; python_version > "3"  # why
setup_requires = setuptools
tests_require = file: test.txt
[options.extras_require]
plot =
    plotly
    my-app[all]
"""
    found = read_dependencies("setup.cfg", text.encode())
    assert found == read_dependencies("pasted", text.encode())
    assert found.form == "setup.cfg"
    assert found.packages == ("numpy", "pandas", "setuptools", "plotly")
    assert found.not_read == ("tests_require: file: test.txt (another file: give that one too)",)


def test_the_pip_section_of_a_conda_environment_is_read_and_the_rest_is_told() -> None:
    text = """\
name: science
channels: [conda-forge]
dependencies:
  - python=3.12
  - pytorch::pytorch=2.9
  # a comment
  - pip
  - pip:
      - numpy==2.3.0   # a comment
      - "plotly[express]>=6"
      - -r more.txt
      - --pre
      - git+https://github.com/a/b
  - scipy
prefix: /opt
"""
    found = read_dependencies("environment.yml", text.encode())
    assert found == read_dependencies("pasted", text.encode())
    assert found.form == "environment.yml"
    assert found.packages == ("numpy", "plotly")
    assert found.not_read == (
        "line 11: -r more.txt (another file: give that one too)",
        "line 13: git+https://github.com/a/b (an address that does not name its package)",
        "4 entries outside the pip section (conda's packages may have other names than PyPI's)",
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("requirements.txt", b"", "names no package"),
        ("requirements.txt", b"# nothing\n-r base.txt", "line 2: -r base.txt"),
        ("pyproject.toml", b"[project]\nname = 'x'", "names no package"),
        ("pyproject.toml", b"", "in a place that is known"),
        ("pyproject.toml", b"[project", "no valid TOML"),
        ("uv.lock", b"numpy==1", "no valid TOML"),
        ("x", b"[a]\nb = 1", "in a place that is known"),
        ("package.json", b'{"dependencies": {"react": "1"}}', "in a place that is known"),
        ("Pipfile.lock", b'{"_meta"', "no valid JSON"),
        ("Pipfile.lock", b'{"a":' * 100_000, "no valid JSON"),
        ("x.toml", b"a=" + b"[" * 100_000, "no valid TOML"),
        ("setup.py", b"import os", "is a program"),
        ("numpy.whl", b"PK\x03\x04\x00", "no text file"),
        ("setup.cfg", b"[options]\n[options", "no valid setup.cfg"),
        ("environment.yml", b"dependencies: [{pip: [numpy]}]", "names no package"),
        ("big.txt", b"numpy\n" * 1_000_000, "6.0 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_why_and_what_to_do(
    name: str, content: bytes, told: str
) -> None:
    with pytest.raises(PulseError, match=r"Give|Repair") as raised:
        read_dependencies(name, content)
    assert str(raised.value).startswith(name)
    assert told in str(raised.value)
    assert len(str(raised.value)) < 700


def test_no_more_packages_than_the_bound_are_read_and_what_is_left_is_told_shortly() -> None:
    lines = [f"package-{number}" for number in range(MOST_PACKAGES + 7)]
    lines += [f"no package {number}" for number in range(100)]
    found = read_dependencies("requirements.txt", "\n".join(lines).encode())
    assert found.packages == tuple(lines[:MOST_PACKAGES])
    assert len(found.not_read) == 42
    assert found.not_read[-2:] == (
        "… and 60 more entries",
        f"7 more packages (at most {MOST_PACKAGES} are read)",
    )


def test_passwords_and_unprintable_characters_are_not_shown_again() -> None:
    content = "numpy\ngit+https://me:hush@example.com/x\n\u202eevil thing\u2066 <b>\n".encode()
    left = read_dependencies("requirements.txt", content).not_read
    assert left[0].startswith("line 2: git+https://…@example.com/x (")
    assert left[1] == "line 3: evil thing <b> (no requirement)"


@pytest.mark.parametrize(
    "line",
    [" " * 300_000 + "x y", "a" * 300_000, "a;" + "(" * 300_000, "a " * 150_000, "//" * 150_000],
    ids=["spaces", "one name", "parentheses", "words", "slashes"],
)
def test_a_line_without_end_is_left_and_takes_no_time(line: str) -> None:
    found = read_dependencies("requirements.txt", f"numpy\n{line}\n".encode())
    assert set(found.packages) <= {"numpy", "a"}


TEXTS = st.sampled_from([
    REQUIREMENTS, PYPROJECT, UV_LOCK, POETRY_LOCK, PDM_LOCK, PYLOCK, PIPFILE, PIPFILE_LOCK,
])  # fmt: skip

NAMES = st.sampled_from(["x", "requirements.txt", "pyproject.toml", "uv.lock", "environment.yml",
                         "setup.cfg", "Pipfile", "Pipfile.lock"])  # fmt: skip


def is_read_or_refused(name: str, content: bytes) -> None:
    try:
        found = read_dependencies(name, content)
    except PulseError:
        return
    assert 0 < len(found.packages) <= MOST_PACKAGES
    assert len(set(found.packages)) == len(found.packages)


@settings(max_examples=40)
@given(NAMES, st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_anything_is_read_or_refused_in_words(name: str, content: bytes) -> None:
    is_read_or_refused(name, content)


@settings(max_examples=40)
@given(NAMES, TEXTS, st.data())
def test_a_file_that_is_damaged_is_read_or_refused_in_words(
    name: str, text: str, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, min(first + 40, len(text))))
    patch = data.draw(st.text(alphabet='[]{}="\n:-, #\\aé\x0b', max_size=8))
    is_read_or_refused(name, (text[:first] + patch + text[last:]).encode())


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda parts: (
        st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts, max_size=3)
    ),
    max_leaves=5,
)

KEYS = st.sampled_from([
    "_meta", "default", "develop", "package", "packages", "lock-version", "version", "project",
    "tool", "dependency-groups", "build-system", "dev-packages", "metadata",
])  # fmt: skip


@settings(max_examples=40)
@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_tables_of_other_kinds_than_expected_are_read_or_refused(table: dict[str, object]) -> None:
    is_read_or_refused("x", json.dumps(table).encode())


def test_the_largest_file_is_still_read() -> None:
    package = '[[package]]\nname = "p{}"\nsource = {{ registry = "x" }}\nwheels = [{}]\n'
    wheel = '{ url = "https://files.pythonhosted.org/a.whl", hash = "sha256:aa", size = 1 },' * 40
    text = "version = 1\n" + "".join(package.format(number, wheel) for number in range(120))
    assert MOST_BYTES / 20 < len(text) < MOST_BYTES
    assert len(read_dependencies("uv.lock", text.encode()).packages) == 120
