"""Convert a TensorFlow Lite convolution network to ONNX.

Covers the operations of the face mesh network. Images go in as NCHW; every output keeps the name, shape and
element order it has in the TensorFlow Lite file.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tflite_reader import Network, Operation, Step, read_network

_PADDING_SAME = 0
_RELU, _RELU6 = 1, 3


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after one axis so that it comes out `ceil(size / stride)` long; the odd one goes after."""
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Converter:
    """Builds the ONNX graph step by step; image tensors are kept as NCHW, all others as they were."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.constants = {
            number: tensor.values for number, tensor in enumerate(network.tensors) if tensor.values is not None
        }
        self.images = set(network.inputs)

    def convert(self, outputs: Sequence[str]) -> onnx.ModelProto:
        for step in self.network.steps:
            self._convert(step)
        tensors = self.network.tensors
        results = []
        for number in self.network.outputs:
            name, shape = tensors[number].name, list(tensors[number].shape)
            if name in outputs or not outputs:
                self._add("Identity", [self._plain(number)], name)
                results.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        missing = set(outputs) - {result.name for result in results}
        if missing:
            raise ValueError(f"no such output: {', '.join(sorted(missing))}")
        batch, height, width, channels = tensors[self.network.inputs[0]].shape
        image = helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, channels, height, width])
        graph = helper.make_graph(self._reachable(results), "network", [image], results, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="edged")
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model

    def _reachable(self, results: list[onnx.ValueInfoProto]) -> list[onnx.NodeProto]:
        """The nodes that the wanted results depend on; weights nobody reads go too."""
        needed = {result.name for result in results}
        kept: list[onnx.NodeProto] = []
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                needed.update(node.input)
                kept.append(node)
        self.weights = [weight for weight in self.weights if weight.name in needed]
        return kept[::-1]

    def _convert(self, step: Step) -> None:
        match step.operation:
            case Operation.DEQUANTIZE:
                # Half-precision weights; widened here, once.
                self.constants[step.outputs[0]] = self.constants[step.inputs[0]].astype(np.float32)
            case Operation.CONV_2D:
                self._convolution(step, depthwise=False)
            case Operation.DEPTHWISE_CONV_2D:
                self._convolution(step, depthwise=True)
            case Operation.PRELU:
                slope = self.constants[step.inputs[1]].astype(np.float32).reshape(-1, 1, 1)
                self._image(step, "PRelu", self._weight(slope, self._name(step.outputs[0]) + "_slope"))
            case Operation.ADD:
                self._activated(step, "Add", [self._name(number) for number in step.inputs], step.option(0, "<b"))
            case Operation.MAX_POOL_2D:
                self._pool(step)
            case Operation.PAD:
                batch, height, width, channel = self.constants[step.inputs[1]]
                pads = np.array([batch, channel, height, width], np.int64).T.reshape(-1)
                self._image(step, "Pad", self._weight(pads, self._name(step.outputs[0]) + "_pads"))
            case Operation.RELU | Operation.LOGISTIC:
                self._elementwise(step, "Relu" if step.operation is Operation.RELU else "Sigmoid")
            case Operation.RESHAPE:
                result = self._name(step.outputs[0])
                shape = np.array(self.network.tensors[step.outputs[0]].shape, np.int64)
                self._add("Reshape", [self._plain(step.inputs[0]), self._weight(shape, result + "_shape")], result)
            case Operation.CONCATENATION:
                parts = [self._plain(number) for number in step.inputs]
                self._add("Concat", parts, self._name(step.outputs[0]), axis=step.option(0))

    def _convolution(self, step: Step, depthwise: bool) -> None:
        result = self._name(step.outputs[0])
        kernel = self.constants[step.inputs[1]].astype(np.float32)
        channels = self.network.tensors[step.inputs[0]].shape[3]
        # From (out, height, width, in), or (1, height, width, out) where depthwise, to ONNX's (out, in, height, width).
        kernel = kernel.transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2))
        # The depthwise options have one more field (the multiplier) before the activation.
        shift = 1 if depthwise else 0
        strides = [step.option(2), step.option(1)]
        dilations = [step.option(5 + shift, default=1), step.option(4 + shift, default=1)]
        extent = [(size - 1) * dilation + 1 for size, dilation in zip(kernel.shape[2:], dilations, strict=True)]
        inputs = [self._name(step.inputs[0]), self._weight(kernel, result + "_kernel")]
        if len(step.inputs) > 2 and step.inputs[2] >= 0:
            inputs.append(self._weight(self.constants[step.inputs[2]].astype(np.float32), result + "_bias"))
        self._activated(
            step, "Conv", inputs, step.option(3 + shift, "<b"), group=channels if depthwise else 1,
            kernel_shape=list(kernel.shape[2:]), strides=strides, dilations=dilations,
            pads=self._pads(step, extent, strides),
        )  # fmt: skip

    def _pool(self, step: Step) -> None:
        strides, window = [step.option(2), step.option(1)], [step.option(4), step.option(3)]
        pads = self._pads(step, window, strides)
        self._activated(
            step, "MaxPool", [self._name(step.inputs[0])], step.option(5, "<b"),
            kernel_shape=window, strides=strides, pads=pads,
        )  # fmt: skip

    def _pads(self, step: Step, window: list[int], strides: list[int]) -> list[int]:
        if step.option(0, "<b") != _PADDING_SAME:
            return [0, 0, 0, 0]
        _, height, width, _ = self.network.tensors[step.inputs[0]].shape
        top, bottom = same_padding(height, window[0], strides[0])
        left, right = same_padding(width, window[1], strides[1])
        return [top, left, bottom, right]

    def _activated(self, step: Step, operation: str, inputs: list[str], activation: int, **attributes: Any) -> None:
        """Add a node and, behind it, the activation that is fused into the step."""
        result = self._name(step.outputs[0])
        self.images.add(step.outputs[0])
        if activation == 0:
            self._add(operation, inputs, result, **attributes)
            return
        before = self._add(operation, inputs, result + "_linear", **attributes)
        if activation == _RELU:
            self._add("Relu", [before], result)
        elif activation == _RELU6:
            low, high = np.array(0, np.float32), np.array(6, np.float32)
            self._add(
                "Clip", [before, self._weight(low, result + "_low"), self._weight(high, result + "_high")], result
            )
        else:
            raise ValueError(f"activation {activation} is not known")

    def _image(self, step: Step, operation: str, weight: str) -> None:
        self._add(operation, [self._name(step.inputs[0]), weight], self._name(step.outputs[0]))
        self.images.add(step.outputs[0])

    def _elementwise(self, step: Step, operation: str) -> None:
        self._add(operation, [self._name(step.inputs[0])], self._name(step.outputs[0]))
        if step.inputs[0] in self.images:
            self.images.add(step.outputs[0])

    def _plain(self, number: int) -> str:
        """The tensor in the element order of the TensorFlow Lite file."""
        if number not in self.images:
            return self._name(number)
        return self._add(
            "Transpose", [self._name(number)], f"{self._name(number)}_plain_{len(self.nodes)}", perm=[0, 2, 3, 1]
        )

    def _name(self, number: int) -> str:
        return "input" if number == self.network.inputs[0] else f"tensor_{number}"

    def _weight(self, values: np.ndarray, name: str) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _add(self, operation: str, inputs: list[str], result: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operation, inputs, [result], name=result, **attributes))
        return result


def tflite_to_onnx(source: Path, outputs: Sequence[str] = ()) -> onnx.ModelProto:
    """Convert the file; `outputs` names the results to keep (all when empty)."""
    return Converter(read_network(source)).convert(outputs)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="TensorFlow Lite file")
    parser.add_argument("target", type=Path, help="ONNX file to write")
    parser.add_argument("--output", action="append", default=[], help="a result to keep (repeat; default: all)")
    arguments = parser.parse_args()
    model = tflite_to_onnx(arguments.source, arguments.output)
    onnx.save(model, arguments.target)
    print(f"{arguments.target}: {len(model.graph.node)} nodes")


if __name__ == "__main__":
    main()
