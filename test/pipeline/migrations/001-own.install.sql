/* A transaction of its own; /* nested */ BEGIN in a comment is none. */
BEGIN;
SELECT _v.register_patch('001-own', NULL, NULL);
CREATE TABLE things (what text);
COPY things FROM stdin;
begin; it's data
\.
COMMIT;
