-- The first two fingerprints. No transaction of its own: it is put into one, and recorded there.
-- requires: 002-fingerprints
INSERT INTO fingerprint (origin_cc, body_substr) VALUES ('IT', 'GdF Stop Page');
INSERT INTO fingerprint (origin_cc, header, header_prefix) VALUES ('RU', 'Location', 'http://block.');
