"""ResNet18 in torch.nn, with the names of torchvision's state dict, its outputs and its random start bit for bit.

torchvision is not imported: torchvision.models takes longer to import than a search takes (it imports torch._dynamo and
sympy). `tests/jobs/embed/test_resnet18.py` holds the two equal. https://arxiv.org/abs/1512.03385
"""

from torch import Tensor, flatten, nn

CLASSES = 1000  # ImageNet's


class Block(nn.Module):
    """torchvision's BasicBlock: two 3x3 convolutions, and a residual that `downsample` fits to their output."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        downsample = None  # created first and registered last, as torchvision does: the random numbers and the keys
        if channels != out:
            downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        self.conv1, self.bn1 = nn.Conv2d(channels, out, 3, stride, padding=1, bias=False), nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2, self.bn2 = nn.Conv2d(out, out, 3, padding=1, bias=False), nn.BatchNorm2d(out)
        self.downsample, self.stride = downsample, stride

    def forward(self, x: Tensor) -> Tensor:
        residual = x if self.downsample is None else self.downsample(x)
        y: Tensor = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += residual
        activated: Tensor = self.relu(y)
        return activated


class ResNet18(nn.Module):
    """From (n, 3, 224, 224) float32 to (n, 1000): with nn.Identity as `fc`, to (n, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False), nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = nn.Sequential(Block(64, 64, 1), Block(64, 64, 1))
        self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128, 1))
        self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256, 1))
        self.layer4 = nn.Sequential(Block(256, 512, 2), Block(512, 512, 1))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc: nn.Module = nn.Linear(512, CLASSES)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        y: Tensor = self.fc(flatten(self.avgpool(x), 1))
        return y
