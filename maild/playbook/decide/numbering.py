"""Every letter of a decision gets a token of its own: its Message-ID, its reply address, its place on the thread."""

from dataclasses import replace

from maild.playbook.effects import Effect, Merge, Send
from maild.playbook.events import Scene


def numbered(effects: tuple[Effect, ...], scene: Scene) -> tuple[Effect, ...]:
    """The same effects; letters that have no token yet get theirs from the seed of this unit of work."""
    return tuple(_with_token(effect, number, scene) for number, effect in enumerate(effects))


def _with_token(effect: Effect, number: int, scene: Scene) -> Effect:
    if isinstance(effect, Send | Merge) and not effect.letter.token:
        return replace(effect, letter=replace(effect.letter, token=scene.fresh.token(f"letter-{number}")))
    return effect
