"""
The figures that the budgets are about, each printed beside its budget: ``make bench``.

Machines are shared and noisy. So what is compared is measured in turns within one run, time is
CPU time wherever that is what a site pays for, and the value of a series is its median.
"""
