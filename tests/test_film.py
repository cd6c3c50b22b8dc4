"""Pictures of a run: what they show, what is chosen, and that nothing is lost on the wire."""

import base64
import json
import struct
import zlib

import numpy as np
import pytest
import torch

from classifiers.config import NetworkConfig
from classifiers.data.synthetic import Extent
from classifiers.film import (
    LEVELS,
    NEURON_LEVELS,
    NEURON_SIDE,
    Camera,
    Moment,
    decode_confusion,
    decode_parameters,
    decode_planes,
    encode_frames,
    encode_moments,
    encode_parameters,
    encode_planes,
    frame_epochs,
    grid_points,
    grid_side,
    region_plane,
    sends_weights,
    take_moment,
)
from classifiers.network import MLP

BOX = Extent(-2.0, 4.0, -1.0, 3.0)


def vertical_line(members: int = 1) -> MLP:
    """A linear network that says class 1 to the right of x1 = 1, more surely further away."""
    network = MLP(NetworkConfig(widths=(), outputs="one_logit"), 2, 2, members)
    network.layers[0].weight[:] = torch.tensor([[3.0], [0.0]])
    network.layers[0].bias[:] = -3.0
    return network


def take(network: MLP, **options):
    camera = Camera(network, BOX)
    return camera, camera.take(network, torch.from_numpy(camera.points), 7, **options)


def test_the_picture_has_its_top_left_corner_at_smallest_x_and_largest_y():
    points = grid_points(BOX, 48).reshape(48, 48, 2)
    assert points[0, 0] == pytest.approx([-2 + 6 / 96, 3 - 4 / 96])
    assert points[-1, -1] == pytest.approx([4 - 6 / 96, -1 + 4 / 96])


