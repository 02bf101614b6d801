"""Where arrays live: the first GPU that works, or the CPU. No test here needs a GPU."""

from __future__ import annotations

import pytest

from gluonrnn import devices
from gluonrnn.devices import try_all_gpus, try_gpu
from gluonrnn.errors import DeviceWarning

mx = devices.mx


@pytest.fixture
def machine(monkeypatch):
    """Pretend that there are so many GPUs, of which some fail: ``machine(count, broken, message, late)``."""
    touched = []

    def pretend(count, broken=(), message="CUDA: no kernel image", late=False):
        class Array:
            def __init__(self, fails):
                self.fails = fails

            def asnumpy(self):
                if self.fails:
                    raise mx.base.MXNetError(message)

        def num_gpus():
            if isinstance(count, Exception):
                raise count
            return count

        def ones(shape, ctx):
            touched.append(ctx)
            fails = ctx.device_id in broken
            if fails and not late:
                raise mx.base.MXNetError(message)
            return Array(fails)

        monkeypatch.setattr(mx.context, "num_gpus", num_gpus)
        monkeypatch.setattr(devices.nd, "ones", ones)
        return touched

    return pretend


def test_without_a_gpu_it_is_the_cpu_and_nothing_is_allocated(machine):
    touched = machine(0)
    assert try_gpu() == mx.cpu()
    assert try_all_gpus() == [mx.cpu()]
    assert touched == []


def test_broken_driver_counts_as_no_gpu(machine):
    touched = machine(mx.base.MXNetError("CUDA: driver version is insufficient"))
    assert try_gpu() == mx.cpu()
    assert try_all_gpus() == [mx.cpu()]
    assert touched == []


def test_working_gpu_is_taken(machine):
    machine(1)
    assert try_gpu() == mx.gpu(0)
    assert try_all_gpus() == [mx.gpu(0)]


def test_of_two_working_gpus_the_first_is_taken_or_both(machine):
    touched = machine(2)
    assert try_gpu() == mx.gpu(0)
    assert touched == [mx.gpu(0)]
    assert try_all_gpus() == [mx.gpu(0), mx.gpu(1)]


@pytest.mark.parametrize("late", [False, True], ids=["at the call", "when waited for"])
@pytest.mark.parametrize(
    ("function", "expected"), [(try_gpu, mx.cpu()), (try_all_gpus, [mx.cpu()])], ids=["try_gpu", "try_all_gpus"]
)
def test_gpu_that_runs_no_kernel_is_passed_over_with_a_warning(machine, function, expected, late):
    machine(1, broken=[0], message="Stack trace:\n  File x\nCUDA: no kernel image is available\n", late=late)
    expected_words = r"gpu\(0\) cannot be used and is passed over \(CUDA: no kernel image is available\)$"
    with pytest.warns(DeviceWarning, match=expected_words) as caught:
        assert function() == expected
    assert len(caught) == 1


@pytest.mark.parametrize(("broken", "left"), [([0], [1, 2]), ([1], [0, 2]), ([0, 2], [1])])
def test_gpus_that_work_are_kept(machine, broken, left):
    machine(3, broken)
    with pytest.warns(DeviceWarning, match="cannot be used and is passed over") as caught:
        assert try_all_gpus() == [mx.gpu(i) for i in left]
    assert [str(warning.message).split(" ")[0] for warning in caught] == [f"gpu({i})" for i in broken]


def test_one_gpu_is_the_first_that_works(machine):
    machine(2, broken=[0])
    with pytest.warns(DeviceWarning, match=r"gpu\(0\) cannot be used and is passed over"):
        assert try_gpu() == mx.gpu(1)


def test_error_without_words_does_no_harm(machine):
    machine(1, broken=[0], message="")
    with pytest.warns(DeviceWarning, match=r"gpu\(0\) cannot be used and is passed over"):
        assert try_gpu() == mx.cpu()


@pytest.mark.parametrize("function", [try_gpu, try_all_gpus])
def test_warning_points_at_the_line_of_the_caller(machine, function):
    machine(1, broken=[0])
    with pytest.warns(DeviceWarning, match="cannot be used") as caught:
        function()
    assert caught[0].filename == __file__


def test_this_machine_has_a_context_that_computes():
    assert devices.nd.ones((2,), ctx=try_gpu()).asnumpy().tolist() == [1, 1]
    assert try_all_gpus()[0] == try_gpu()
