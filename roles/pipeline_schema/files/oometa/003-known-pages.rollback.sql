DELETE FROM fingerprint WHERE (origin_cc, body_substr) = ('IT', 'GdF Stop Page') OR (origin_cc, header_prefix) = ('RU', 'http://block.');
