-- How much each page to be tested matters. Rows are taken back by a sign of -1.
CREATE TABLE url_priorities
(
    sign Int8,
    category_code String,
    cc String,
    domain String,
    url String,
    priority Int32
)
ENGINE = CollapsingMergeTree(sign)
ORDER BY (category_code, cc, domain, url, priority);
