from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.knowledge.index import Background, DenseIndex, Vectors


def _unit(count: int, seed: int = 0, width: int = 16) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(params=["built", "loaded"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> DenseIndex:
    index = DenseIndex.build(_unit(20))
    if request.param == "built":
        return index
    index.save(tmp_path / "dense.faiss")
    return DenseIndex.load(tmp_path / "dense.faiss")


def test_nearest_is_what_numpy_finds(index: DenseIndex) -> None:
    for question in _unit(5, seed=1):
        expected = np.argsort(-(_unit(20) @ question))[:7]
        assert index.nearest(question, 7).tolist() == expected.tolist()


@pytest.mark.parametrize("limit", [20, 21, 1000])
def test_asking_for_more_than_there_are_gives_each_once(index: DenseIndex, limit: int) -> None:
    found = index.nearest(_unit(1, seed=2)[0], limit)
    assert sorted(found.tolist()) == list(range(20))


def test_vector_is_its_own_nearest_neighbour(index: DenseIndex) -> None:
    for row, vector in enumerate(index.vectors):
        assert index.nearest(vector, 1).tolist() == [row]


def test_cosines_are_those_of_the_entries_asked_for(index: DenseIndex) -> None:
    question = _unit(1, seed=3)[0]
    entries = np.array([7, 7, 0, 19])
    assert np.allclose(index.cosines(question, entries), _unit(20)[entries] @ question, atol=1e-6)
    assert index.cosines(question, np.array([], np.int64)).shape == (0,)


def test_vectors_are_kept_to_the_bit(index: DenseIndex) -> None:
    assert index.size == 20
    assert np.array_equal(index.vectors, _unit(20))


def test_empty_index_finds_nothing(tmp_path: Path) -> None:
    DenseIndex.build(np.empty((0, 16), np.float32)).save(tmp_path / "dense.faiss")
    index = DenseIndex.load(tmp_path / "dense.faiss")
    assert index.size == 0
    assert index.vectors.shape == (0, 16)
    assert index.nearest(_unit(1)[0], 5).tolist() == []


def test_equal_vectors_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "other"):
        DenseIndex.build(_unit(20)).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_background_has_the_mean_and_spread_of_all_cosines() -> None:
    vectors, question = _unit(400), _unit(1, seed=4)[0]
    cosines = vectors @ question
    standard = Background.of(vectors).standardise(question, cosines)
    assert np.allclose(standard, (cosines - cosines.mean()) / cosines.std(), atol=1e-3)


@pytest.mark.parametrize("count", [0, 1])
def test_background_of_hardly_anything_is_still_finite(count: int) -> None:
    question = _unit(1, seed=5)[0]
    standard = Background.of(_unit(count)).standardise(question, np.array([0.5], np.float32))
    assert np.isfinite(standard).all()
