"""What the second auditor knows of scripts that leave their result inside a source: sessions, one script at a time, results
without rows, and that what approvers saw of a workspace is what left it. As webauthn.py does, it takes the class and gives one
that knows more. It reads no SQL: which tables a request read, the SQL says that the result states; which of a workspace's views
the signed SQL names, it looks for behind FROM and JOIN alone."""
import re


def taught(base, tools):
    need, name, canonical, sha = tools["need"], tools["name"], tools["canonical"], tools["sha"]
    nothing = [0, 0, name(b"")]

    def where(it): return tuple(it[field] for field in ("project", "by", "source"))

    def schema(it): return "sceau_work_" + sha(b"\0".join([b"sceau workspace v1", *(part.encode() for part in where(it))])).hex()[:32]

    def bare(sql):  # without comments and texts
        return re.sub(r"""("(?:[^"]|"")*")|--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'""", lambda it: it[1] or " ", "; ".join(sql), flags=re.S)

    def named(view, sql):
        quoted = rf'"?{re.escape(view)}"?'
        other = re.search(rf'(?<![\w"$]){quoted}\s*(?:\([^()]*\)\s*)?as\s+(?:(?:not\s+)?materialized\s*)?\(|\bas\s+{quoted}\s*\(', sql, re.I)
        return not other and re.search(rf'\b(?:from|join)[\s(]+(?:work\s*\.\s*)?{quoted}(?![\w"$])', sql, re.I)

    class Auditor(base):
        def bring(self, index, kind, realm, body, now):
            if kind == "genesis": self.engines, self.logins, self.spaces = {}, {}, {}  # tables by name, of each workspace
            return super().bring(index, kind, realm, body, now)

        def statement(self, index, kind, now, raw, evidence, verdict):
            super().statement(index, kind, now, raw, evidence, verdict)
            act = canonical(raw)
            if kind == "login" and verdict["state"] != "refused" and not act["body"]["audience"].startswith("host:"):
                self.logins[name(raw)] = act["by"], now

        def administer(self, kind, now, body, signers, *more):
            super().administer(kind, now, body, signers, *more)
            if kind == "source.add":
                self.engines[body["source"]] = body["engine"]
                for at, tables in self.spaces.items():  # under another catalogue they are others
                    if at[2] == body["source"]: self.spaces[at] = {it: dict(table, under=len(self.entries)) for it, table in tables.items()}
            if kind == "project.close": self.spaces = {at: it for at, it in self.spaces.items() if at[0] != body["project"]}
            if kind == "person.leave": self.spaces = {at: it for at, it in self.spaces.items() if at[1] != body["person"]}

        def request(self, kind, now, body, signers, digest, *more):
            works, session, asks = body["kind"] == "work", body.get("session"), signers[0]["person"]
            need(not works or self.engines[body["source"]] != "sqlite", "work in a file")
            need(session is None or works and session in self.logins, "no session, or not for this")
            person, since = self.logins.get(session, (asks, now))
            need(person == asks and now < since + self.policy["session_seconds"], "another's session, or one that ended")
            super().request(kind, now, body, signers, digest, *more)
            it = self.requests[digest]
            it["seen"] = self.spaces.get(where(it), {})

        def step(self, verdict, now):
            super().step(verdict, now)
            request = self.requests.get(verdict["request"])
            need(not request or request["kind"] != "work" or verdict["state"] != "checked", "a script has nothing to check")
            if not request or verdict["state"] != "running": return
            request["over"] = self.spaces.get(where(request), {})
            need(not any(it is not request and it["kind"] == "work" and it["state"] == "running"
                         and where(it) == where(request) for it in self.requests.values()), "beside a script")

        def result(self, kind, now, body, signers, *more):
            if request := self.requests.get(body["request"]):
                works, changes = request["kind"] == "work", "made" in body or "dropped" in body
                need(not changes or works and body["outcome"] == "delivered", "tables of no work")
                if works and request["state"] == "running": request.update(state="checked", checked=nothing)
                need(not works or [body["rows"], body["bytes"], body["sha256"]] == nothing, "work with rows")
                if body["outcome"] == "delivered" and request["approvals"]: self.as_approved(request, body["sql_run"])
                if changes: self.change(request, body)
            super().result(kind, now, body, signers, *more)

        def change(self, request, body):
            at = where(request)
            if self.projects[at[0]]["closed"] or not self.people[at[1]]["until"]: return
            made = {one["name"]: dict(one, entry=len(self.entries)) for one in body.get("made", [])}
            kept = {it: table for it, table in self.spaces.get(at, {}).items() if it not in body.get("dropped", [])}
            self.spaces[at] = {**kept, **made}

        def as_approved(self, request, sql_run):  # whoever approved it saw the workspace as it was when it was asked
            seen, over = request["seen"], request["over"]
            if seen is over or any(self.entries[at][1] == "extraction.result" for at in self.gone): return
            read = re.findall(rf'"{schema(request)}"\."((?:[^"]|"")*)"', bare(sql_run))
            need(all(seen.get(it) == over.get(it) for it in (one.replace('""', '"') for one in read)), "a table that was changed beneath its approval")
            for it in {*seen, *over}:
                views = [table.get("view") for table in (seen.get(it, {}), over.get(it, {}))]
                need(views[0] == views[1] or not named(it, bare(request["sql"])), "a view that was changed beneath its approval")

    return Auditor
