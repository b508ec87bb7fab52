BEGIN;
select _v.register_patch('001-measurements', NULL, NULL);

CREATE TABLE autoclaved (
  autoclaved_no serial PRIMARY KEY,
  filename text NOT NULL UNIQUE,
  bucket_date date NOT NULL,
  code_ver integer NOT NULL,
  file_size bigint NOT NULL CHECK (file_size > 0)
);
COMMENT ON COLUMN autoclaved.code_ver IS 'Which version of the code has read it; 0: to be read again';

CREATE TABLE measurement (
  msm_no serial PRIMARY KEY,
  autoclaved_no integer NOT NULL REFERENCES autoclaved,
  test_name text NOT NULL,
  measurement_start_time timestamp NOT NULL,
  input text
);
COMMIT;
