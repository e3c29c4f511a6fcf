"""The network that doubts claims as an ONNX graph on one thread: numpy would spread these small
products over all cores and wait for them, 80 ms instead of half a one where the cores are busy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Floats = npt.NDArray[np.float32]
_ORT = "com.microsoft"


class _Graph:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"{kind}{len(self.nodes)}"
        node = helper.make_node(kind, list(inputs), [name], domain=domain, **attributes)
        self.nodes.append(node)
        return name

    def constant(self, values: npt.NDArray[Any]) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def linear(self, rows: str, name: str) -> str:
        """rows @ W.T, plus the bias where there is one."""
        product = self.op("MatMul", rows, self.constant(self._weights[name].T.copy()))
        bias = self._weights.get(f"{name}_bias")
        return product if bias is None else self.op("Add", product, self.constant(bias))

    def unit(self, rows: str) -> str:
        """Rows of length 1."""
        return self.op("LpNormalization", rows, axis=-1, p=2)


def entailment_session(weights: Mapping[str, Floats], scale: float) -> Any:
    """An onnxruntime session: inputs `claim` and `evidence`, float32 (pieces, dimension); output
    the log-odds, float32 (1, 1). `weights` as `assistant/claims/entailment.py` names them."""
    import onnxruntime  # noqa: PLC0415 - not on the path of `souffleur --help`

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        _model(weights, scale), options, providers=["CPUExecutionProvider"]
    )


def _model(weights: Mapping[str, Floats], scale: float) -> bytes:
    graph = _Graph(weights)
    mean, size = graph.constant(weights["mean"]), graph.constant(np.array(scale, np.float32))
    claim, evidence = (
        graph.op("Mul", graph.unit(graph.op("Sub", name, mean)), size)
        for name in ("claim", "evidence")
    )
    compared = _compared(graph, claim, evidence, graph.constant(weights["temperature"]))
    first = graph.constant(np.array([0], np.int64))
    pooled = graph.op(
        "Concat",
        graph.op("ReduceMean", compared, first, keepdims=1),
        graph.op("ReduceMax", compared, first, keepdims=1),
        axis=-1,
    )
    hidden = graph.op("Gelu", graph.linear(pooled, "hidden"), domain=_ORT)
    graph.op("Identity", graph.linear(hidden, "out"))
    proto = helper.make_graph(
        graph.nodes,
        "entailment",
        [_rows(name, len(weights["mean"])) for name in ("claim", "evidence")],
        [helper.make_tensor_value_info(graph.nodes[-1].output[0], TensorProto.FLOAT, [1, 1])],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_ORT, 1)]
    model = helper.make_model(proto, opset_imports=opsets, ir_version=9)
    return bytes(model.SerializeToString())


def _compared(graph: _Graph, claim: str, evidence: str, temperature: str) -> str:
    """Each piece of the claim beside the evidence that fits it, (pieces, width)."""
    asked, offered = (
        graph.unit(graph.linear(rows, name)) for rows, name in ((claim, "query"), (evidence, "key"))
    )
    fits = graph.op("MatMul", asked, graph.op("Transpose", offered, perm=[1, 0]))
    share = graph.op("Softmax", graph.op("Mul", fits, temperature), axis=-1)
    own = graph.linear(claim, "project")
    theirs = graph.op("MatMul", share, graph.linear(evidence, "project"))
    last = graph.constant(np.array([-1], np.int64))
    best = graph.op("ReduceMax", fits, last, keepdims=1)
    apart, alike = graph.op("Sub", own, theirs), graph.op("Mul", own, theirs)
    both = graph.op("Concat", own, theirs, apart, alike, best, axis=-1)
    return graph.op("Gelu", graph.linear(both, "compare"), domain=_ORT)


def _rows(name: str, width: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [name, width])
