"""The English sentences. Every other language is a `.po` file of translations of exactly these, beside this module.

Plain, short and imperative: read once, by somebody who is frightened. No sentence names what attacks: that is said
apart, and only where it is known. Every sentence is true of one place and of many, for the places stand in front.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from tocsin.model.threat import ThreatClass

# What a message is about. `lapses`: a prepare that ends by itself, and no all clear follows. `unknown`: we may be
# blind. `retracted`: what was sent was a mistake.
Sense = Literal["take_cover", "prepare", "lapses", "unknown", "all_clear", "retracted"]


class Sentences(NamedTuple):
    """What is said in one sense.

    headline   what to do or to know, in a few words; the places follow it
    what       what is going on
    do         what to do
    without    what to do with no shelter at hand
    brief      the one thing more to do, where there is room for one
    """

    headline: str
    what: str
    do: str
    without: str
    brief: str


# The gravest first.
SAID: dict[Sense, Sentences] = {
    "take_cover": Sentences(
        "Take cover now",
        "An air attack is expected here.",
        "Go to the nearest shelter at once and stay there until the all clear.",
        "If there is no shelter, go to an inner room away from windows, or lie down and cover your head.",
        "No shelter? Inner room, or lie down.",
    ),
    "prepare": Sentences(
        "Prepare to take cover",
        "An air attack may be coming here.",
        "Go near a shelter now, stay close to it and wait for the next message.",
        "If there is no shelter, choose an inner room away from windows now.",
        "Stay close to a shelter.",
    ),
    "lapses": Sentences(
        "Stay careful, no all clear will follow",
        "Nothing is known to threaten this place any more, but we cannot see here. This warning ends by itself, and "
        "its end is not an all clear.",
        "Stay near a shelter for as long as you can, watch and listen yourself, and follow other services.",
        "If there is no shelter, stay near an inner room away from windows.",
        "Watch and listen yourself.",
    ),
    "unknown": Sentences(
        "We may be blind, this is not an all clear",
        "Part of the picture is missing, and a danger here may go unnoticed.",
        "Watch and listen yourself, and follow other services.",
        "If in doubt, go to a shelter, or to an inner room away from windows.",
        "Watch and listen yourself.",
    ),
    "all_clear": Sentences(
        "All clear",
        "The warning for this place has ended.",
        "You may leave the shelter.",
        "Wherever you are, do not touch unknown objects.",
        "Do not touch unknown objects.",
    ),
    "retracted": Sentences(
        "False alarm, warning withdrawn",
        "The warning for this place was a mistake, and it is withdrawn.",
        "You may leave the shelter.",
        "We are sorry for the alarm.",
        "It was a mistake.",
    ),
}
WHERE = "{headline}: {places}"
# Times follow the sentence that says what is going on.
FROM = "Attack possible from {time}."
NOW = "Attack possible at any moment."
LIKELY = "Most likely about {time}."
ENDS = "The warning ends at {time}."
SINCE = "Since {time}."
SENT = "Sent at {time}."
# The same where there is little room.
FROM_BRIEF, UNTIL = "From {time}.", "Until {time}."
THREAT = "Threat: {kind}."
# None: nobody is told a name for what is not known, nor for what endangers nobody.
KINDS: dict[ThreatClass, str | None] = {
    "jet": "jet aircraft",
    "helicopter": "helicopter",
    "drone": "drone",
    "cruise_missile": "cruise missile",
    "ballistic_missile": "ballistic missile",
    "rocket": "rockets",
    "aircraft": "aircraft",
    "civil": None,
    "unknown": None,
}
DRILL = "DRILL"
DRILL_NOTE = "This is a drill. Nothing is happening."
EVENT = "Air raid warning"
# One of several places, and what stands for those that are not named.
MORE = ("{count} more place", "{count} more places")
# The page without JavaScript.
TITLE = "Air raid warnings"
PLACE, SEARCH, LANGUAGE = "Town or district", "Search", "Language"
NOT_FOUND = "There is no place of that name here."
NO_WARNING, NO_THREAT = "No warning", "Nothing is known to threaten this place."
LESS_TIME = "There is less warning time than usual here."
WARNED, NONE_WARNED = "Under warning", "No zone is under warning."
PICTURE_OF = "The picture is of {time}. This page renews itself."
NO_PICTURE = "There is no fresh picture. This is not an all clear."
WHOLE_PAGE = "The whole page, with a map and sound"
SIRENS_FIRST = "Sirens and local authorities come first. Do not rely on this page alone."
# A site: a school, a hospital, an airport.
LEAVE_NOW = "Set out for shelter now: the last of you need {seconds} seconds."
LEAVE_BY = "Set out for shelter by {time}: the last of you need {seconds} seconds."
OUT_OF_SERVICE, IN_SHELTER, SITES = "Out of service", "In shelter", "Airports and other places"
# The public page of incidents.
FELL = "What fell, and who says so"
FELL_HOW = (
    "An officer lets everybody see an incident. Figures belong to whoever gave them: nothing "
    "is averaged and nothing is added up. A person who saw something is never named."
)
SHOWN_HERE = "Shown here: {count}. For officers only, and counted alone: {withheld}."
NONE_SHOWN = "No incident is shown to everybody yet."
NO_LEDGER = "The incidents cannot be read just now. Try again soon."
BY_MONTH = "By month"
FELL_WHEN = "When"
FELL_WHERE = "Where"
FELL_BY = "By what"
KILLED = "Killed"
INJURED = "Injured"
MISSING = "Missing"
STRIKES = "Strikes"
LAUNCHED = "Launched"
INTERCEPTED = "Intercepted"
DAMAGE = "Damage"
RESPONSIBILITY = "Responsibility"
AT_LEAST = "at least {figure}"
UP_TO = "up to {figure}"
BETWEEN = "{low} to {high}"
ABOUT = "about {figure}"
NO_FIGURE = "not known how many"
SAYS_SO = "says so"
DENIES = "denies it"
ALL_ALLOW = "All of them allow: {figure}."
LEAST_TO_MOST = "From the least to the most that anybody says: {figure}."
CONTRADICT = "{one} and {other} contradict each other."
A_WITNESS = "a witness"
NOT_DESCRIBED = "a source that is not described"
NEWER = "Newer"
OLDER = "Older"
CHECK_LOG = "Check the public log"
FELL_WORDS = (
    FELL,
    FELL_HOW,
    SHOWN_HERE,
    NONE_SHOWN,
    NO_LEDGER,
    BY_MONTH,
    FELL_WHEN,
    FELL_WHERE,
    FELL_BY,
    KILLED,
    INJURED,
    MISSING,
    STRIKES,
    LAUNCHED,
    INTERCEPTED,
    DAMAGE,
    RESPONSIBILITY,
    AT_LEAST,
    UP_TO,
    BETWEEN,
    ABOUT,
    NO_FIGURE,
    SAYS_SO,
    DENIES,
    ALL_ALLOW,
    LEAST_TO_MOST,
    CONTRADICT,
    A_WITNESS,
    NOT_DESCRIBED,
    NEWER,
    OLDER,
    CHECK_LOG,
)
# What answers while the service starts.
STARTING = "Tocsin is starting"
NOTHING_YET = "Until then nothing is known: this is not an all clear. The page comes here by itself."
COMPILING = "It is made ready, once on this machine: {count} of about {all}."
READING, BEGUN, REHEARSING = "The record is read.", "It has just begun.", "The drill is prepared."
MESSAGES: tuple[str, ...] = tuple(
    dict.fromkeys(
        [DRILL, DRILL_NOTE, EVENT]
        + [sentence for sentences in SAID.values() for sentence in sentences]
        + [
            WHERE,
            FROM,
            NOW,
            LIKELY,
            ENDS,
            SINCE,
            SENT,
            FROM_BRIEF,
            UNTIL,
            THREAT,
            *(kind for kind in KINDS.values() if kind),
        ]
        + [TITLE, PLACE, SEARCH, LANGUAGE, NOT_FOUND, NO_WARNING, NO_THREAT, WARNED, NONE_WARNED]
        + [LESS_TIME, PICTURE_OF, NO_PICTURE, WHOLE_PAGE, SIRENS_FIRST]
        + [LEAVE_NOW, LEAVE_BY, OUT_OF_SERVICE, IN_SHELTER, SITES]
        + list(FELL_WORDS)
        + [STARTING, NOTHING_YET, COMPILING, READING, BEGUN, REHEARSING]
    )
)
