"""Free an ONNX network of its fixed image height and width.

A fully convolutional network works at any size its strides divide; a file that states one size keeps the runtime
from accepting the others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx


def free_image_size(model: onnx.ModelProto) -> None:
    """Make the height and width of an NCHW input, and the row count of each output, free."""
    graph = model.graph
    dimensions = graph.input[0].type.tensor_type.shape.dim
    dimensions[2].dim_param, dimensions[3].dim_param = "height", "width"
    for output in graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"{output.name}_rows"
    # The shapes stated between the nodes belong to the old size.
    del graph.value_info[:]
    onnx.checker.check_model(model)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="ONNX file to read")
    parser.add_argument("target", type=Path, help="ONNX file to write")
    arguments = parser.parse_args()
    model = onnx.load(arguments.source)
    free_image_size(model)
    onnx.save(model, arguments.target)


if __name__ == "__main__":
    main()
