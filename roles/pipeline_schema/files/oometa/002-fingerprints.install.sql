BEGIN;
select _v.register_patch('002-fingerprints', ARRAY['001-measurements'], NULL);

CREATE TABLE fingerprint (
  fingerprint_no serial PRIMARY KEY,
  origin_cc char(2),
  body_substr text,
  header text,
  header_prefix text,
  header_value text
);
COMMENT ON TABLE fingerprint IS 'What pages that say "blocked" look like';

CREATE TABLE http_request_fp (
  msm_no integer NOT NULL REFERENCES measurement,
  fingerprint_no integer NOT NULL REFERENCES fingerprint
);
COMMIT;
