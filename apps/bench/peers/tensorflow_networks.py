"""The networks of `bench peers` in TensorFlow's plain operations, on weights that are given by name.

They are written from their papers and from packages/models; `bench peers` checks their losses against the others'.
"""

from typing import Callable

import tensorflow as tf

EPSILON = 1e-5
MOVING_MOMENTUM = 0.9


class Layers:
    """Layers by name, in training mode: batch normalisation moves its averages."""

    def __init__(self, weights: dict[str, tf.Variable]) -> None:
        self.weights = weights
        norms = [name.removesuffix("/gamma") for name in weights if name.endswith("/gamma")]
        self.averages = {name: self.create_averages(name) for name in norms}

    def create_averages(self, name: str) -> tuple[tf.Variable, tf.Variable]:
        zeros = tf.zeros_like(self.weights[f"{name}/gamma"])
        return tf.Variable(zeros, trainable=False), tf.Variable(zeros + 1, trainable=False)

    def conv(self, name: str, x: tf.Tensor, stride: int = 1) -> tf.Tensor:
        kernel = self.weights[f"{name}/kernel"]
        if stride > 1 and kernel.shape[0] > 1:
            # TensorFlow's SAME would pad after the image only; PyTorch and Caffe pad on both sides.
            border = (kernel.shape[0] - 1) // 2
            x = tf.pad(x, [[0, 0], [border, border], [border, border], [0, 0]])
        y = tf.nn.conv2d(x, kernel, strides=stride, padding="VALID" if stride > 1 else "SAME")
        bias = self.weights.get(f"{name}/bias")
        return y if bias is None else tf.nn.bias_add(y, bias)

    def norm(self, name: str, x: tf.Tensor) -> tf.Tensor:
        mean, variance = self.averages[name]
        scale, offset = self.weights[f"{name}/gamma"], self.weights[f"{name}/beta"]
        result = tf.raw_ops.FusedBatchNormV3(x=x, scale=scale, offset=offset, mean=[], variance=[], epsilon=EPSILON)
        mean.assign_sub((1 - MOVING_MOMENTUM) * (mean - result.batch_mean))
        variance.assign_sub((1 - MOVING_MOMENTUM) * (variance - result.batch_variance))
        return result.y

    def classifier(self, x: tf.Tensor) -> tf.Tensor:
        pooled = tf.reduce_mean(x, axis=[1, 2])
        return tf.nn.bias_add(pooled @ self.weights["head/dense/kernel"], self.weights["head/dense/bias"])


def network_of(model: str, weights: dict[str, tf.Variable]) -> Callable[[tf.Tensor], tf.Tensor]:
    """The network's logits [N, classes] as a function of images [N, height, width, channels]."""
    layers = Layers(weights)
    family, depth, *_ = model.split("-")
    if family == "resnet":
        return lambda images: superconvergence_resnet(layers, images, (int(depth) - 2) // 6)
    if family == "wrn":
        return lambda images: wide_resnet(layers, images, (int(depth) - 4) // 6)
    raise ValueError(f"there is no {model} for TensorFlow")


def superconvergence_resnet(layers: Layers, x: tf.Tensor, blocks: int) -> tf.Tensor:
    """arXiv:1708.07120, appendix A: convolutions with biases, average-pool shortcuts, zero channels appended."""
    x = tf.nn.relu(layers.norm("stem/batch_norm", layers.conv("stem/conv", x)))
    for stage in (1, 2, 3):
        for index in range(1, blocks + 1):
            name = f"stage{stage}/block{index}"
            shrinks = stage > 1 and index == 1
            y = layers.conv(f"{name}/conv1", x, 2 if shrinks else 1)
            y = tf.nn.relu(layers.norm(f"{name}/batch_norm1", y))
            y = layers.norm(f"{name}/batch_norm2", layers.conv(f"{name}/conv2", y))
            if shrinks:
                x = tf.nn.avg_pool2d(x, 3, 2, "SAME")
            x = tf.nn.relu(x + y)
            if shrinks:
                x = tf.pad(x, [[0, 0], [0, 0], [0, 0], [0, x.shape[3]]])
    return layers.classifier(x)


def wide_resnet(layers: Layers, x: tf.Tensor, blocks: int) -> tf.Tensor:
    """arXiv:1605.07146: pre-activation, basic blocks, no dropout."""
    x = layers.conv("stem/conv", x)
    for stage in (1, 2, 3):
        for index in range(1, blocks + 1):
            name = f"stage{stage}/block{index}"
            stride = 2 if stage > 1 and index == 1 else 1
            activated = tf.nn.relu(layers.norm(f"{name}/batch_norm1", x))
            y = layers.conv(f"{name}/conv1", activated, stride)
            y = tf.nn.relu(layers.norm(f"{name}/batch_norm2", y))
            y = layers.conv(f"{name}/conv2", y)
            changes = f"{name}/shortcut/kernel" in layers.weights
            x = y + (layers.conv(f"{name}/shortcut", activated, stride) if changes else x)
    return layers.classifier(tf.nn.relu(layers.norm("head/batch_norm", x)))