def test_labels_and_confidence_follow_the_network():
    camera, frame = take(vertical_line())
    x1 = camera.points[:, 0].reshape(camera.side, camera.side)
    assert ((frame.region // LEVELS == 1) == (x1 > 1)).all()
    confidence = frame.region % LEVELS
    row = confidence[0].astype(int)
    boundary = int(np.abs(x1[0] - 1).argmin())
    assert row[boundary] < LEVELS / 3
    assert row[0] == row[-1] == LEVELS - 1
    assert (np.diff(row[boundary + 1 :]) >= 0).all()


def test_confidence_is_least_where_two_of_several_classes_tie():
    tie, sure = [0.48, 0.48, 0.04], [0.0, 1.0, 0.0]
    plane = region_plane(np.array([tie, sure, sure, tie]), 2)
    assert (plane % LEVELS).ravel().tolist() == [0, LEVELS - 1, LEVELS - 1, 0]
    assert (plane // LEVELS).ravel()[1] == 1


def test_confidence_is_the_root_of_the_lead_of_the_likeliest_class():
    # Leads of 1/4 and 1/16 have the roots 1/2 and 1/4, of 32 steps.
    quarter, sixteenth = [0.625, 0.375], [15 / 32, 17 / 32]
    plane = region_plane(np.array([quarter, sixteenth, sixteenth, quarter]), 2)
    assert (plane % LEVELS).ravel().tolist() == [16, 8, 8, 16]
    assert (plane // LEVELS).ravel().tolist() == [0, 1, 1, 0]


def test_eight_classes_fit_a_byte():
    one_hot = np.eye(8)[np.arange(64) % 8]
    plane = region_plane(one_hot, 8)
    assert plane.max() == 255
    assert (plane // LEVELS).ravel().tolist() == [k % 8 for k in range(64)]


def test_disagreement_counts_the_members_that_say_otherwise():
    network = vertical_line(members=3)
    network.layers[0].bias[2] = 6.0  # the third parts the plane at x1 = -2 instead
    camera, frame = take(network)
    x1 = camera.points[:, 0].reshape(camera.side, camera.side)
    assert frame.disagreement is not None
    assert (frame.disagreement[x1 > 1.2] == 0).all()
    between = (x1 > -0.2) & (x1 < 0.2)
    assert set(np.unique(frame.disagreement[between]).tolist()) <= {1, 2}


def test_a_single_member_has_no_disagreement():
    assert take(vertical_line())[1].disagreement is None


def test_a_neuron_is_pictured_relative_to_its_largest_activation():
    network = MLP(NetworkConfig(widths=(2,), activation="identity"), 2, 2)
    network.layers[0].weight[0, :, 0] = torch.tensor([10.0, 0.0])  # x1, from below 0 to above
    network.layers[0].bias[0, 0, 1] = -0.5  # a constant below zero
    _, frame = take(network)
    assert frame.neurons.shape == (2, NEURON_SIDE, NEURON_SIDE)
    first = frame.neurons[0].astype(int) - NEURON_LEVELS
    assert first[:, -1].tolist() == [NEURON_LEVELS] * NEURON_SIDE
    assert (first[:, 0] == -4).all()  # -2 of 4
    assert (frame.neurons[1] == 0).all()


def test_heavy_networks_get_coarser_pictures_and_the_same_answers():
    heavy = MLP(NetworkConfig(widths=(256, 256)), 2, 2, 10).initialize(0)
    assert grid_side(heavy.parameter_count * 10) < grid_side(100)
    camera, frame = take(heavy)  # taken in several chunks
    whole = heavy.probabilities(torch.from_numpy(camera.points)).mean(0).numpy()
    expected = region_plane(whole, camera.side)
    assert (np.abs(frame.region.astype(int) - expected.astype(int)) <= 1).all()


@pytest.mark.parametrize("epochs", [1, 5, 59, 60, 100, 201, 20_000])
def test_about_sixty_moments_are_chosen_with_the_first_and_last(epochs):
    recorded = list(range(0, epochs + 1, max(1, epochs // 200)))
    chosen = frame_epochs(recorded)
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= set(recorded)
    assert len(chosen) == min(60, len(recorded))
    assert (chosen[0], chosen[-1]) == (recorded[0], recorded[-1])


def test_more_moments_come_from_the_first_half():
    chosen = frame_epochs(list(range(0, 2001, 10)))
    assert sum(epoch <= 1000 for epoch in chosen) > 0.6 * len(chosen)


def test_planes_survive_the_wire_to_the_byte():
    planes = np.random.default_rng(0).integers(0, 256, (5, 6, 7)).astype(np.uint8)
    assert (decode_planes(encode_planes(list(planes)), (6, 7)) == planes).all()


def test_frames_of_members_are_encoded_with_all_their_planes():
    network = MLP(NetworkConfig(widths=(3, 4)), 2, 2, 2).initialize(0)
    camera, frame = take(network, kept=True)
    told = encode_frames([frame])
    assert told["epochs"] == [7]
    assert told["kept"] == [True]
    side = camera.side
    assert (decode_planes(told["region"], (side, side))[0] == frame.region).all()
    assert (decode_planes(told["disagreement"], (side, side))[0] == frame.disagreement).all()
    shape = (7, NEURON_SIDE, NEURON_SIDE)
    assert (decode_planes(told["neurons"], shape)[0] == frame.neurons).all()


def test_a_network_without_hidden_layers_has_no_neurons_to_show():
    assert "neurons" not in encode_frames([take(vertical_line())[1]])


def moments(members: int = 3, count: int = 7) -> list[Moment]:
    random = np.random.default_rng(0)
    odd = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, 3.4e38], np.float32)
    stack = random.normal(size=(count, members, 9)).cumsum(0).astype(np.float32)
    stack[-1, 0, :7] = odd
    counts = random.integers(0, 18_000, (count, 4, 4)) / 3
    return [Moment(k, *pair) for k, pair in enumerate(zip(stack, counts, strict=True))]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_film_of_weights_comes_back_bit_for_bit(count):
    film = moments(count=count)
    told = json.loads(json.dumps(encode_moments(film)))
    back = decode_parameters(told["parameters"], 3, 9)
    given = np.stack([moment.parameters for moment in film])
    assert np.array_equal(back.view("<u4"), given.view("<u4"))
    assert told["epochs"] == list(range(count))
    counts = np.stack([moment.confusion for moment in film])
    assert np.abs(decode_confusion(told["confusion"], 4) - counts).max() <= 0.05


def test_parameters_are_planes_of_bytes_of_what_changed():
    """As the page reads it, written out byte by byte."""
    given = np.stack([moment.parameters for moment in moments()])
    packed = zlib.decompress(base64.b64decode(encode_parameters(given)))
    floats, a_moment, quarter = [], given[0].size, len(packed) // 4
    words = [sum(packed[b * quarter + i] << 8 * b for b in range(4)) for i in range(quarter)]
    for i, word in enumerate(words):
        words[i] = word ^ (words[i - a_moment] if i >= a_moment else 0)
        floats.append(struct.pack("<I", words[i]))
    assert b"".join(floats) == given.astype("<f4").tobytes()


def test_a_moment_is_a_copy_of_the_parameters_without_their_padding():
    config = NetworkConfig(widths=(3,))
    network = MLP(config, 2, 4, 2).initialize(0)
    moment = take_moment(network, 5, np.zeros((4, 4)), kept=True)
    network.parameters.zero_()
    flat = moment.parameters[1]
    again = MLP(config, 2, 4, 2).initialize(0)
    assert np.array_equal(flat[:6].reshape(2, 3), again.layers[0].weight[1].numpy())
    assert np.array_equal(flat[9:21].reshape(4, 3).T, again.layers[1].weight[1].numpy())
    assert (len(flat), moment.epoch, moment.kept) == (25, 5, True)


def test_larger_networks_send_no_weights():
    at_most = MLP(NetworkConfig(widths=(6,)), 2, 2, 625)  # 32 parameters each, 20,000 in all
    assert sends_weights(at_most)
    assert not sends_weights(MLP(NetworkConfig(widths=(6,)), 2, 2, 626))
    assert not sends_weights(MLP(NetworkConfig(widths=(7,)), 2, 2, 625))


def test_how_fine_a_picture_may_be():
    works = (1, 108_506, 108_507, 434_027, 434_028, 10**9)
    assert [grid_side(work) for work in works] == [96, 96, 48, 48, 24, 24]
    network = MLP(NetworkConfig(widths=(15, 16, 17, 40)), 2, 2, 100)  # 1,392 parameters each
    camera = Camera(network, BOX)
    assert (camera.layers, camera.side) == ([15, 16, 16, 16], 48)
    assert len(camera.points) == 48 * 48


def test_of_a_layer_the_first_sixteen_units_of_the_first_network_are_shown():
    network = MLP(NetworkConfig(widths=(20, 3), activation="tanh"), 2, 2, 2).initialize(3)
    camera, frame = take(network)
    shown = network.copy(members=[0]).hidden(torch.from_numpy(camera.points))[:-1]
    side, stride = camera.side, camera.side // NEURON_SIDE
    units = torch.cat([layer[0, :, :16] for layer in shown], 1).view(side, side, 19)
    middle = units[stride // 2 :: stride, stride // 2 :: stride].permute(2, 0, 1).numpy()
    wanted = np.rint(middle / np.abs(middle).max((1, 2), keepdims=True) * 8) + 8
    assert frame.neurons.shape == (19, NEURON_SIDE, NEURON_SIDE)
    assert (np.abs(frame.neurons - wanted) <= 1).all()
    assert (frame.neurons != wanted).mean() < 0.001
    assert (frame.epoch, frame.kept, take(network, kept=True)[1].kept) == (7, False, True)


def test_sprites_are_deflated_well_or_quickly():
    random = np.random.default_rng(0)
    planes = random.integers(0, 256, (4, 30, 30)).astype(np.uint8)
    changes = np.concatenate([planes[:1], planes[1:] - planes[:-1]]).tobytes()
    for quick, strategy in ((False, zlib.Z_DEFAULT_STRATEGY), (True, zlib.Z_RLE)):
        packer = zlib.compressobj(6, strategy=strategy)
        packed = base64.b64encode(packer.compress(changes) + packer.flush()).decode()
        assert encode_planes(list(planes), quick=quick) == packed
        assert (decode_planes(packed, (30, 30)) == planes).all()
    assert encode_planes(list(planes)) == encode_planes(list(planes), quick=False)
    network = MLP(NetworkConfig(widths=(3,)), 2, 2, 2).initialize(0)
    frames = [take(network)[1]] * 2
    for quick in (False, True):
        told = encode_frames(frames, quick=quick)
        for name in ("region", "disagreement", "neurons"):
            own = [getattr(frame, name) for frame in frames]
            assert told[name] == encode_planes(own, quick=quick)
