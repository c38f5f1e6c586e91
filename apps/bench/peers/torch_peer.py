"""PyTorch as a contender of `bench peers`: eager or through torch.compile, channels last, on the CPU."""

import argparse
import functools
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "fixtures" / "pytorch"))

import networks  # noqa: E402  Those that packages/models is tested against.
from contender import MOMENTUM, WEIGHT_DECAY, Contender, Start, serve  # noqa: E402

COMMON = {"image_shape": (32, 32, 3), "classes": 10}


def build(arguments: argparse.Namespace, start: Start) -> Contender:
    torch.set_num_threads(arguments.threads)
    network = create_network(arguments.model)
    set_weights(network, start)
    network = network.to(memory_format=torch.channels_last).train()
    # NHWC in memory is what torch calls channels last.
    images = torch.from_numpy(start.images).permute(0, 3, 1, 2)
    labels = torch.from_numpy(start.labels)
    optimizer = create_optimizer(network)

    def loss_of(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(network(images), labels)

    if arguments.mode == "compile":
        loss_of = torch.compile(loss_of)

    def step(rate: float) -> float:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(images, labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return Contender(
        step=step,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        versions={"torch": torch.__version__},
        settings=f"channels_last, SGD(fused=True), {torch.get_num_threads()} threads",
    )


def create_network(model: str) -> networks.Network:
    family, *numbers = model.split("-")
    if not all(number.isdigit() for number in numbers):
        raise ValueError(f"there is no {model} for PyTorch")
    sizes = [int(number) for number in numbers]
    if family == "resnet":
        network = networks.SuperconvergenceResNet((sizes[0] - 2) // 6, **COMMON)
    elif family == "wrn":
        network = networks.WideResNet(*sizes, **COMMON)
    else:
        raise ValueError(f"there is no {model} for PyTorch")
    # The fixtures' own ReLU watches its inputs. Each of these overwrites what nobody else reads.
    network.relu = functools.partial(F.relu, inplace=True)
    return network


def set_weights(network: networks.Network, start: Start) -> None:
    """From the layouts of packages/models: kernels [height, width, inputs, outputs] and [inputs, outputs]."""
    with torch.no_grad():
        for name, tensor in network.tensors().items():
            if "/moving_" in name:
                continue
            value = torch.from_numpy(start.weights[name])
            tensor.copy_(value.permute(3, 2, 0, 1) if value.dim() == 4 else value.t() if value.dim() == 2 else value)


def create_optimizer(network: networks.Network) -> torch.optim.SGD:
    trained = {name: tensor for name, tensor in network.tensors().items() if "/moving_" not in name}
    kernels = [tensor for name, tensor in trained.items() if name.endswith("kernel")]
    others = [tensor for name, tensor in trained.items() if not name.endswith("kernel")]
    groups = [{"params": kernels, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0}]
    # On the CPU fused is the fastest of torch's three forms.
    return torch.optim.SGD(groups, lr=0.1, momentum=MOMENTUM, nesterov=True, fused=True)


if __name__ == "__main__":
    serve(build, ["eager", "compile"])
