"""What the second auditor knows of the policy's file: approvals, keys, hours; and of projects approved in advance.
As webauthn.py does, it takes the class and gives one that knows more. What SQL reads is the first auditor's to follow."""
import datetime
import tomllib

RANK = {"any": 0, "card": 1, "clear-sign": 2}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def taught(base, tools):
    need, name = tools["need"], tools["name"]

    def agree(said, stated):
        for field, value in said.items():
            other = stated.get(field, value)
            need(agree(value, other) or True if isinstance(value, dict) else value == other, "the file says another " + field)

    class Auditor(base):
        rules = {}

        def set_policy(self, policy):
            super().set_policy(policy)
            rules = tomllib.loads(self.blobs[policy["rules"]].decode()) if "rules" in policy else {}
            agree({field: value for field, value in rules.items() if field not in ("approvals", "keys", "hours", "profiles")}, policy)
            individual = rules.get("approvals", {}).get("individual")
            need(not individual or individual["needed"] == policy["approvals"], "the file says another number of approvals")
            self.rules = rules

        def may_begin(self, now):
            hours = self.rules.get("hours")
            if not hours: return
            offset = hours.get("offset", "Z")
            local = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
            if offset != "Z":
                away = datetime.timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
                local = local - away if offset[0] == "-" else local + away
            clock = f"{local.hour:02}:{local.minute:02}"
            need(any(DAYS[local.weekday()] in one["days"] and one.get("from", "00:00") <= clock < one["until"] for one in hours["open"]), "outside hours")

        def rank(self, certificate): return 2 if certificate in self.clear else 0 if certificate in self.fido else 1

        def fits(self, kind, key): return self.rank(key) >= RANK[self.rules.get("keys", {}).get(kind, "any")]

        def fit(self, kind, signer): need(self.fits(kind, signer["certificate"]), "not by the key that policy wants")

        def rule(self, kind):
            return self.rules.get("approvals", {}).get(kind) or {"needed": self.policy["approvals"] * (kind == "individual")}

        def counts(self, it, approver, by, now):  # what she signed with that token and key, while she could still give it
            may = self.holds(approver, ["approver"], self.people[it["by"]]["organisation"], now) and approver in self.rule(it["kind"]).get("by", [approver])
            return may and by[0]["state"] in ("active", "ended") and self.fits(it["kind"], by[1])

        def missing(self, it, now):
            rule, project, home = self.rule(it["kind"]), self.projects[it["project"]], self.people[it["by"]]["organisation"]
            given = {one for one, by in it["approvals"].items() if self.counts(it, one, by, now)}
            if it["kind"] == "individual" and project.get("columns") and it["max_rows"] <= project["max_rows"]:
                advance = project.get("approvers", set()) & project.get("vouched", {}).get(it["by"], set())
                given |= {one for one in advance if one != it["by"] and self.holds(one, ["approver"], home, now)}
            given = {one for one in given if one in rule.get("by", [one])}
            far = [one for one in given if self.people[one]["organisation"] != home]
            return max(0, rule["needed"] - len(given), rule.get("from_another_organisation", 0) - len(far))

        def request(self, kind, now, body, signers, *more):
            self.may_begin(now)
            self.fit(body["kind"], signers[0])
            super().request(kind, now, body, signers, *more)

        def decide(self, kind, now, body, signers, *more):
            request = self.requests.get(body["request"])
            if request and kind == "approval":
                self.fit(request["kind"], signers[0])
                need(signers[0]["person"] in self.rule(request["kind"]).get("by", [signers[0]["person"]]), "by another than policy names")
            super().decide(kind, now, body, signers, *more)

        def step(self, verdict, now):
            if verdict["state"] == "running" and (request := self.requests.get(verdict["request"])):
                self.may_begin(now)
                need(not self.missing(request, now), "too few approvals")
            super().step(verdict, now)

        def administer(self, kind, now, body, signers, *more):
            opens, project = kind == "project.open", self.projects.get(body.get("project"), {})
            wanted = body.get("approvals", 0) if opens else project.get("approvals", 0) if kind == "project.assign" else 0
            if not wanted: return super().administer(kind, now, body, signers, *more)
            approve = {one["person"] for one in signers if self.holds(one["person"], ["approver"], None, now)}
            need(not opens or len(approve) >= wanted and body.get("columns"), "approved in advance by too few, or for anything")
            along = opens or approve & project["approvers"]
            for one in signers if along else []:
                if one["person"] in approve: self.fit("individual", one)
            # Approvers need not administer.
            rest = [one for one in signers if not along or self.holds(one["person"], ["administrator"], "*", now)]
            super().administer(kind, now, body, rest, *more)
            if opens: self.projects[body["project"]].update(approvers=approve, vouched={})
            else: project["vouched"][body["person"]] = approve

    return Auditor
