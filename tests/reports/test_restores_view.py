"""What the report says of each test restore."""

from guide_site import scenario_drill

from nexoaudit.model.fact import Span


def test_scenarios_and_systems_are_told_of_in_words(make_story, view, tale):
    story = make_story()
    tale.tell_guide_month(story, faults=False)
    played = scenario_drill("data-corruption", tale.at(2026, 11, 30, 3))
    more = (("declared.decision", Span(900_000)), ("loses.database", Span(7_200_000)))
    for drill in (
        played._replace(measures=(*played.measures, *more)),
        played._replace(kind="system", scenario="", measures=()),
    ):
        story.drill(drill, tale.at(2026, 11, 30, 23, 50))
    scenario, system = view(story.ledger).restores.items[-2:]
    assert scenario.measured == "16m 40s of 30m: what the RTO leaves beside the declared parts"
    assert scenario.measures == (
        ("restored the guide's way, about", "21m 40s"),
        ("where the copies were", "vault"),
        ("lost", "2h"),
        ("measured", "16m 40s"),
        ("declared: decision", "15m"),
        ("since the newest of database", "2h"),
    )
    assert system.title == "the whole site: system restore"
