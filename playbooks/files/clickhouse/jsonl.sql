-- In which archive, and at which line, the raw measurement is.
CREATE TABLE jsonl
(
    report_id String,
    input String,
    s3path String,
    linenum Int32,
    measurement_uid String,
    date Date
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(date)
ORDER BY (report_id, input, measurement_uid);
