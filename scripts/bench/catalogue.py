"""Every benchmark, by name.

A module is imported when it is asked for, after its processors have been claimed.
"""

from __future__ import annotations

from scripts.bench.harness.benchmark import NOTHING, Benchmark, Entry
from scripts.bench.harness.cores import Cores


def _peers() -> Benchmark:
    from scripts.bench.peers import benchmark

    return benchmark


def _amx() -> Benchmark:
    from scripts.bench.amx import benchmark

    return benchmark


def _vector_loops() -> Benchmark:
    from scripts.bench.amx import loops

    return loops


def _figure12() -> Benchmark:
    from scripts.bench.replay import figure12

    return figure12


def _figure12_machine() -> Benchmark:
    from scripts.bench.machine import benchmark

    return benchmark


def _ablation() -> Benchmark:
    from scripts.bench.replay import ablation

    return ablation


def _transfer() -> Benchmark:
    from scripts.bench.replay import transfer

    return transfer


def _cost_models() -> Benchmark:
    from scripts.bench.ranking import cost_models

    return cost_models


def _models() -> Benchmark:
    from scripts.bench.models import benchmark

    return benchmark


def _prior() -> Benchmark:
    from scripts.bench.ranking import prior

    return prior


def _soundness() -> Benchmark:
    from scripts.bench.claims.soundness import benchmark

    return benchmark


def _validity() -> Benchmark:
    from scripts.bench.claims import validity

    return validity


def _stock() -> Benchmark:
    from scripts.bench.stock import benchmark

    return benchmark


def _tensorcore() -> Benchmark:
    from scripts.bench.tensorcore.speed import benchmark

    return benchmark


def _tensorcore_validity() -> Benchmark:
    from scripts.bench.tensorcore import benchmark

    return benchmark


def _tensorcore_serial() -> Benchmark:
    from scripts.bench.tensorcore import serial

    return serial


def _tensorcore_registers() -> Benchmark:
    from scripts.bench.tensorcore import registers

    return registers


def _coverage() -> Benchmark:
    from scripts.bench.claims.coverage import benchmark

    return benchmark


def _stock_operators() -> Benchmark:
    from scripts.bench.operators import stock

    return stock


def _relax_operators() -> Benchmark:
    from scripts.bench.operators import relax

    return relax


def _onnx_nodes() -> Benchmark:
    from scripts.bench.operators import onnx_nodes

    return onnx_nodes


def _randsat() -> Benchmark:
    from scripts.bench.claims import randsat

    return randsat


def _overhead() -> Benchmark:
    from scripts.bench.claims import overhead

    return overhead


def _builder() -> Benchmark:
    from scripts.bench.claims import builders

    return builders


def _rpc() -> Benchmark:
    from scripts.bench.claims import rpc

    return rpc


def _budget() -> Benchmark:
    from scripts.bench.claims import budget

    return budget


def _durability() -> Benchmark:
    from scripts.bench.claims.durability import benchmark

    return benchmark


def _mutilate() -> Benchmark:
    from scripts.bench.claims import mutilate

    return mutilate


def _interstellar() -> Benchmark:
    from scripts.bench.claims import interstellar

    return interstellar


def _vta() -> Benchmark:
    from scripts.bench.vta import benchmark

    return benchmark


def _vta_layers() -> Benchmark:
    from scripts.bench.vta import layers

    return layers


def _vta_model() -> Benchmark:
    from scripts.bench.vta import model

    return model


def _record() -> Benchmark:
    from scripts.bench.replay.record import benchmark

    return benchmark


def _readme() -> Benchmark:
    from scripts.bench.readme import benchmark

    return benchmark


