"""Deterministic inputs of the decoding, target and loss goldens.

Needs numpy and torch only (and fill.py, for the toy network's weights).
Inputs are rounded to multiples of 2**-16, so that they do not depend on the
last bit of exp() or sin().

    det, tag = people_maps(**spec)      # spec: JSON in each ae_grouping_*.npz
    net = ToyNet(17); image(...)        # ae_pipeline_*.npz
    target_people(...), loss_inputs(...)  # targets_*.npz
"""

import json
import zlib

import numpy as np
import torch


def rng(name):
    return np.random.RandomState(zlib.crc32(name.encode("utf-8")))


def _q(a, bits=16):
    return (np.round(np.asarray(a, np.float64) * 2**bits) / 2**bits).astype(np.float32)


# a standing person: 17 COCO joints (nose, eyes, ears, shoulders, elbows, wrists,
# hips, knees, ankles), in units of the person's height, x then y
BODY17 = np.array(
    [
        [0, -0.42],
        [0.03, -0.45],
        [-0.03, -0.45],
        [0.06, -0.43],
        [-0.06, -0.43],
        [0.12, -0.3],
        [-0.12, -0.3],
        [0.18, -0.14],
        [-0.18, -0.14],
        [0.2, 0.02],
        [-0.2, 0.02],
        [0.08, 0.02],
        [-0.08, 0.02],
        [0.09, 0.25],
        [-0.09, 0.25],
        [0.1, 0.48],
        [-0.1, 0.48],
    ]
)
# 14 CrowdPose joints: shoulders, elbows, wrists, hips, knees, ankles, head top, neck
BODY14 = np.concatenate([BODY17[5:], [[0, -0.5], [0, -0.33]]])


def body(k):
    return {17: BODY17, 14: BODY14}[k]


def people_maps(
    name,
    people,
    joints,
    h,
    w,
    tag_dim=1,
    spacing=1.0,
    height=(0.3, 0.6),
    visible=0.85,
    spread=1.0,
    noise=0.04,
    tag_noise=0.05,
    shared_tag=False,
    border=False,
    sigma=2.0,
):
    """Heatmaps (1, joints, h, w) and tags (1, joints, h, w, tag_dim) float32 of
    `people` synthetic persons. spacing: difference between neighbouring persons'
    tags; spread < 1 crowds them around the middle; shared_tag: one tag map for
    all joints (TAG_PER_JOINT False); border: joints clipped to the map's edge."""
    r = rng("people_maps:" + name)
    det = noise * r.random_sample((joints, h, w))
    kt = 1 if shared_tag else joints
    tag = 0.3 * (r.random_sample((kt, h, w, tag_dim)) * 2 - 1)
    best = np.zeros((kt, h, w))
    order = r.permutation(people) if people else []
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float64)
    for p in range(people):
        cx = w / 2 + spread * w * (r.random_sample() - 0.5)
        cy = h / 2 + spread * h * (r.random_sample() - 0.5) * 0.6
        ht = h * (height[0] + (height[1] - height[0]) * r.random_sample())
        value = spacing * order[p] + 0.1 * (r.random_sample(tag_dim) * 2 - 1)
        xy = np.array([cx, cy]) + ht * body(joints) + (r.random_sample((joints, 2)) - 0.5) * 3
        vis = r.random_sample(joints) < visible
        amp = 0.35 + 0.6 * r.random_sample(joints)
        tn = tag_noise * (r.random_sample((joints, h, w, tag_dim)) * 2 - 1) if tag_noise else 0
        if border:
            xy = np.clip(xy, 0, [w - 1, h - 1])
        for j in range(joints):
            if not vis[j] or not (0 <= xy[j, 0] <= w - 1 and 0 <= xy[j, 1] <= h - 1):
                continue
            g = amp[j] * np.exp(-((xx - xy[j, 0]) ** 2 + (yy - xy[j, 1]) ** 2) / (2 * sigma**2))
            det[j] = np.maximum(det[j], g)
            t = 0 if shared_tag else j
            m = (g > best[t]) & (g > 0.05)
            best[t][m] = g[m]
            tag[t][m] = (value + (tn[j] if tag_noise else 0) * np.ones((h, w, 1)))[m]
    return torch.from_numpy(_q(det)[None]), torch.from_numpy(_q(tag)[None])


class ToyNet(torch.nn.Module):
    """Two-output stand-in for a pose network: [heatmaps + tags at 1/4, heatmaps
    at 1/2]; weights by fill.py under the keys a.weight, a.bias, b.weight, b.bias."""

    def __init__(self, joints):
        super().__init__()
        self.a = torch.nn.Conv2d(3, 2 * joints, 4, stride=4)
        self.b = torch.nn.Conv2d(3, joints, 2, stride=2)

    def forward(self, x):
        return [self.a(x), self.b(x)]


