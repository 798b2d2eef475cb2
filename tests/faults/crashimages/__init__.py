"""Crash images: what a disk may hold after a power cut at any system call of the real broker, and whether that can be opened."""
