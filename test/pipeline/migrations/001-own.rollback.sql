start transaction;
SELECT _v.unregister_patch('001-own');
DROP TABLE things;
COMMIT;
