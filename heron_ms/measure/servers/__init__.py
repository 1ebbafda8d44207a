"""Measuring on other machines, which TVM's RPC tracker lends: built here, run there."""
