"""Two hundred files that may be anything, in this process; the rest is ``python -m tests.torture.fuzz``."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import pytest

import gluonrnn as gb
from tests.torture import archives, fuzz, headers, models
from tests.torture.cases import Case, WrongError, check_message
from tests.torture.raw import RAW, damaged
from tests.torture.zips import Entry, a_zip

pytestmark = pytest.mark.slow
GROUPS = pytest.mark.parametrize("group", fuzz.GROUPS)
NUMBERS = range(100)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return str(tmp_path_factory.mktemp("scratch"))


@GROUPS
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_files_that_may_be_anything(group, scratch):
    judge = fuzz.maker_and_judge(group)[1]
    outcomes = set()
    for number in NUMBERS:
        case = fuzz.case_of(group, 0, number, scratch)
        if "bomb" in case.kind or "overlapping" in case.kind or "many_entries" in case.kind:
            continue  # large; each has a test of its own in tests/corpus/test_archives.py
        with tempfile.TemporaryDirectory() as sandbox:
            try:
                outcomes.add(fuzz.outcome(case, judge, Path(sandbox)))
            except Exception as error:
                pytest.fail(f"number {number}, {case.kind}: {type(error).__name__}: {error}")
    assert "loaded" in outcomes
    assert len(outcomes) > 1


@GROUPS
def test_file_of_a_number_is_the_same_each_time(group, scratch):
    made = [[fuzz.case_of(group, 3, number, scratch) for number in range(20)] for _ in range(2)]
    assert made[0] == made[1]
    assert fuzz.case_of(group, 4, 0, scratch) != made[0][0]


def test_raw_damage_changes_something():
    rng = random.Random(1)
    content = bytes(rng.randrange(256) for _ in range(1000))
    for mutate in RAW:
        assert any(mutate(content, rng) != content for _ in range(5)), mutate.__name__
    assert damaged(content, rng)[0] in [mutate.__name__ for mutate in RAW]


def outcome_of(case, judge, scratch):
    with tempfile.TemporaryDirectory(dir=scratch) as sandbox:
        return fuzz.outcome(case, judge, Path(sandbox))


def test_what_is_written_outside_is_seen(scratch):
    def judge(case, path):
        (path.parent.parent / "escaped").write_bytes(b"")
        return "loaded"

    with pytest.raises(WrongError, match=r"something was written outside: \['data', 'escaped'\]"):
        outcome_of(Case("kind", "a", b""), judge, scratch)


def test_what_must_load_and_what_must_fail(scratch):
    for case, found, words in [
        (Case("kind", "a", b"", must_load=True), "ValueError", "means what it meant before, but was refused"),
        (Case("kind", "a", b"", must_fail=True), "loaded", "it is dangerous, but was loaded"),
    ]:
        with pytest.raises(WrongError, match=words):
            outcome_of(case, lambda *_, found=found: found, scratch)


def test_messages_are_judged():
    for message, words in [
        ("no such thing", "the file is not named"),
        ("a.zip is\nbad", "the message has control characters"),
        ("a.zip is \x1b[2J", "the message has control characters"),
        ("a.zip is " + "x" * 2000, "the message has 2,009 characters"),
    ]:
        check_message(ValueError("a.zip is bad"), Path("a.zip"))
        with pytest.raises(WrongError, match=words):
            check_message(ValueError(message), Path("a.zip"))


def test_model_that_is_another_than_the_file_says_is_seen(scratch):
    content = models.seeds(scratch)[0]
    case = Case("kind", "model.safetensors", content, must_load=True)
    assert outcome_of(case, models.judge, scratch) == "loaded"
    path = Path(scratch, "model.safetensors")
    path.write_bytes(content)
    model = gb.load(path)
    tensors, header, numbers = headers.taken_apart(content)
    lies = {
        r"the weight \w+ is another": (header, bytes(len(numbers))),
        "the vocabulary is another": ({**header, "vocabulary": ["x"]}, numbers),
        "the history is another": ({**header, "history": []}, numbers),
        "the option cell is 'rnn'": ({**header, "options": {"cell": "gru"}}, numbers),
    }
    for words, parts in lies.items():
        with pytest.raises(WrongError, match=words):
            models.check_model(model, headers.put_together(tensors, *parts))


def test_archive_that_unpacks_to_what_nobody_packed_is_seen(scratch):
    case = Case("kind", "pairs.zip", a_zip([Entry(b"a.txt", b"foreign")]), payloads=(b"own",))
    with pytest.raises(WrongError, match=r"a\.txt holds what nobody packed"):
        outcome_of(case, archives.judge, scratch)


def test_failures_are_kept_and_make_the_exit_status_1(monkeypatch, tmp_path, capsys):
    line = {"number": 1, "kind": "kind", "outcome": "ValueError", "failed": False, "seconds": 0.1, "megabytes": 1.0}
    worse = {**line, "number": 2, "outcome": "it ended", "failed": True}
    monkeypatch.setattr(fuzz, "results", lambda *_: [line, {**line, "outcome": "loaded"}, worse])
    assert fuzz.main(["--count", "3", "--only", "archives", "--keep", str(tmp_path / "kept")]) == 1
    printed = capsys.readouterr()
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["archives-1-2"]
    assert "what-happened.txt" in [path.name for path in (tmp_path / "kept" / "archives-1-2").iterdir()]
    assert printed.out.splitlines()[1].split()[:4] == ["kind", "3", "1", "0.10"]
    assert "1 FAILED, 1 ValueError" in printed.out
    assert "3 files in 0 s, 1 failed; they are kept in" in printed.out
    monkeypatch.setattr(fuzz, "results", lambda *_: [line])
    assert fuzz.main(["--count", "1", "--only", "models"]) == 0


def test_process_that_ends_is_told_and_the_next_goes_on(scratch):
    code = """
import json, os, signal, sys
for number in range(int(sys.argv[4]), int(sys.argv[5])):
    if number == 1:
        os.kill(os.getpid(), signal.SIGALRM)
    if number == 3:
        os._exit(7)
    print(json.dumps({"number": number, "failed": False}), flush=True)
"""
    found = list(fuzz.results("archives", 0, 5, scratch, [sys.executable, "-c", code]))
    assert [(line["number"], line["failed"], line.get("outcome")) for line in found] == [
        (0, False, None),
        (1, True, "the process ended: it took too long"),
        (2, False, None),
        (3, True, "the process ended: exit status 7"),
        (4, False, None),
    ]


def test_processes_open_files(scratch):
    found = list(fuzz.results("archives", 0, 12, scratch))
    assert [line["number"] for line in found] == list(range(12))
    assert not any(line["failed"] for line in found)
    assert {"kind", "outcome", "seconds", "megabytes"} < set(found[0])
