"""The converters: every rewritten network must compute what the original computes."""

from __future__ import annotations

import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from fold_dequantize import dequantize, fold_dequantize
from free_image_size import free_image_size
from split_prelu import split_prelu
from tflite_to_onnx import same_padding

RANDOM = np.random.default_rng(7)


def model(
    nodes: list[onnx.NodeProto], weights: dict[str, np.ndarray], shape: list[int], extra_inputs: tuple[str, ...] = ()
) -> onnx.ModelProto:
    """A network from `x` to `y`, both of the given rank."""
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in extra_inputs]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * len(shape))
    tensors = [numpy_helper.from_array(values, name) for name, values in weights.items()]
    graph = helper.make_graph(nodes, "test", inputs, [output], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def run(network: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    return np.asarray(ReferenceEvaluator(network).run(None, {"x": x})[0])


class SplitPRelu(unittest.TestCase):
    def check(self, slope: np.ndarray) -> onnx.ModelProto:
        original = model([helper.make_node("PRelu", ["x", "slope"], ["y"])], {"slope": slope}, [1, 3, 4, 5])
        x = RANDOM.normal(size=(1, 3, 4, 5)).astype(np.float32)
        expected = run(original, x)
        self.assertEqual(split_prelu(original), 1)
        self.assertNotIn("PRelu", {node.op_type for node in original.graph.node})
        np.testing.assert_allclose(run(original, x), expected, rtol=1e-6, atol=1e-6)
        return original

    def test_slopes_up_to_one_keep_their_result(self) -> None:
        self.check(np.array([0.25, -0.5, 1], np.float32).reshape(3, 1, 1))

    def test_slopes_above_one_keep_their_result(self) -> None:
        self.check(np.array([0.25, 1.5, 3], np.float32).reshape(3, 1, 1))

    def test_the_old_slope_is_not_left_behind(self) -> None:
        names = {tensor.name for tensor in self.check(np.full((3, 1, 1), 0.1, np.float32)).graph.initializer}
        self.assertNotIn("slope", names)

    def test_a_slope_that_is_computed_stays_as_it_is(self) -> None:
        nodes = [helper.make_node("Abs", ["x"], ["slope"]), helper.make_node("PRelu", ["x", "slope"], ["y"])]
        self.assertEqual(split_prelu(model(nodes, {}, [1, 3, 4, 5])), 0)


class FoldDequantize(unittest.TestCase):
    def test_one_scale_for_a_block_that_ends_early(self) -> None:
        values = np.arange(10, dtype=np.int8).reshape(5, 2)
        scale = np.array([[1, 2], [10, 20], [100, 200]], np.float32)
        expected = values * np.array([[1, 2], [1, 2], [10, 20], [10, 20], [100, 200]], np.float32)
        np.testing.assert_array_equal(dequantize(values, scale, None, axis=0, block_size=2), expected)

    def test_one_scale_and_zero_point_for_a_channel(self) -> None:
        values = np.array([[1, 2], [3, 4]], np.uint8)
        got = dequantize(values, np.array([1, 10], np.float32), np.array([1, 2], np.uint8), axis=1, block_size=0)
        np.testing.assert_array_equal(got, [[0, 0], [2, 20]])

    def test_a_folded_network_computes_the_same(self) -> None:
        weights = {
            "quantized": RANDOM.integers(-128, 127, (8, 6), np.int8),
            "scale": RANDOM.random((4, 6)).astype(np.float32),
            "zero": RANDOM.integers(-5, 5, (4, 6), np.int8),
            "shape": np.array([6, 8], np.int64),
        }
        nodes = [
            helper.make_node("DequantizeLinear", ["quantized", "scale", "zero"], ["flat"], axis=0, block_size=2),
            helper.make_node("Transpose", ["flat"], ["turned"], perm=[1, 0]),
            helper.make_node("Reshape", ["turned", "shape"], ["weight"]),
            helper.make_node("MatMul", ["x", "weight"], ["y"]),
        ]
        network = model(nodes, weights, [1, 6], extra_inputs=("stray",))
        x = RANDOM.normal(size=(1, 6)).astype(np.float32)
        stray = {"x": x, "stray": np.zeros(1, np.float32)}
        expected = np.asarray(ReferenceEvaluator(network).run(None, stray)[0])
        self.assertEqual(fold_dequantize(network), 3)
        self.assertEqual([node.op_type for node in network.graph.node], ["MatMul"])
        self.assertEqual([value.name for value in network.graph.input], ["x"], "an input that nothing reads is gone")
        self.assertEqual([tensor.name for tensor in network.graph.initializer], ["weight"])
        np.testing.assert_allclose(run(network, x), expected, rtol=1e-5)

    def test_values_that_are_not_known_beforehand_stay(self) -> None:
        nodes = [
            helper.make_node("QuantizeLinear", ["x", "scale"], ["small"]),
            helper.make_node("DequantizeLinear", ["small", "scale"], ["y"]),
        ]
        network = model(nodes, {"scale": np.array(0.5, np.float32)}, [2, 2])
        self.assertEqual(fold_dequantize(network), 0)
        self.assertEqual(len(network.graph.node), 2)


class FreeImageSize(unittest.TestCase):
    def test_height_width_and_rows_are_named_instead_of_fixed(self) -> None:
        network = model([helper.make_node("Relu", ["x"], ["y"])], {}, [1, 3, 64, 64])
        free_image_size(network)
        dimensions = network.graph.input[0].type.tensor_type.shape.dim
        self.assertEqual([size.dim_param or size.dim_value for size in dimensions], [1, 3, "height", "width"])
        self.assertEqual(network.graph.output[0].type.tensor_type.shape.dim[1].dim_param, "y_rows")


class SamePadding(unittest.TestCase):
    def test_the_odd_zero_goes_after(self) -> None:
        self.assertEqual(same_padding(192, 3, 2), (0, 1))

    def test_stride_one_keeps_the_size(self) -> None:
        self.assertEqual(same_padding(5, 3, 1), (1, 1))

    def test_a_window_no_larger_than_its_stride_needs_none(self) -> None:
        self.assertEqual(same_padding(8, 2, 2), (0, 0))


if __name__ == "__main__":
    unittest.main()
