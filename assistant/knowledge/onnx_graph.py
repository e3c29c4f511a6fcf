"""Writes the e5 encoder as an ONNX graph that runs in int8 on a CPU.

Why by hand and not by an exporter: it needs no torch, takes two seconds, and keeps the 4-bit word
table in 4 bits (48 MB instead of 384). Matrix products run in int8 with one scale a row of the
weights and one scale a token of the activations; against fp32 the vectors have a cosine of 0.999
and the retrieval figures do not move (docs/decisions/0002).

The encoder is written as a trunk and branches, each a graph of its own: the last layers differ by
what the vector is for (docs/decisions/0007). Inputs of the trunk: `input_ids` and `attention_mask`,
int64 (batch, tokens).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from assistant.knowledge.q4_file import BLOCK
from assistant.knowledge.tuned_layers import LayeredModel

_ORT = "com.microsoft"
_ACTIVATION_ZERO = 128


class _Graph:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, values: npt.NDArray[Any]) -> str:
        if name not in self.constants:
            array = np.ascontiguousarray(values) if np.ndim(values) else np.asarray(values)
            self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def op(
        self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any
    ) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output


def write_trunk(model: LayeredModel, layers: int, path: Path) -> None:
    """Write the word table and the first `layers` layers, which all branches share (76 MB).

    Inputs as above; output `state`, float32 (batch, tokens, hidden).
    """
    graph = _Graph()
    state = _embed_tokens(graph, model)
    state = _layers(graph, model, range(layers), state)
    graph.op("Identity", [state], "state")
    inputs = [_ids("input_ids"), _ids("attention_mask")]
    _save(graph, inputs, [_floats("state", ["batch", "tokens", model.shape.hidden])], path)


def write_branch(model: LayeredModel, first: int, path: Path) -> None:
    """Write the layers from `first` on and the pooling (about 2 MB a layer).

    Inputs: `state`, float32 (batch, tokens, hidden), and `attention_mask`. Output:
    `sentence_embedding`, float32 (batch, hidden), mean-pooled over the mask and of length 1.
    """
    graph = _Graph()
    state = _layers(graph, model, range(first, model.shape.layers), "state")
    _pool(graph, state)
    inputs = [_floats("state", ["batch", "tokens", model.shape.hidden]), _ids("attention_mask")]
    _save(graph, inputs, [_floats("sentence_embedding", ["batch", model.shape.hidden])], path)


def _ids(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])


def _floats(name: str, shape: list[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _save(
    graph: _Graph,
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    path: Path,
) -> None:
    proto = helper.make_graph(
        graph.nodes, path.stem, inputs, outputs, list(graph.constants.values())
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_ORT, 1)]
    onnx.save(helper.make_model(proto, opset_imports=opsets, ir_version=9), str(path))


def _layers(graph: _Graph, model: LayeredModel, layers: range, state: str) -> str:
    graph.op("Cast", ["attention_mask"], "mask_int", to=TensorProto.INT32)
    for layer in layers:
        state = _layer(graph, model, f"l{layer}", state)
    return state


def _embed_tokens(graph: _Graph, model: LayeredModel) -> str:
    hidden = model.shape.hidden
    weights, scales = model.nibbles("emb.word", hidden)
    # onnxruntime packs neighbours into a byte: weight 2i low, weight 2i + 1 high.
    packed = (weights[..., 0::2] | (weights[..., 1::2] << 4)).reshape(weights.shape[0], hidden // 2)
    graph.op(
        "GatherBlockQuantized",
        [graph.constant("word", packed), "input_ids", graph.constant("word.scale", scales)],
        "word_vectors",
        _ORT,
        gather_axis=0,
        quantize_axis=1,
        block_size=BLOCK,
        bits=4,
    )
    positions = model.floats("emb.pos").reshape(-1, hidden) + model.floats("emb.type")[:hidden]
    zero, one, two = (graph.constant(f"index{i}", np.array([i], np.int64)) for i in range(3))
    graph.op("Shape", ["input_ids"], "shape")
    graph.op("Slice", ["shape", one, two], "token_count")
    graph.op(
        "Slice", [graph.constant("position", positions), zero, "token_count", zero], "positions"
    )
    graph.op("Add", ["word_vectors", "positions"], "embedded")
    return graph.op(
        "LayerNormalization",
        [
            "embedded",
            graph.constant("norm.weight", model.floats("emb.ln.w")),
            graph.constant("norm.bias", model.floats("emb.ln.b")),
        ],
        "embedded_normal",
        axis=-1,
        epsilon=model.shape.layer_norm_epsilon,
    )


def _layer(graph: _Graph, model: LayeredModel, at: str, state: str) -> str:
    shape = model.shape
    joined = _linear(graph, model, [f"{at}.q", f"{at}.k", f"{at}.v"], state, shape.hidden)
    thirds = graph.constant("thirds", np.array([shape.hidden] * 3, np.int64))
    heads = [f"{at}.query", f"{at}.key", f"{at}.value"]
    graph.nodes.append(helper.make_node("Split", [joined, thirds], heads, axis=-1))
    attended = graph.op(
        "MultiHeadAttention",
        [*heads, "", "mask_int"],
        f"{at}.attended",
        _ORT,
        num_heads=shape.heads,
    )
    mixed = _linear(graph, model, [f"{at}.ao"], attended, shape.hidden)
    state = _add_and_normalise(graph, model, f"{at}.aln", state, mixed)
    wide = _linear(graph, model, [f"{at}.fi"], state, shape.hidden)
    active = graph.op("Gelu", [wide], f"{at}.gelu", _ORT)
    narrow = _linear(graph, model, [f"{at}.fo"], active, shape.feed_forward)
    return _add_and_normalise(graph, model, f"{at}.oln", state, narrow)


def _linear(graph: _Graph, model: LayeredModel, names: list[str], state: str, width: int) -> str:
    """state @ W.T + b in int8: a scale a row of W, a scale a token of the state."""
    weights = np.concatenate([model.matrix(f"{name}.w", width) for name in names])
    bias = np.concatenate([model.floats(f"{name}.b") for name in names])
    row_scales = np.abs(weights).max(axis=1) / 127
    integers = np.round(weights / row_scales[:, None]).astype(np.int8)
    at = "+".join(names)
    last_axis = graph.constant("last_axis", np.array([-1], np.int64))
    size = graph.op("Abs", [state], f"{at}.abs")
    largest = graph.op("ReduceMax", [size, last_axis], f"{at}.max", keepdims=1)
    step = graph.constant("step", np.array(1 / 127, np.float32))
    token_scale = graph.op("Mul", [largest, step], f"{at}.scale")
    scaled = graph.op("Div", [state, token_scale], f"{at}.scaled")
    rounded = graph.op("Round", [scaled], f"{at}.rounded")
    shift = graph.constant("shift", np.array(_ACTIVATION_ZERO, np.float32))
    shifted = graph.op("Add", [rounded, shift], f"{at}.shifted")
    small = graph.op("Cast", [shifted], f"{at}.uint8", to=TensorProto.UINT8)
    zero = graph.constant("activation_zero", np.array(_ACTIVATION_ZERO, np.uint8))
    constant = graph.constant(f"{at}.weight", integers.T)
    product = graph.op("MatMulInteger", [small, constant, zero], f"{at}.product")
    real = graph.op("Cast", [product], f"{at}.real", to=TensorProto.FLOAT)
    by_token = graph.op("Mul", [real, token_scale], f"{at}.by_token")
    scales = graph.constant(f"{at}.row_scale", row_scales.astype(np.float32))
    by_row = graph.op("Mul", [by_token, scales], f"{at}.by_row")
    return graph.op("Add", [by_row, graph.constant(f"{at}.bias", bias)], f"{at}.out")


def _add_and_normalise(graph: _Graph, model: LayeredModel, at: str, state: str, change: str) -> str:
    return graph.op(
        "SkipLayerNormalization",
        [
            state,
            change,
            graph.constant(f"{at}.weight", model.floats(f"{at}.w")),
            graph.constant(f"{at}.bias", model.floats(f"{at}.b")),
        ],
        f"{at}.out",
        _ORT,
        epsilon=model.shape.layer_norm_epsilon,
    )


def _pool(graph: _Graph, state: str) -> None:
    graph.op("Cast", ["attention_mask"], "mask_real", to=TensorProto.FLOAT)
    last = graph.constant("last_axis", np.array([-1], np.int64))
    graph.op("Unsqueeze", ["mask_real", last], "mask_column")
    graph.op("Mul", [state, "mask_column"], "masked")
    token_axis = graph.constant("index1", np.array([1], np.int64))
    graph.op("ReduceSum", ["masked", token_axis], "summed", keepdims=0)
    # The mean and the sum point the same way, and length 1 is what is wanted.
    graph.op("LpNormalization", ["summed"], "sentence_embedding", axis=-1, p=2)
