"""TensorFlow as a contender of `bench peers`: one tf.function of plain operations, NHWC, without XLA, on the CPU."""

import argparse

import tensorflow as tf

from contender import MOMENTUM, WEIGHT_DECAY, Contender, Start, serve
from tensorflow_networks import network_of


def build(arguments: argparse.Namespace, start: Start) -> Contender:
    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    weights = {name: tf.Variable(value) for name, value in start.weights.items()}
    velocities = {name: tf.Variable(tf.zeros_like(value)) for name, value in weights.items()}
    network = network_of(arguments.model, weights)
    images = tf.constant(start.images)
    labels = tf.constant(start.labels, tf.int32)

    @tf.function(jit_compile=False)
    def update(images: tf.Tensor, labels: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = network(images)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
        for (name, gradient), velocity in zip(tape.gradient(loss, weights).items(), velocities.values()):
            if name.endswith("kernel"):
                gradient += WEIGHT_DECAY * weights[name]
            tf.raw_ops.ResourceApplyMomentum(
                var=weights[name].handle,
                accum=velocity.handle,
                lr=rate,
                grad=gradient,
                momentum=MOMENTUM,
                use_nesterov=True,
            )
        return loss

    def step(rate: float) -> float:
        return float(update(images, labels, tf.constant(rate)).numpy())

    return Contender(
        step=step,
        parameters=sum(int(tf.size(weight)) for weight in weights.values()),
        versions={"tensorflow": tf.__version__},
        settings=f"tf.function, NHWC, {arguments.threads} threads",
    )


if __name__ == "__main__":
    serve(build, ["graph"])
