BEGIN;
select _v.unregister_patch('002-fingerprints');
DROP TABLE http_request_fp;
DROP TABLE fingerprint;
COMMIT;