ENTRIES = (
    Entry(
        "peers",
        "the speed of kernels beside oneDNN, ONNX Runtime and stock MetaSchedule",
        _peers,
        Cores.ONE_OR_ALL,
    ),
    Entry(
        "amx", "the speed of kernels on AMX beside libraries on it, and its bars", _amx, Cores.ONE
    ),
    Entry(
        "vector-loops",
        "what kernels on VNNI ask of a core in their innermost loops",
        _vector_loops,
        keeps=NOTHING,
    ),
    Entry(
        "figure12", "how fast each search strategy comes near the best, without noise", _figure12
    ),
    Entry(
        "figure12-machine", "the same on this machine, with its noise", _figure12_machine, Cores.ONE
    ),
    Entry("ablation", "what each part of the search is worth, without noise", _ablation),
    Entry(
        "transfer",
        "what a cost model of other operators is worth to a search",
        _transfer,
        Cores.ONE,
    ),
    Entry(
        "models",
        "the speed of whole models beside ONNX Runtime, OpenVINO and PyTorch",
        _models,
        Cores.ONE_OR_ALL,
    ),
    Entry(
        "cost-models",
        "how well the cost models order programs that they did not see",
        _cost_models,
        Cores.ONE,
        keeps=NOTHING,
    ),
    Entry(
        "prior",
        "how well the analytic model orders programs before any is measured",
        _prior,
        Cores.ONE,
        keeps=NOTHING,
    ),
    Entry("soundness", "that random assignments are the programs they stand for", _soundness),
    Entry("validity", "that random candidates build and are right, on every CPU unit", _validity),
    Entry(
        "tensorcore",
        "the speed of kernels on a GPU with TensorCores beside stock and NVIDIA's libraries",
        _tensorcore,
    ),
    Entry(
        "tensorcore-validity",
        "that random programs for TensorCores compile without spills and are exact",
        _tensorcore_validity,
    ),
    Entry(
        "tensorcore-serial",
        "that random programs for TensorCores compute what numpy computes, in TensorIR",
        _tensorcore_serial,
    ),
    Entry(
        "tensorcore-registers",
        "which programs for TensorCores spill registers, beyond what the space has",
        _tensorcore_registers,
    ),
    Entry(
        "stock",
        "how many candidates of stock MetaSchedule and of ours are right",
        _stock,
        Cores.ONE,
    ),
    Entry(
        "coverage",
        "which programs map to which intrinsic, ours beside stock",
        _coverage,
        keeps=NOTHING,
    ),
    Entry(
        "stock-operators",
        "that every operator of MetaSchedule's tests is tuned and right",
        _stock_operators,
        Cores.ONE,
    ),
    Entry(
        "relax-operators",
        "that every operator of Relax is tuned and right, or says why not",
        _relax_operators,
        Cores.ONE,
    ),
    Entry(
        "onnx-nodes",
        "which of ONNX's own tests of its operators load and are right",
        _onnx_nodes,
        Cores.ONE,
    ),
    Entry(
        "randsat",
        "how fast and how uniform random solutions are",
        _randsat,
        Cores.ONE,
        keeps=NOTHING,
    ),
    Entry(
        "overhead",
        "what the search itself costs in time and in memory",
        _overhead,
        Cores.ONE,
        keeps=NOTHING,
    ),
    Entry(
        "builder",
        "what it saves that the workers of a builder stay",
        _builder,
        keeps=NOTHING,
    ),
    Entry(
        "rpc",
        "how busy several RPC servers are kept, and what a dead one costs",
        _rpc,
        keeps=NOTHING,
    ),
    Entry(
        "budget",
        "how well a budget is kept, for a kernel and for a model",
        _budget,
    ),
    Entry(
        "durability",
        "that nothing measured is lost or measured again, whatever happens to a run",
        _durability,
    ),
    Entry(
        "mutilate",
        "that harm to work directories costs what was harmed and no more",
        _mutilate,
        Cores.ONE,
        keeps="the directories with a fault",
    ),
    Entry(
        "interstellar",
        "Interstellar's optima, dataflows and memory sizes, by our search",
        _interstellar,
        keeps=NOTHING,
    ),
    Entry(
        "vta",
        "our space for VTA beside AutoTVM's knobs, and searches of it, by the model of time",
        _vta,
        Cores.ONE,
    ),
    Entry(
        "vta-layers",
        "ResNet-18's layers on VTA, simulated: exact, and counted as the reuse of tiles says",
        _vta_layers,
        Cores.ONE,
        NOTHING,
    ),
    Entry(
        "vta-model",
        "an int8 ResNet-18 on VTA: what maps, the cycles of each task, whether it is right",
        _vta_model,
        Cores.ONE,
    ),
    Entry(
        "record",
        "the recorder of the sets that the searches without noise run on",
        _record,
        Cores.ONE,
    ),
    Entry(
        "readme",
        "the tables of README and docs, written from what is kept in docs/measured",
        _readme,
        keeps=NOTHING,
    ),
)
