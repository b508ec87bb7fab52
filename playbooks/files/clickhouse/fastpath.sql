-- One row a measurement. A measurement that is processed again replaces its row.
CREATE TABLE fastpath
(
    measurement_uid String,
    report_id String,
    input String,
    probe_cc String,
    probe_asn Int32,
    test_name String,
    test_start_time DateTime,
    measurement_start_time DateTime,
    filename String,
    scores String,
    platform String,
    anomaly String,
    confirmed String,
    msm_failure String,
    domain String,
    software_name String,
    software_version String,
    test_version String,
    update_time DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree(update_time)
PARTITION BY toYYYYMM(measurement_start_time)
ORDER BY (measurement_start_time, report_id, input, measurement_uid);
