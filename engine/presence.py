"""Look again at who acts, inside the transaction that records what they did."""

from dataclasses import replace
from datetime import datetime

from engine.clock import local
from engine.model.organisation import Actor
from engine.ports import Organisation


def with_posts_today(organisation: Organisation, actor: Actor, now: datetime) -> Actor:
    """Return `actor` with those of their posts that they still hold at this moment.

    A request, a batch or a signature made on somebody's own token may last longer than a post:
    who has left in between signs no more, whatever was true when they began.
    """
    held = {post.id for post in organisation.list_posts_of(actor.person_id, local(now).date())}
    return replace(actor, posts=tuple(post for post in actor.posts if post.id in held))
