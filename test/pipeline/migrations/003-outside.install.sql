-- play: no transaction
CREATE INDEX CONCURRENTLY things_by_what ON things (what);
