"""How deidkit's networks are opened and fed. torch is imported inside functions only."""
