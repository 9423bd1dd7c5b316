"""Checks an ONNX file with Debian's onnx package and evaluates it with numpy.

Usage: evaluate_onnx.py MODEL IMAGES    IMAGES holds raw pixels 0..255, one image after the other.
Prints the logits, one image a line. Only the operators that Togglewise writes are known; their
formulas are those of the ONNX operator specification, in float64.
"""
import sys

import numpy as np
import onnx
from onnx import numpy_helper


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def per_channel(scale, x, axis):
    if scale.ndim == 0:
        return scale
    shape = [1] * x.ndim
    shape[axis] = -1
    return scale.reshape(shape)


def windows(x, kernel, strides):
    rows = (x.shape[2] - kernel[0]) // strides[0] + 1
    columns = (x.shape[3] - kernel[1]) // strides[1] + 1
    for row in range(rows):
        for column in range(columns):
            top, left = row * strides[0], column * strides[1]
            yield row, column, x[:, :, top:top + kernel[0], left:left + kernel[1]]


def convolve(x, w, b, kernel_shape, pads, strides):
    x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    y = {}
    for row, column, window in windows(x, kernel_shape, strides):
        y[row, column] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b
    rows, columns = max(y)[0] + 1, max(y)[1] + 1
    return np.stack([np.stack([y[r, c] for c in range(columns)], -1) for r in range(rows)], -2)


def evaluate(node, inputs):
    a = attributes(node)
    x = inputs[0]
    if node.op_type == "QuantizeLinear":  # numpy rounds half to even, as ONNX asks
        q = np.round(x / inputs[1]) + inputs[2]
        return np.clip(q, -128, 127).astype(np.int8)
    if node.op_type == "DequantizeLinear":
        return x.astype(np.float64) * per_channel(inputs[1].astype(np.float64), x, a.get("axis", 1))
    if node.op_type == "Conv":
        return convolve(x, inputs[1], inputs[2], a["kernel_shape"], a["pads"], a["strides"])
    if node.op_type == "Gemm":
        return x @ (inputs[1].T if a["transB"] else inputs[1]) + inputs[2]
    if node.op_type == "Relu":
        return np.maximum(x, 0)
    if node.op_type == "MaxPool":
        best = {(r, c): w.max(axis=(2, 3))
                for r, c, w in windows(x, a["kernel_shape"], a["strides"])}
        rows, columns = max(best)[0] + 1, max(best)[1] + 1
        return np.stack([np.stack([best[r, c] for c in range(columns)], -1)
                         for r in range(rows)], -2)
    if node.op_type == "Flatten":
        return x.reshape(x.shape[0], -1)
    raise ValueError(node.op_type)


def main():
    model = onnx.load(sys.argv[1])
    onnx.checker.check_model(model, full_check=True)
    graph = model.graph
    values = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    shape = [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim][1:]
    pixels = np.fromfile(sys.argv[2], dtype=np.uint8).reshape(-1, *shape)
    values[graph.input[0].name] = pixels.astype(np.float64) / 255
    for node in graph.node:
        values[node.output[0]] = evaluate(node, [values[name] for name in node.input])
    for logits in values[graph.output[0].name]:
        print(" ".join(repr(float(v)) for v in logits))


main()
