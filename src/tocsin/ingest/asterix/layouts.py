"""What a record of each category holds: its items in the order of the user application profile, and their forms.

Forms: a number is that many octets; `fx` octets until one whose last bit is 0; `fx3` the same in steps of three;
`rN` a count octet and as many times N octets; `ex` an explicit length octet that counts itself; `(…)` a compound of
subitems. `-` is a spare bit. Source: the public EUROCONTROL specifications of each category, part "UAP".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIXED, EXTENDED, REPEATED, EXPLICIT, COMPOUND = range(5)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a profile. `size` in octets: of a FIXED one, of a step (EXTENDED), of one repetition (REPEATED)."""

    name: str
    form: int
    size: int = 0
    parts: tuple[Item | None, ...] = ()


def _item(name: str, form: str) -> Item:
    if form == "ex":
        return Item(name, EXPLICIT)
    if form.startswith("fx"):
        return Item(name, EXTENDED, int(form[2:] or 1))
    if form.startswith("r"):
        return Item(name, REPEATED, int(form[1:]))
    return Item(name, FIXED, int(form))


def _profile(text: str) -> tuple[Item | None, ...]:
    """Items from `name=form` words; a compound is `name=(` … `)`."""
    rows: list[Item | None] = []
    words = iter(text.split())
    for word in words:
        if word == "-":
            rows.append(None)
        elif word.endswith("=("):
            inner = []
            for part in words:
                if part == ")":
                    break
                inner.append(part)
            rows.append(Item(word[:-2], COMPOUND, 0, _profile(" ".join(inner))))
        else:
            rows.append(_item(*word.split("=")))
    return tuple(rows)


