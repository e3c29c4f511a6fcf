"""Does a confidence of 0.8 come true eight times in ten?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BINS = 10


def expected_calibration_error(
    confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]
) -> float:
    """Mean distance of confidence from accuracy over ten bins of equal width, weighted by size
    (Guo et al., "On Calibration of Modern Neural Networks", 2017). Both are (n,) with n above 0."""
    bins = np.minimum((confidences * BINS).astype(int), BINS - 1)
    return float(
        sum(
            abs(confidences[bins == at].mean() - right[bins == at].mean()) * np.mean(bins == at)
            for at in range(BINS)
            if (bins == at).any()
        )
    )
