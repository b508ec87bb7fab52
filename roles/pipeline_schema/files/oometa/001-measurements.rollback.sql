BEGIN;
select _v.unregister_patch('001-measurements');
DROP TABLE measurement;
DROP TABLE autoclaved;
COMMIT;
