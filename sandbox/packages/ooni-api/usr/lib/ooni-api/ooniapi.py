"""Answers with what it read when it started."""
import json, time

settings = {}
exec(open("/etc/ooni/api.conf").read(), settings)
targets = json.load(open(settings["TOR_TARGETS_CONFFILE"]))
json.load(open(settings["PSIPHON_CONFFILE"]))
started = time.time()


def app(environ, start_response):
    answers = {
        "/api/v1/version": {"version": "1.0.0"},
        "/api/v1/test-list/tor-targets": targets,
        "/api/v1/collectors": settings["COLLECTORS"],
        "/metrics": {"started": started},
    }
    answer = answers.get(environ["PATH_INFO"])
    start_response("200 OK" if answer is not None else "404 Not Found", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
