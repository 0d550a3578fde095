"""
Exports: the log in a file that others can read.

JSON Lines is the evidence: the bytes of each event as they were stored, each followed by one
line feed. Split it at line feeds only, as a text may hold other characters that some readers
take for the end of a line. All other formats are views for reading, counting and handing on:
CSV (:mod:`~consent.log.export.table`), a workbook (:mod:`~consent.log.export.workbook`), Parquet
(:mod:`~consent.log.export.columns`) and consent records in JSON-LD
(:mod:`~consent.log.export.records`).

A selection (:mod:`~consent.log.export.selection`) says which events are wanted. Taking events
along is an event itself: who, when, which selection, how many.
"""
