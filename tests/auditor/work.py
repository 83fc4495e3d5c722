"""What the second auditor knows of scripts that leave their result inside a source: sessions, one script at a time, results
without rows. As webauthn.py does, it takes the class and gives one that knows more."""


def taught(base, tools):
    need, name, canonical = tools["need"], tools["name"], tools["canonical"]
    nothing = [0, 0, name(b"")]

    class Auditor(base):
        def bring(self, index, kind, realm, body, now):
            if kind == "genesis": self.engines, self.logins = {}, {}
            return super().bring(index, kind, realm, body, now)

        def statement(self, index, kind, now, raw, evidence, verdict):
            super().statement(index, kind, now, raw, evidence, verdict)
            act = canonical(raw)
            if kind == "login" and verdict["state"] != "refused" and not act["body"]["audience"].startswith("host:"):
                self.logins[name(raw)] = act["by"], now

        def administer(self, kind, now, body, signers, *more):
            super().administer(kind, now, body, signers, *more)
            if kind == "source.add": self.engines[body["source"]] = body["engine"]

        def request(self, kind, now, body, signers, *more):
            works, session, asks = body["kind"] == "work", body.get("session"), signers[0]["person"]
            need(not works or self.engines[body["source"]] != "sqlite", "work in a file")
            need(session is None or works and session in self.logins, "no session, or not for this")
            person, since = self.logins.get(session, (asks, now))
            need(person == asks and now < since + self.policy["session_seconds"], "another's session, or one that ended")
            super().request(kind, now, body, signers, *more)

        def step(self, verdict, now):
            super().step(verdict, now)
            request = self.requests.get(verdict["request"])
            need(not request or request["kind"] != "work" or verdict["state"] != "checked", "a script has nothing to check")
            if not request or verdict["state"] != "running": return
            where = [request[field] for field in ("project", "by", "source")]
            need(not any(it is not request and it["kind"] == "work" and it["state"] == "running"
                         and [it[field] for field in ("project", "by", "source")] == where for it in self.requests.values()), "beside a script")

        def result(self, kind, now, body, signers, *more):
            if request := self.requests.get(body["request"]):
                works, changes = request["kind"] == "work", "made" in body or "dropped" in body
                need(not changes or works and body["outcome"] == "delivered", "tables of no work")
                if works and request["state"] == "running": request.update(state="checked", checked=nothing)
                need(not works or [body["rows"], body["bytes"], body["sha256"]] == nothing, "work with rows")
            super().result(kind, now, body, signers, *more)

    return Auditor
