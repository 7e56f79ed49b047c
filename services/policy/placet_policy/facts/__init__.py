"""What is proven about a request: one prover for each kind of request, one shape of facts."""
