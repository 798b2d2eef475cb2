"""Schedules drawn from a seed: the real sender, store, deciding and connector against a simulated accounting system, clock and
network, with everything that can go wrong going wrong. One seed is one schedule, and replays to the byte."""
