"""What the second auditor knows of answers in quarantine: held after they ran, released by a further approver for exactly
their bytes, refused, or expired; and of erasures that would take a workspace's history. As webauthn.py does, it takes the
class and gives one that knows more."""

FIGURES = ("rows", "bytes", "sha256")


def taught(base, tools):
    need, CLASS = tools["need"], tools["CLASS"]
    CLASS["export.release"] = "extraction"

    class Auditor(base):
        def step(self, verdict, now):
            state, request = verdict["state"], self.requests.get(verdict["request"], {})
            at = request.get("state")
            if state == "quarantined" and (request or not self.gone):
                need(at == "running" and request["kind"] != "work" and verdict["reason"], "held, and did not run")
                self.allowed(request, now)
                request.update(state=state, held=[verdict[one] for one in FIGURES], decide_by=now + self.policy["decide_within"])
            elif state != "quarantined" and at in ("quarantined", "released"):
                need(at == "released" or state == "expired" and not request.get("refused"), "nobody released it")
                if state == "expired": need(now >= request["decide_by"], "not yet")
                else:
                    need(state == "checked" and [verdict[one] for one in FIGURES] == request["held"], "other rows than released")
                    need(self.counts(request, *request["released"], now), "released by one who no longer could")
                    self.allowed(request, now)
                    request["checked"] = request["held"]
                request["state"] = state
            elif state != "quarantined":
                super().step(verdict, now)
                if state == "running" and request.get("kind") == "individual" and self.rules.get("hold_few_people"):
                    request["fewest"] = self.policy["minimum_people"]

        def decide(self, kind, now, body, signers, *more):
            request = self.requests.get(body["request"], {})
            if request.get("state") not in ("quarantined", "released"): return super().decide(kind, now, body, signers, *more)
            need(kind == "refusal" and not request.get("refused"), "decided on twice, or approved after it ran")
            self.may_decide(request, now, body, signers[0])
            request.update(state="quarantined", refused=True)

        def may_decide(self, request, now, body, signer):
            need(now < request["decide_by"] and body["evidence"] == request["evidence"], "late, or other evidence")
            home, who = self.people[request["by"]]["organisation"], signer["person"]
            need(self.holds(who, ["approver"], home, now) and who != request["by"], "not by an approver")
            need(who in self.rule(request["kind"]).get("by", [who]), "by another than policy names")

        def administer(self, kind, now, body, signers, *more):
            if kind == "export.release": return self.release(now, body, signers[0])
            if kind == "erasure":
                for work in self.requests.values():
                    kept = {work["index"], work.get("told")} & {*body["entries"]} if "told" in work else set()
                    need(not kept or self.projects[work["project"]]["closed"], "a workspace's history, and its project is open")
            return super().administer(kind, now, body, signers, *more)

        def release(self, now, body, signer):
            if not (request := self.asked(body["request"], ["quarantined"])): return
            need(not request.get("refused"), "released, and refused before")
            self.may_decide(request, now, body, signer)
            self.allowed(request, now)
            self.fit(request["kind"], signer)
            rows, size, digest = request["held"]
            project, who = self.projects[request["project"]], signer["person"]
            file = {"bytes": size, "name": request["output"]["name"], "sha256": digest}
            need(body["files"] == [file], "other files than are held")
            need(rows <= min(project["max_rows"], self.policy["row_limit"]), "more than project and policy cover")
            advance = request["kind"] == "individual" and project.get("columns") and project.get("approvers", set()) & \
                project.get("vouched", {}).get(request["by"], set()) or set()
            far = self.rule(request["kind"]).get("from_another_organisation", 0)
            need(not far or self.people[who]["organisation"] != self.people[request["by"]]["organisation"], "not by another organisation")
            need(who not in {*request["approvals"], *advance}, "released by her who approved")
            request.update(state="released", released=(who, (self.keys[signer["certificate"]][0], signer["certificate"])), decide_by=now + self.policy["decide_within"])

        def result(self, kind, now, body, signers, *more):
            if not (request := self.requests.get(body["request"])): return super().result(kind, now, body, signers, *more)
            told, few = [body[one] for one in FIGURES], request.get("fewest", 0)
            if "held" not in request:
                need(body["outcome"] != "delivered" or not 0 < body["rows"] < few, "few people, and not held")
                super().result(kind, now, body, signers, *more)
            elif request["state"] == "checked":
                need(body["outcome"] != "delivered" or told == request["held"], "other rows than were released")
                ordered, request["max_rows"] = request["max_rows"], max(request["max_rows"], request["held"][0])
                super().result(kind, now, body, signers, *more)
                request["max_rows"] = ordered
            else:
                need(body["outcome"] != "delivered" and told[:2] == [0, 0], "rows that nobody released")
                request["state"] = request["state"] in ("quarantined", "released") and "running" or request["state"]
                super().result(kind, now, body, signers, *more)
            lives = not self.projects[request["project"]]["closed"] and self.people[request["by"]]["until"]
            if lives and body["outcome"] == "delivered" and ("made" in body or "dropped" in body): request["told"] = len(self.entries)

    return Auditor
