"""Who somebody is and when something was, and in how many ways people write both."""
