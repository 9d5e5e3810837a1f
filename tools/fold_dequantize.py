"""Fold constant DequantizeLinear nodes of an ONNX graph into plain float32 weights.

Some published networks store their weights as blocks of 8-bit integers with one scale per block.
Few runtimes read that form. This tool computes what the nodes would compute and stores the result,
so that any runtime reads an ordinary float32 network with the same outputs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

# Nodes that only move constant values about; they are folded along with the weights behind them.
_PASSTHROUGH = ("Identity", "Reshape", "Transpose")


def dequantize(
    values: np.ndarray, scale: np.ndarray, zero_point: np.ndarray | None, axis: int, block_size: int
) -> np.ndarray:
    """Return `(values - zero_point) * scale`, with one scale per tensor, per channel or per block."""
    if zero_point is None:
        zero_point = np.zeros_like(scale)
    scale = _spread(scale.astype(np.float32), values.shape, axis, block_size)
    zero_point = _spread(zero_point.astype(np.float32), values.shape, axis, block_size)
    return np.asarray((values.astype(np.float32) - zero_point) * scale, np.float32)


def _spread(factor: np.ndarray, shape: tuple[int, ...], axis: int, block_size: int) -> np.ndarray:
    """Give a scale or zero point a shape that broadcasts against the tensor it belongs to."""
    if block_size:
        repeated = np.repeat(factor, block_size, axis=axis)
        # The last block may be shorter than the others.
        return np.take(repeated, range(shape[axis]), axis=axis)
    if factor.ndim == 1 and factor.size > 1:
        return factor.reshape([-1 if dimension == axis % len(shape) else 1 for dimension in range(len(shape))])
    return factor


class _Folder:
    """Walks the graph once and remembers the value of every tensor that is known beforehand."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.graph = graph
        self.initializers = {tensor.name: tensor for tensor in graph.initializer}
        self.constants = {node.output[0]: node for node in graph.node if node.op_type == "Constant"}
        self.folded: dict[str, np.ndarray] = {}

    def value(self, name: str) -> np.ndarray | None:
        if name in self.folded:
            return self.folded[name]
        if name in self.initializers:
            return numpy_helper.to_array(self.initializers[name])
        if name in self.constants:
            return numpy_helper.to_array(self.constants[name].attribute[0].t)
        return None

    def fold(self, node: onnx.NodeProto) -> bool:
        """Fold one node; False when it has to stay."""
        result: np.ndarray | None = None
        if node.op_type == "DequantizeLinear":
            result = self._dequantize(node)
        elif node.op_type in _PASSTHROUGH and node.input[0] in self.folded:
            result = self._move(node)
        if result is None:
            return False
        self.folded[node.output[0]] = result
        return True

    def _dequantize(self, node: onnx.NodeProto) -> np.ndarray | None:
        values, scale = self.value(node.input[0]), self.value(node.input[1])
        if values is None or scale is None:
            return None
        has_zero_point = len(node.input) > 2 and node.input[2] != ""
        zero_point = self.value(node.input[2]) if has_zero_point else None
        if has_zero_point and zero_point is None:
            return None
        attributes = {attribute.name: attribute.i for attribute in node.attribute}
        return dequantize(values, scale, zero_point, attributes.get("axis", 1), attributes.get("block_size", 0))

    def _move(self, node: onnx.NodeProto) -> np.ndarray | None:
        values = self.folded[node.input[0]]
        if node.op_type == "Identity":
            return values
        if node.op_type == "Transpose":
            order = next((list(attribute.ints) for attribute in node.attribute if attribute.name == "perm"), None)
            return np.transpose(values, order)
        shape = self.value(node.input[1])
        return None if shape is None else values.reshape([int(size) for size in shape])


def fold_dequantize(model: onnx.ModelProto) -> int:
    """Fold the model in place and return how many nodes were folded away."""
    graph = model.graph
    folder = _Folder(graph)
    kept = [node for node in graph.node if not folder.fold(node)]
    folded = len(graph.node) - len(kept)
    used = {name for node in kept for name in node.input} | {output.name for output in graph.output}
    kept = [node for node in kept if node.op_type != "Constant" or node.output[0] in used]
    weights = [tensor for tensor in graph.initializer if tensor.name in used]
    for name, values in folder.folded.items():
        if name in used:
            weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
    # Left-over inputs that name a weight, or that nothing reads, would have to be fed by every caller.
    names = {tensor.name for tensor in weights}
    inputs = [value for value in graph.input if value.name in used and value.name not in names]
    _replace(graph.node, kept)
    _replace(graph.initializer, weights)
    _replace(graph.input, inputs)
    onnx.checker.check_model(model)
    return folded


def _replace(field, items) -> None:  # type: ignore[no-untyped-def]  # protobuf's repeated fields have no public type
    del field[:]
    field.extend(items)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="ONNX file with quantized weights")
    parser.add_argument("target", type=Path, help="ONNX file to write")
    arguments = parser.parse_args()
    model = onnx.load(arguments.source)
    folded = fold_dequantize(model)
    onnx.save(model, arguments.target)
    print(f"{arguments.target}: {folded} nodes folded")


if __name__ == "__main__":
    main()
