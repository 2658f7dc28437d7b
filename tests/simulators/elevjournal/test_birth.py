"""How children were born: plausible for their week, and the same pregnancy for those born together."""

from __future__ import annotations

from statistics import fmean, pstdev

from anslut_simulators.histories.birth import birth_measures
from anslut_simulators.histories.growth_reference import birth_grid
from anslut_simulators.population import Person, default_population

POPULATION = default_population()
CHILDREN = [
    person for person in POPULATION.sample(3000, region="fjallmark") if person.birth_date.year >= 2003
]


def test_newborns_lie_where_the_reference_says() -> None:
    """Places are spread about the mean with the spread of one SD, and about six percent come early."""
    born = [birth_measures(POPULATION.world, child) for child in CHILDREN]
    places = [one.length_place for one in born if not one.together]

    assert abs(fmean(places)) < 120
    assert 900 < pstdev(places) < 1100
    assert 0.02 < sum(one.weeks < 37 for one in born) / len(born) < 0.12
    assert all(500 <= one.weight <= 5600 and 280 <= one.length <= 600 for one in born)


def test_the_mean_child_of_week_40_has_the_published_size() -> None:
    """Niklasson and Albertsson-Wikland: 51.6 cm and 3 715 g for a boy at 40 weeks."""
    assert birth_grid("M", "length").at(280, 0) // 10_000 == 516
    assert birth_grid("M", "weight").at(280, 0) // 10_000 == 3715
    assert birth_grid("F", "weight").at(28 * 7, 0) // 10_000 == 1219


def test_twins_share_their_pregnancy_and_nothing_else() -> None:
    """Born the same day of the same mother: as many weeks, each with a size of its own."""
    twins = [child for child in CHILDREN if child.born_with]
    assert twins

    sizes = set()
    for child in twins:
        other = _someone(child)
        mine, theirs = birth_measures(POPULATION.world, child), birth_measures(POPULATION.world, other)
        assert (mine.weeks, mine.days) == (theirs.weeks, theirs.days)
        assert other.born_with == (child.identity,)
        sizes.add((mine.weight, mine.length) == (theirs.weight, theirs.length))
    assert False in sizes


def _someone(child: Person) -> Person:
    other = POPULATION.person(child.born_with[0])
    assert other is not None
    return other
