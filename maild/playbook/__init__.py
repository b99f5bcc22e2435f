"""The Response Playbook as pure rules: values in, values out; no clock, no randomness, no I/O, no third-party library."""
