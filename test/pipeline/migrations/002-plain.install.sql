-- requires: 001-own
CREATE FUNCTION two() RETURNS integer AS $$ BEGIN RETURN 2; END $$ LANGUAGE plpgsql;
INSERT INTO things VALUES ('a;b'), (E'c\';begin;')
