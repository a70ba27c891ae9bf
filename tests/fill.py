"""Weights and inputs that are a function of names and shapes only.

Two implementations of the same network, filled with `fill_state_dict` under
the same (official) key names, hold bit-identical weights; nothing but the key
names has to be shared. `golden_input` does the same for an input image.

    from fill import fill_module, golden_input
    fill_module(net)                       # net's own keys are the official ones
    fill_module(net, rename=my_to_official)  # or: a function own key -> official key
    y = net.eval()(golden_input((1, 3, 64, 96)))

Every value comes from numpy's legacy MT19937 uniform stream
(`RandomState(crc32(key)).random_sample`), whose bits numpy guarantees to keep,
so the result does not depend on the torch version or on the processor.

What a key gets, by the shape of the tensor and the end of its name:

  * 0-dim (num_batches_tracked)      0
  * >= 2-dim (weights)               uniform, std = GAIN / sqrt(fan_in) with
                                     fan_in = shape[1] * prod(shape[2:]) (also for
                                     transposed convolutions, where shape[1] is
                                     the output side); where shape[1] > 1 the mean
                                     of each slice [i] is subtracted, so that the
                                     positive mean of rectified inputs does not
                                     drown the part that depends on the input
  * 1-dim "...running_var"           uniform in [0.7, 1.3)
  * 1-dim "...running_mean"          uniform in [-0.2, 0.2)
  * 1-dim "...weight" (batch norm)   c * uniform in [0.8, 1.2)
  * 1-dim "...bias"                  uniform in [-0.2, 0.2)

c is 1, but 0.4 for a batch norm that ends a residual branch of HRNet or of
LitePose and 0.5 for one that feeds HRNet's multi-branch sum (RESIDUAL_END and
FUSE_END match official key names). With that all the networks' outputs have a
standard deviation between 1 and 20 and depend strongly on the input.
"""

import re
import zlib

import numpy as np
import torch

GAIN = 1.5
# LitePose InvBottleneck
RESIDUAL_END = re.compile(
    r"(^|\.)(branches|deconv_layers)\..*\.bn2\.weight$"  # HRNet BasicBlock
    r"|^layer1\.\d+\.bn3\.weight$"  # HRNet Bottleneck
    r"|\.point_conv\.1\.weight$"
)
FUSE_END = re.compile(r"\.fuse_layers\.")


def _random_sample(key, shape):
    seed = zlib.crc32(key.encode("utf-8"))
    return (
        np.random.RandomState(seed)
        .random_sample(int(np.prod(shape, dtype=np.int64)))
        .reshape(shape)
    )


def _uniform(key, shape, low, high):
    return (low + (high - low) * _random_sample(key, shape)).astype(np.float32)


def fill_tensor(key, shape):
    """float32 numpy array for official key `key` (int64 zero for 0-dim)."""
    shape = tuple(shape)
    if len(shape) == 0:
        return np.zeros((), np.int64)
    if len(shape) >= 2:
        fan_in = int(np.prod(shape[1:]))
        q = np.floor(_random_sample(key, shape) * 2**24).astype(np.int64) - 2**23
        if shape[1] > 1:  # integer sum: exact in any order
            s = q.reshape(shape[0], -1).sum(1).reshape((-1,) + (1,) * (len(shape) - 1))
            q = q - s / fan_in
        # q is uniform in (-2^23, 2^23), of standard deviation 2^23 / sqrt(3)
        return (q * (GAIN * np.sqrt(3.0 / fan_in) / 2**23)).astype(np.float32)
    leaf = key.rsplit(".", 1)[-1]
    if leaf == "running_var":
        return _uniform(key, shape, 0.7, 1.3)
    if leaf == "weight":
        c = 0.4 if RESIDUAL_END.search(key) else 0.5 if FUSE_END.search(key) else 1.0
        return _uniform(key, shape, 0.8 * c, 1.2 * c)
    return _uniform(key, shape, -0.2, 0.2)  # running_mean, bias


def fill_state_dict(shapes):
    """{official key: shape or tensor} -> {official key: torch tensor}."""
    return {
        k: torch.from_numpy(np.array(fill_tensor(k, getattr(s, "shape", s))))
        for k, s in shapes.items()
    }


def fill_module(net, rename=None):
    """Fill `net` in place; `rename` maps its own keys to official ones
    (a function; None: they are the same). Returns net."""
    own = net.state_dict()
    new = {}
    for k, t in own.items():
        v = torch.from_numpy(np.array(fill_tensor(rename(k) if rename else k, t.shape)))
        new[k] = v.to(t.dtype)
    net.load_state_dict(new, strict=True)
    return net


def golden_input(shape, name="golden_input"):
    """Image-like input in about [-2, 2): low-frequency waves plus noise, a
    different one per shape and name."""
    shape = tuple(int(s) for s in shape)
    key = name + ":" + "x".join(map(str, shape))
    n, c, h, w = shape
    r = np.random.RandomState(zlib.crc32(key.encode("utf-8")))
    noise = r.random_sample(n * c * h * w).reshape(shape) * 2 - 1
    f = r.random_sample((n, c, 4))
    y = np.arange(h).reshape(1, 1, h, 1) / h
    x = np.arange(w).reshape(1, 1, 1, w) / w
    f = f.reshape(n, c, 4, 1, 1)
    wave = np.sin(2 * np.pi * ((1 + 3 * f[:, :, 0]) * x + f[:, :, 1])) * np.cos(
        2 * np.pi * ((1 + 3 * f[:, :, 2]) * y + f[:, :, 3])
    )
    # the waves go through sin/cos, whose last bit may differ between machines;
    # rounding to 1/4096 removes that
    wave = np.round(wave * 4096) / 4096
    return torch.from_numpy((wave + noise).astype(np.float32))
