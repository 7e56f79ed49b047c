"""``placet policy mutate``: whether the tests of a policy folder notice when one of its rules is wrong."""