class PoolNet(torch.nn.Module):
    """Stand-in whose "image" is a stack of heatmaps, tags and a left-to-right
    ramp (n, 2 * joints + 1, h, w): returns the former two averaged to 1/4, and
    the heatmaps averaged to 1/2. When the ramp says that the image is mirrored
    it swaps left and right joints, as a network would, dims the heatmaps a
    little and shifts the tags. flip_index: the dataset's left/right swap."""

    def __init__(self, joints, flip_index):
        super().__init__()
        self.joints, self.flip_index = joints, list(flip_index)

    def forward(self, x):
        f, k = torch.nn.functional.avg_pool2d, self.joints
        det, tag = x[:, :k], x[:, k : 2 * k]
        if x[0, -1, 0, 0] > x[0, -1, 0, -1]:
            det, tag = 0.875 * det[:, self.flip_index], tag[:, self.flip_index] + 0.0625
        return [f(torch.cat([det, tag], 1), 4), f(det, 2)]


def people_stack(joints, scale, name="people_stack"):
    """The "image" for PoolNet at scale 0.5, 1 or 2: (1, 2 * joints + 1, 128 * scale, 192 *
    scale)."""
    det, tag = people_maps(
        name, 5, joints, 128, 192, spacing=2.0, visible=0.9, height=(0.4, 0.7), sigma=3.0
    )
    ramp = torch.arange(192.0).expand(1, 1, 128, 192)
    x = torch.cat([det, tag[..., 0], ramp], 1)
    if scale == 2:
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    if scale == 0.5:
        return torch.nn.functional.avg_pool2d(x, 2)
    assert scale == 1
    return x


def uint8_image(name, h, w):
    """Smooth colour image with some noise, uint8 (h, w, 3)."""
    r = rng("uint8_image:" + name)
    f = r.random_sample((3, 4))
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    out = [
        128 + 70 * np.sin(2 * np.pi * (3 * a * x / w + b)) * np.cos(2 * np.pi * (3 * c * y / h + d))
        for a, b, c, d in f
    ]
    out = np.stack(out, -1) + 40 * (r.random_sample((h, w, 3)) - 0.5)
    return np.floor(np.round(out * 16) / 16).clip(0, 255).astype(np.uint8)


def target_people(name, people, joints, size, outside=0.15):
    """(people, joints, 3) float64: x, y in pixels of a size x size map, visibility
    0/1/2. Includes joints outside the map, just below zero, on the edge and
    exactly on a border between two pixels."""
    r = rng("target_people:" + name)
    out = np.zeros((people, joints, 3))
    for p in range(people):
        c = size * (0.2 + 0.6 * r.random_sample(2))
        ht = size * (0.25 + 0.5 * r.random_sample())
        xy = c + ht * body(joints) + (r.random_sample((joints, 2)) - 0.5) * 4
        out[p, :, :2] = _q(xy, 8)
        out[p, :, 2] = r.randint(0, 3, joints)
        far = r.random_sample(joints) < outside
        out[p, far, 0] += size
    if people:
        out[0, 0] = [-0.5, 3.25, 2]  # int() truncates -0.5 to 0
        out[0, 1] = [size - 0.01, size - 0.01, 1]  # last pixel
        out[0, 2] = [size, 5, 2]  # outside
        out[0, 3] = [0, 0, 1]
        out[0, 4] = [-1.0, 4, 2]  # outside
    if people > 1:
        out[1, :] = out[1, :] * [1, 1, 0]  # a person without any visible joint
    return out


def loss_inputs(name, batch, joints, size, seed_scale=1.0):
    """Network outputs [(batch, 2*joints, size, size), (batch, joints, 2*size,
    2*size)] and masks of the same resolutions (a rectangle of zeros)."""
    r = rng("loss_inputs:" + name)
    o0 = _q(seed_scale * (r.random_sample((batch, 2 * joints, size, size)) * 2 - 0.5))
    o1 = _q(seed_scale * (r.random_sample((batch, joints, 2 * size, 2 * size)) * 2 - 0.5))
    m0 = np.ones((batch, size, size), np.float32)
    m1 = np.ones((batch, 2 * size, 2 * size), np.float32)
    for b in range(batch):
        m0[b, 2 + b : 9 + b, 3:11] = 0
        m1[b, 4 + 2 * b : 18 + 2 * b, 6:22] = 0
    return [torch.from_numpy(o0), torch.from_numpy(o1)], [
        torch.from_numpy(m0),
        torch.from_numpy(m1),
    ]


def spec_of(npz):
    """The JSON description stored in a golden file."""
    return json.loads(str(npz["meta"]))
