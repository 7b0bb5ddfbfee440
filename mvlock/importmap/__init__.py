"""Last stage: the lock and the trees on disk compiled into import_map.json for importshim."""
