"""Checks an ONNX file with Debian's onnx package and evaluates it with numpy.

Usage: evaluate_onnx.py MODEL IMAGES    IMAGES holds raw pixels 0..255, one image after the other.
Prints the logits, one image a line. The formulas are those of the ONNX operator specification, in
float64.
"""
import math
import sys

import numpy as np
import onnx
from onnx import numpy_helper


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def per_channel(scale, x, axis):
    if scale.ndim == 0 or scale.size == 1:
        return scale.reshape(())
    shape = [1] * x.ndim
    shape[axis] = -1
    return scale.reshape(shape)


class Windows:
    """Positions of a window on x, which is padded with `fill`."""

    def __init__(self, x, a, kernel, fill):
        self.kernel = a.get("kernel_shape", kernel)
        self.strides = a.get("strides", [1, 1])
        self.dilations = a.get("dilations", [1, 1])
        extent = [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilations)]
        pads = list(a.get("pads", [0, 0, 0, 0]))
        auto = a.get("auto_pad", b"NOTSET").decode()
        if auto.startswith("SAME"):
            for i in range(2):
                size = x.shape[2 + i]
                out = math.ceil(size / self.strides[i])
                total = max((out - 1) * self.strides[i] + extent[i] - size, 0)
                first = total // 2 if auto == "SAME_UPPER" else total - total // 2
                pads[i], pads[2 + i] = first, total - first
        whole = math.ceil if a.get("ceil_mode", 0) else math.floor
        self.out = [whole((x.shape[2 + i] + pads[i] + pads[2 + i] - extent[i]) / self.strides[i]) + 1
                    for i in range(2)]
        extra = [max((self.out[i] - 1) * self.strides[i] + extent[i] - x.shape[2 + i] - pads[i]
                     - pads[2 + i], 0) for i in range(2)]
        self.x = np.pad(x, ((0, 0), (0, 0), (pads[0], pads[2] + extra[0]),
                            (pads[1], pads[3] + extra[1])), constant_values=fill)

    def map(self, function):
        rows = []
        for r in range(self.out[0]):
            row = []
            for c in range(self.out[1]):
                top, left = r * self.strides[0], c * self.strides[1]
                i = top + np.arange(self.kernel[0]) * self.dilations[0]
                j = left + np.arange(self.kernel[1]) * self.dilations[1]
                row.append(function(self.x[:, :, i][:, :, :, j]))
            rows.append(np.stack(row, -1))
        return np.stack(rows, -2)


def convolve(a, x, w, b=None):
    group = a.get("group", 1)
    per = x.shape[1] // group
    outputs = w.shape[0] // group
    parts = []
    for g in range(group):
        weights = w[g * outputs:(g + 1) * outputs]
        windows = Windows(x[:, g * per:(g + 1) * per], a, w.shape[2:], 0)
        parts.append(windows.map(
            lambda window: np.tensordot(window, weights, axes=([1, 2, 3], [1, 2, 3]))))
    y = np.concatenate(parts, 1)
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def average(a, x):
    if a.get("count_include_pad", 0):
        return Windows(x, a, None, 0).map(lambda w: w.mean(axis=(2, 3)))
    return Windows(x, a, None, np.nan).map(lambda w: np.nanmean(w, axis=(2, 3)))


def gemm(a, x, w, c=0.0):
    x = x.T if a.get("transA", 0) else x
    w = w.T if a.get("transB", 0) else w
    return a.get("alpha", 1.0) * (x @ w) + a.get("beta", 1.0) * c


def batch_normalization(a, x, scale, bias, mean, variance):
    shape = [1, -1] + [1] * (x.ndim - 2)
    scale, bias, mean, variance = (v.astype(np.float64).reshape(shape)
                                   for v in (scale, bias, mean, variance))
    return (x - mean) / np.sqrt(variance + a.get("epsilon", 1e-5)) * scale + bias


def clip(a, x, low=None, high=None):
    low = a.get("min", low)
    high = a.get("max", high)
    return np.clip(x, -np.inf if low is None else low, np.inf if high is None else high)


def slice_of(a, x, starts=None, ends=None, axes=None, steps=None):
    starts = a.get("starts", starts)
    ends = a.get("ends", ends)
    axes = a.get("axes", axes if axes is not None else range(len(starts)))
    steps = steps if steps is not None else [1] * len(starts)
    index = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps):
        end = None if step < 0 and end < -x.shape[axis] else int(end)
        index[axis] = slice(int(start), end, int(step))
    return x[tuple(index)]


