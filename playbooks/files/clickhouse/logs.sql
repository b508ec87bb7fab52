-- One row a line of a log, as it arrived at the log host.
CREATE TABLE logs
(
    timestamp DateTime,
    host String,
    appname String,
    facility String,
    severity String,
    procid String,
    message String
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (host, appname, timestamp);
