"""The same app in a browser on this machine: for who supervises and has no terminal at hand."""
