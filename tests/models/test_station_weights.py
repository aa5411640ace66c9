"""Inverse squared distance by hand."""

import numpy as np
import pytest

from ecoassess.models.station_weights import great_circle, station_weights


def test_a_degree_along_the_equator():
    # 6371.0088 km · π / 180
    assert great_circle(0.0, 0.0, 1.0, 0.0) == pytest.approx(111.1951)


def test_weights_by_hand():
    # Distances 1° and 2°: weights 1 and 1/4, of 5/4.
    found = station_weights([0.0], [0.0], [1.0, -2.0], [0.0, 0.0])
    np.testing.assert_allclose(found, [[0.8, 0.2]])


def test_a_station_counts_alone_at_its_own_place():
    found = station_weights([1.0, 5.0], [0.0, 0.0], [1.0, -2.0], [0.0, 0.0])
    np.testing.assert_array_equal(found[0], [1.0, 0.0])
    np.testing.assert_allclose(found.sum(axis=-1), 1.0)
