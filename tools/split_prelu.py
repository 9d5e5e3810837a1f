"""Replace every PRelu of an ONNX graph by Conv, Relu and Add with the same result.

A channel's PRelu with slope `a` is `a*x + relu((1-a)*x)` where `a <= 1`, and `a*x + (1-a)*relu(x)` for any `a`.
ONNX Runtime keeps its blocked memory layout through Conv, Relu and Add but leaves it for PRelu, so the longer
graph is the faster one (about twice as fast for the face embedding network on x86-64).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper


def _scaled(source: str, factor: np.ndarray, result: str, weights: list[onnx.TensorProto]) -> onnx.NodeProto:
    """A depthwise 1x1 convolution: each channel of `source` times its own factor."""
    channels = factor.size
    weights.append(numpy_helper.from_array(factor.reshape(channels, 1, 1, 1), f"{result}_factor"))
    return helper.make_node(
        "Conv", [source, f"{result}_factor"], [result], name=result, group=channels, kernel_shape=[1, 1]
    )


def _split(node: onnx.NodeProto, slope: np.ndarray, weights: list[onnx.TensorProto]) -> list[onnx.NodeProto]:
    """The nodes that stand in for one PRelu."""
    source, result = node.input[0], node.output[0]
    slope = slope.reshape(-1).astype(np.float32)
    linear, rectified, bent = f"{result}_linear", f"{result}_rectified", f"{result}_bent"
    if bool(np.all(slope <= 1)):
        # The factor is not negative, so it may go before the Relu, where the runtime fuses the two.
        bend = [
            _scaled(source, 1 - slope, bent, weights),
            helper.make_node("Relu", [bent], [rectified], name=rectified),
        ]
        last = rectified
    else:
        bend = [
            helper.make_node("Relu", [source], [rectified], name=rectified),
            _scaled(rectified, 1 - slope, bent, weights),
        ]
        last = bent
    return [
        *bend,
        _scaled(source, slope, linear, weights),
        helper.make_node("Add", [linear, last], [result], name=result),
    ]


def split_prelu(model: onnx.ModelProto) -> int:
    """Rewrite the model in place and return how many PRelu nodes were replaced."""
    graph = model.graph
    slopes = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    replaced = 0
    for node in graph.node:
        if node.op_type == "PRelu" and node.input[1] in slopes:
            nodes.extend(_split(node, numpy_helper.to_array(slopes[node.input[1]]), weights))
            replaced += 1
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    weights = [tensor for tensor in graph.initializer if tensor.name in used] + weights
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.initializer[:]
    graph.initializer.extend(weights)
    onnx.checker.check_model(model)
    return replaced


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="ONNX file to read")
    parser.add_argument("target", type=Path, help="ONNX file to write")
    arguments = parser.parse_args()
    model = onnx.load(arguments.source)
    replaced = split_prelu(model)
    onnx.save(model, arguments.target)
    print(f"{arguments.target}: {replaced} PRelu nodes replaced")


if __name__ == "__main__":
    main()
