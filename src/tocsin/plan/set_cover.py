"""The cheapest choice that covers everything: set covering by local search with weights of rows.

Gao, Weise and Li 2015, "An efficient local search heuristic with row weighting for the unicost set covering problem",
and Gao, Yao, Weise and Li for prices: a choice that covers all is a word to do with less. One column goes, rows that
stay uncovered grow in weight, and who covers a heavy row comes in, as long as that is cheaper than the best so far.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.kernels import kernel, leaf
from tocsin.model.errors import BadValue

# Columns that come and go, for each column and at least: chosen on the hypercube of 8 dimensions and on made instances
# of classes 4 and 6; tocsin.bench.plan_siting reports on others.
STEPS_EACH, STEPS_MIN = 50, 20_000

Whole = NDArray[np.int64]


class Rows(NamedTuple):
    """Who covers what, both ways: the rows of column c are `rows[column_starts[c] : column_starts[c + 1]]`."""

    column_starts: Whole
    rows: Whole
    row_starts: Whole
    columns: Whole
    price: NDArray[np.float64]


class Cover(NamedTuple):
    """One choice on its way.

    covered    [M]: by how many of the chosen; weight [M]: of each row, growing while it is uncovered
    score      [N]: weight that column c would cover anew, or, once chosen, alone covers
    chosen     bool [N]; since [N]: the step at which it came or went
    free       bool [N]: a neighbour came or went since it went (else bringing it back would undo that)
    bare       the uncovered rows, the first `sizes[BARE]` of [M]; bare_at [M]: where each stands there
    members    the chosen columns, the first `sizes[MEMBERS]` of [N]; member_at [N]: where each stands there
    """

    covered: Whole
    weight: Whole
    score: Whole
    chosen: NDArray[np.bool_]
    since: Whole
    free: NDArray[np.bool_]
    bare: Whole
    bare_at: Whole
    members: Whole
    member_at: Whole
    sizes: Whole


BARE, MEMBERS = range(2)


def cheapest_cover(
    sees: Any, price: NDArray[np.float64], *, steps: int | None = None, seed: int = 1
) -> NDArray[np.intp]:
    """Columns (ascending) that together cover every row of `sees`, bool [N, M] or sparse; [N] prices, above 0.

    Raises BadValue where a row is covered by nobody, or a price is not above 0.
    """
    from scipy import sparse

    by_column = sparse.csr_matrix(sees, dtype=bool)
    by_row = by_column.T.tocsr()
    nobody = np.flatnonzero(np.diff(by_row.indptr) == 0)
    if len(nobody):
        raise BadValue(f"row {nobody[0]} is covered by no column; leave out what nobody can cover")
    if len(price) and not (np.isfinite(price) & (price > 0)).all():
        raise BadValue(f"a price is {price.min()}; each must be above 0")
    rows = Rows(
        by_column.indptr.astype(np.int64),
        by_column.indices.astype(np.int64),
        by_row.indptr.astype(np.int64),
        by_row.indices.astype(np.int64),
        np.asarray(price, np.float64),
    )
    columns, places = by_column.shape
    steps = max(STEPS_MIN, STEPS_EACH * columns) if steps is None else steps
    cover = Cover(
        np.zeros(places, np.int64),
        np.ones(places, np.int64),
        np.diff(rows.column_starts),
        np.zeros(columns, bool),
        np.zeros(columns, np.int64),
        np.ones(columns, bool),
        np.arange(places),
        np.arange(places),
        np.zeros(columns, np.int64),
        np.zeros(columns, np.int64),
        np.array([places, 0]),
    )
    return np.flatnonzero(_searched(rows, cover, steps, seed)) if places else np.zeros(0, np.intp)


@leaf
def _put(items: Whole, places: Whole, sizes: Whole, which: int, item: int) -> None:
    """An item comes to the end of its list."""
    items[sizes[which]] = item
    places[item] = sizes[which]
    sizes[which] += 1


@leaf
def _take(items: Whole, places: Whole, sizes: Whole, which: int, item: int) -> None:
    """An item leaves its list, and the last takes its place."""
    sizes[which] -= 1
    last = items[sizes[which]]
    items[places[item]] = last
    places[last] = places[item]


@leaf
def _come(rows: Rows, cover: Cover, column: int, step: int) -> None:
    """A column comes in."""
    _put(cover.members, cover.member_at, cover.sizes, MEMBERS, column)
    cover.chosen[column] = True
    cover.since[column] = step
    for at in range(rows.column_starts[column], rows.column_starts[column + 1]):
        row = rows.rows[at]
        cover.covered[row] += 1
        weight = cover.weight[row]
        if cover.covered[row] == 1:
            _take(cover.bare, cover.bare_at, cover.sizes, BARE, row)
        for other_at in range(rows.row_starts[row], rows.row_starts[row + 1]):
            other = rows.columns[other_at]
            cover.free[other] = True
            if other == column:
                continue
            if cover.covered[row] == 1 or (cover.covered[row] == 2 and cover.chosen[other]):
                cover.score[other] -= weight
    _score(rows, cover, column)


@leaf
def _go(rows: Rows, cover: Cover, column: int, step: int) -> None:
    """A column goes."""
    _take(cover.members, cover.member_at, cover.sizes, MEMBERS, column)
    cover.chosen[column] = False
    cover.since[column] = step
    for at in range(rows.column_starts[column], rows.column_starts[column + 1]):
        row = rows.rows[at]
        cover.covered[row] -= 1
        weight = cover.weight[row]
        if cover.covered[row] == 0:
            _put(cover.bare, cover.bare_at, cover.sizes, BARE, row)
        for other_at in range(rows.row_starts[row], rows.row_starts[row + 1]):
            other = rows.columns[other_at]
            cover.free[other] = True
            if other == column:
                continue
            if cover.covered[row] == 0 or (cover.covered[row] == 1 and cover.chosen[other]):
                cover.score[other] += weight
    cover.free[column] = False
    _score(rows, cover, column)


@leaf
def _score(rows: Rows, cover: Cover, column: int) -> None:
    """What a column is worth, from scratch."""
    alone = 1 if cover.chosen[column] else 0
    total = 0
    for at in range(rows.column_starts[column], rows.column_starts[column + 1]):
        row = rows.rows[at]
        if cover.covered[row] == alone:
            total += cover.weight[row]
    cover.score[column] = total


@leaf
def _to_go(rows: Rows, cover: Cover, not_this: int) -> int:
    """The chosen column whose going costs least for its price, of equals the one longest in; -1: there is none."""
    best, least = -1, np.inf
    for at in range(cover.sizes[MEMBERS]):
        column = cover.members[at]
        if column != not_this:
            cost = cover.score[column] / rows.price[column]
            if cost < least or (cost == least and cover.since[column] < cover.since[best]):
                best, least = column, cost
    return best


@leaf
def _to_come(rows: Rows, cover: Cover, row: int) -> int:
    """The column that covers a row and most else for its price, of equals the one longest out; -1: none is free."""
    best, most = -1, -1.0
    for at in range(rows.row_starts[row], rows.row_starts[row + 1]):
        column = rows.columns[at]
        if not cover.chosen[column] and cover.free[column]:
            worth = cover.score[column] / rows.price[column]
            if worth > most or (worth == most and cover.since[column] < cover.since[best]):
                best, most = column, worth
    return best


@leaf
def _heavier(rows: Rows, cover: Cover) -> None:
    """Every uncovered row weighs one more."""
    for number in range(cover.sizes[BARE]):
        row = cover.bare[number]
        cover.weight[row] += 1
        for at in range(rows.row_starts[row], rows.row_starts[row + 1]):
            cover.score[rows.columns[at]] += 1


@kernel
def _searched(rows: Rows, cover: Cover, steps: int, seed: int) -> NDArray[np.bool_]:
    """The cheapest choice that was met in so many steps, bool [N]; it begins greedily (Chvatal 1979)."""
    spent, number, sizes = 0.0, seed, cover.sizes
    while sizes[BARE] > 0:
        best, most = -1, 0.0
        for column in range(len(rows.price)):
            worth = cover.score[column] / rows.price[column]
            if not cover.chosen[column] and worth > most:
                best, most = column, worth
        _come(rows, cover, best, 0)
        spent += rows.price[best]
    found, least, came = cover.chosen.copy(), spent, -1
    for step in range(1, steps + 1):
        while sizes[BARE] == 0:
            if spent < least - 1e-9:
                found[:] = cover.chosen
                least = spent
            column = _to_go(rows, cover, -1)
            if column < 0:
                return found
            _go(rows, cover, column, step)
            spent -= rows.price[column]
        column = _to_go(rows, cover, came)
        if column >= 0:
            _go(rows, cover, column, step)
            spent -= rows.price[column]
        while sizes[BARE] > 0:
            # A multiplicative generator modulo 2^31 - 1 (Park and Miller 1988): chance, and the same every time.
            number = number * 48271 % 2147483647
            column = _to_come(rows, cover, cover.bare[number % sizes[BARE]])
            if column < 0 or spent + rows.price[column] >= least - 1e-9:
                break
            _come(rows, cover, column, step)
            spent += rows.price[column]
            came = column
            _heavier(rows, cover)
    return found
