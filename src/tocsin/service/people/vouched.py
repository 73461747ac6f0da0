"""Who somebody is here for whom an OpenID provider vouches."""

from __future__ import annotations

import msgspec

from tocsin.model.errors import BadValue
from tocsin.service.openid_settings import OpenId
from tocsin.service.people.person import Person
from tocsin.service.people.store import People
from tocsin.service.people.way_in import Believed, NotBelieved


async def vouched(people: People, openid: OpenId, who: Believed) -> Person:
    """The person. Where the settings give roles, one is made, or changed, under the provider's own name.

    Raises NotBelieved and NotDurable.
    """
    name = who.person if who.roles is None else f"{who.person}@{openid.id}"
    person = people.person(name)
    if person is None and (
        who.roles is None or any(one.id.casefold() == name.casefold() for one in people.everybody())
    ):
        raise NotBelieved(f"nobody here is {name}, or he is no more")
    # Of a name that the provider gives out again, or that an administrator had given before.
    known = who.roles is not None and person is not None
    if not await people.subjects.is_same(
        name if person is None else person.id, openid.issuer, who.subject, known=known
    ):
        raise NotBelieved(f"{name} was somebody else when he first came; an administrator can reset him")
    if who.roles is None:
        assert person is not None
        return person
    try:
        made = person or Person(id=name, roles=who.roles, made_at=people.now())
        made = msgspec.structs.replace(made, roles=who.roles, name=who.called or made.name)
        if made != person:
            async with people.changing:
                if people.person(name) != person:
                    raise NotBelieved(f"{name} was changed meanwhile; try again")
                await people.put(made)
    except BadValue as error:
        raise NotBelieved(str(error)) from error
    return made