def pad(a, x, pads=None, value=0.0):
    pads = a.get("pads", pads)
    half = len(pads) // 2
    return np.pad(x, [(int(pads[i]), int(pads[half + i])) for i in range(half)],
                  constant_values=a.get("value", value))


def reshape(a, x, shape):
    return x.reshape([x.shape[i] if n == 0 else int(n) for i, n in enumerate(shape)])


def quantize(a, x, scale, zero_point):  # numpy rounds half to even, as ONNX asks
    q = np.round(x / per_channel(scale.astype(np.float64), x, a.get("axis", 1)))
    return np.clip(q, -128, 127).astype(np.int8)


def dequantize(a, x, scale, zero_point=0):
    return x.astype(np.float64) * per_channel(scale.astype(np.float64), x, a.get("axis", 1))


def flatten(a, x):
    axis = a.get("axis", 1)
    return x.reshape(int(np.prod(x.shape[:axis])), -1)


def unsqueeze(a, x, axes=None):
    return np.expand_dims(x, tuple(a.get("axes", axes)))


def squeeze(a, x, axes=None):
    axes = a.get("axes", axes)
    return np.squeeze(x) if axes is None else np.squeeze(x, tuple(int(i) for i in axes))


def reduce_mean(a, x, axes=None):
    return x.mean(axis=tuple(a.get("axes", axes)), keepdims=bool(a.get("keepdims", 1)))


def constant_of_shape(a, shape):
    value = numpy_helper.to_array(a["value"]) if "value" in a else np.zeros(1, np.float32)
    return np.full([int(n) for n in shape], value.reshape(-1)[0])


def softmax(a, x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def divide(a, x, y):
    return x // y if np.issubdtype(np.asarray(x).dtype, np.integer) else x / y


OPERATORS = {
    "QuantizeLinear": quantize,
    "DequantizeLinear": dequantize,
    "Conv": convolve,
    "Gemm": gemm,
    "MatMul": lambda a, x, w: x @ w,
    "BatchNormalization": batch_normalization,
    "Relu": lambda a, x: np.maximum(x, 0),
    "Clip": clip,
    "MaxPool": lambda a, x: Windows(x, a, None, -np.inf).map(lambda w: w.max(axis=(2, 3))),
    "AveragePool": average,
    "GlobalAveragePool": lambda a, x: x.mean(axis=(2, 3), keepdims=True),
    "ReduceMean": reduce_mean,
    "Flatten": flatten,
    "Reshape": reshape,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": lambda a, x: np.transpose(x, a.get("perm")),
    "Slice": slice_of,
    "Pad": pad,
    "Concat": lambda a, *x: np.concatenate(x, a["axis"]),
    "Add": lambda a, x, y: x + y,
    "Sub": lambda a, x, y: x - y,
    "Mul": lambda a, x, y: x * y,
    "Div": divide,
    "Identity": lambda a, x: x,
    "Dropout": lambda a, x, *rest: x,
    "Softmax": softmax,
    "Shape": lambda a, x: np.array(x.shape, np.int64),
    "Gather": lambda a, x, i: np.take(x, i, a.get("axis", 0)),
    "Cast": lambda a, x: x.astype(np.int64) if a["to"] == 7 else x.astype(np.float64),
    "ConstantOfShape": constant_of_shape,
    "Constant": lambda a: numpy_helper.to_array(a["value"]),
}


def main():
    model = onnx.load(sys.argv[1])
    onnx.checker.check_model(model, full_check=True)
    graph = model.graph
    values = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    shape = [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim][1:]
    pixels = np.fromfile(sys.argv[2], dtype=np.uint8).reshape(-1, *shape)
    images = pixels.astype(np.float64) / 255
    batch = graph.input[0].type.tensor_type.shape.dim[0].dim_value or 1
    for first in range(0, len(images), batch):
        values[graph.input[0].name] = images[first:first + batch]
        for node in graph.node:
            inputs = [values[name] if name else None for name in node.input]
            values[node.output[0]] = OPERATORS[node.op_type](attributes(node), *inputs)
        for logits in values[graph.output[0].name]:
            print(" ".join(repr(float(v)) for v in logits.reshape(-1)))


main()