CAT_001_PLOT: Final = _profile(
    """010=2 020=fx 040=4 070=2 090=2 130=fx 141=2
       050=2 120=1 131=1 080=2 100=4 060=2 030=fx
       150=1 - - - - SP=ex"""
)
CAT_001_TRACK: Final = _profile(
    """010=2 020=fx 161=2 040=4 042=4 200=4 070=2
       090=2 141=2 130=fx 131=1 120=1 170=fx 210=fx
       050=2 080=2 100=4 060=2 030=fx SP=ex -
       150=1"""
)
PROFILES: Final[dict[int, tuple[Item | None, ...]]] = {
    1: CAT_001_PLOT,
    2: _profile("""010=2 000=1 020=1 030=3 041=2 050=fx 060=fx
                   070=r2 100=8 090=2 080=fx - SP=ex"""),
    15: _profile(
        """010=2 000=1 015=1 020=fx 030=fx 145=3 161=2
           170=fx 050=2 270=( LEN=2 WDT=2 HGT=2 ORT=2 ) 300=r2 400=5
           600=( P84=8 HPR=5 HPP=5 ) 601=( GH=3 RSGH=3 SDGH=3 CI6=3 CI9=3 COGHHP=2 COGHHV=2 COGHHA=2 )
           602=( HV=5 RSHV=5 SDHV=5 COHVHP=4 ) 603=( HA=3 SDHA=4 COHAHP=4 COHAHV=4 )
           604=( VV=3 RSVV=2 SDVV=3 COVVHP=2 COVVHV=2 COVVHA=2 ) 605=( VA=2 RSVA=4 COVAHP=2 COVAHV=2 COVAHA=2 )
           480=r5 625=( R=3 RSR=3 SDR=3 RR=3 RSRR=3 SDRR=4 RA=2 SDRA=4 )
           626=( DV=3 SDDV=2 DA=2 SDDA=3 CODVR=1 CODVRR=1 CODVRA=1 CODAR=1 CODARR=1 CODARA=1 )
           627=( AZ=2 RSAZ=2 SDASZ=2 AZR=2 SDAZR=3 AZEX=4 ) 628=( EL=2 RSEL=2 SDEL=2 ER=2 SDER=3 ELEX=4 )
           630=( DPP=1 DPS=1 RPP=2 RPS=1 ) 631=r8 SP=ex"""
    ),
    16: _profile("""010=2 015=1 000=1 140=3 200=1 300=r6 400=8
                    405=2 410=r21 420=r12 SP=ex"""),
    21: _profile(
        """010=2 040=fx 161=2 015=1 071=3 130=6 131=8
           072=3 150=2 151=2 080=3 073=3 074=4 075=3
           076=4 140=2 090=fx 210=1 070=2 230=2 145=2
           152=2 200=1 155=2 157=2 160=4 165=2 077=3
           170=6 020=1 220=( WS=2 WD=2 TMP=2 TRB=1 ) 146=2 148=2 110=( TIS=fx TID=r15 ) 016=1
           008=1 271=fx 132=1 250=r8 260=7 400=1
           295=( AOS=1 TRD=1 M3A=1 QI=1 TI1=1 MAM=1 GH=1 FL=1 SAL=1 FSA=1 AS=1 TAS=1 MH=1 BVR=1 GVR=1 GV=1 TAR=1
                 TI2=1 TS=1 MET=1 ROA=1 ARA=1 SCC=1 )
           - - - - - RE=ex SP=ex"""
    ),
    34: _profile(
        """010=2 000=1 030=3 020=1 041=2
           050=( COM=1 - - PSR=1 SSR=1 MDS=2 ) 060=( COM=1 - - PSR=1 SSR=1 MDS=1 )
           070=r2 100=8 110=1 120=8 090=2 RE=ex SP=ex"""
    ),
    48: _profile(
        """010=2 140=3 020=fx 040=4 070=2 090=2 130=( SRL=1 SRR=1 SAM=1 PRL=1 PAM=1 RPD=1 APD=1 )
           220=3 240=6 250=r8 161=2 042=4 200=4 170=fx
           210=4 030=fx 080=2 100=4 110=2 120=( CAL=2 RDS=r6 ) 230=2
           260=7 055=1 050=2 065=1 060=2 SP=ex RE=ex"""
    ),
    62: _profile(
        """010=2 - 015=1 070=3 105=8 100=6 185=4
           210=2 060=2 245=7
           380=( ADR=3 ID=6 MHG=2 IAS=2 TAS=2 SAL=2 FSS=2 TIS=fx TID=r15 COM=2 SAB=2 ACS=7 BVR=2 GVR=2 RAN=2 TAR=2
                 TAN=2 GS=2 VUN=1 MET=8 EMC=1 POS=6 GAL=2 PUN=1 MB=r8 IAR=2 MAC=2 BPS=2 )
           040=2 080=fx
           290=( TRK=1 PSR=1 SSR=1 MDS=1 ADS=2 ES=1 VDL=1 UAT=1 LOP=1 MLT=1 )
           200=1
           295=( MFL=1 MD1=1 MD2=1 MDA=1 MD4=1 MD5=1 MHG=1 IAS=1 TAS=1 SAL=1 FSS=1 TID=1 COM=1 SAB=1 ACS=1 BVR=1
                 GVR=1 RAN=1 TAR=1 TAN=1 GSP=1 VUN=1 MET=1 EMC=1 POS=1 GAL=1 PUN=1 MB=1 IAR=1 MAC=1 BPS=1 )
           136=2 130=2 135=2 220=2
           390=( TAG=2 CS=7 IFI=4 FCT=1 TAC=4 WTC=1 DEP=4 DST=4 RDS=3 CFL=2 CTL=2 TOD=r4 AST=6 STS=1 STD=7 STA=7
                 PEM=2 PEC=7 )
           270=fx 300=1 110=( SUM=1 PMN=4 POS=6 GA=2 EM1=2 TOS=1 XP=1 ) 120=2 510=fx3
           500=( APC=4 COV=2 APW=4 AGA=1 ABA=1 ATV=2 AA=2 ARC=1 )
           340=( SID=2 POS=4 HEIGHT=2 MDC=2 MDA=2 TYP=1 )
           - - - - - RE=ex SP=ex"""
    ),
}  # fmt: skip
# What the categories are about, for whoever is told that one is passed over.
TITLES: Final[dict[int, str]] = {
    1: "plots and tracks of one radar", 2: "service messages of a radar", 3: "tracks", 4: "safety nets",
    7: "directed interrogation", 8: "weather of one radar", 9: "composite weather", 10: "surface movement",
    11: "airport surface tracks", 15: "passive and other non-cooperative targets", 16: "configuration of such sensors",
    17: "Mode S coordination", 18: "Mode S data link", 19: "state of a multilateration system",
    20: "multilateration targets", 21: "ADS-B", 23: "state of an ADS-B ground station", 25: "state of a ground system",
    30: "tracks of ARTAS", 31: "tracks of ARTAS", 32: "flight plans for a tracker", 34: "service messages of a radar",
    48: "targets of one radar", 62: "system tracks", 63: "state of sensors", 65: "state of a tracker",
    150: "flight plans", 205: "direction finders", 240: "radar video", 247: "versions of categories",
    252: "session control of ARTAS", 253: "monitoring", 254: "local use", 255: "local use",
}  # fmt: skip
