from __future__ import annotations

from benchmarks.side_by_side.machine import cores, cpu_model, telling_variables


def test_the_processor_is_named(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: A Processor 9000\n")
    assert cpu_model(tmp_path / "cpuinfo") == "A Processor 9000"
    assert cpu_model(tmp_path / "nowhere")
    assert cores() >= 1


def test_only_variables_that_matter_are_told():
    environment = {"OMP_NUM_THREADS": "2", "MXNET_ENGINE_TYPE": "NaiveEngine", "MALLOC_ARENA_MAX": "1", "SECRET": "s"}
    assert set(telling_variables(environment)) == set(environment) - {"SECRET"}
