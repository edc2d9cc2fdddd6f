// Loaded with LD_PRELOAD by Tests/AttackTests; nothing links against it. See attack_shim.c.
