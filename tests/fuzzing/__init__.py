"""Files and requests that are broken at random: read, or refused in our own words, and in time.

    python -m tests.fuzzing --seconds 600

tries every reader of what others make (`targets`) on seeds of ours that are edited at random
(`edits`), each in a process that may crash or hang without ending the run (`trials`).
"""
