"""The stand-in for the TSS Node: it reads the node's own configuration format and asks callback servers as a node does.

The real node is closed source. What its documentation states is done as stated; what it leaves open is a choice the
caller makes (``reactions``), never a guess hidden in the code.
"""
