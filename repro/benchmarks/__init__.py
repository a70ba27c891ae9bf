"""Speed of the suite's own parts, each against a named baseline measured in the same run on the
same machine.

Every benchmark first checks that both sides give the same result; speed and memory are printed as
ratios.
"""
