"""ASTERIX, the format in which Europe's radars and their successors report (EUROCONTROL, categories by number).

    recording.py files, by what they hold -> observations
    capture.py   captures -> datagrams, with the times at which they were captured: pcap.py and pcapng.py (files),
                 links.py, recorders.py, internet.py (frames, packets), joining.py (fragments, streams), packets.py
                 (their words)
    framing.py   files of blocks in frames -> blocks
    blocks.py    datagram -> data blocks, finding the next one after damage
    layouts.py   which items a record of a category holds, and how long each is
    records.py   data block -> records, each a dict of items
    clock.py     time of day -> time
    reports.py   records -> observations
    reader.py    all of it, with several sources in one stream
    discovery.py, listening.py   what sources a recording or a port holds

Categories 001, 002, 015, 016, 021 (editions 2.x), 034, 048 and 062 (editions 1.x) are decoded; all others are counted
and passed over. Our own decoder is several times faster than libasterix, which also takes seconds to import; the tests
hold the one to the other, record by record, and to tshark, value by value.
"""
