"""A house with `sceau connect` in it: what the stories of its clients begin from. Standard library only."""
import os
import re
import select
import subprocess

import postgresql_warehouse
from story import SECONDS, House

PURPOSE = "Drugs and care by month"


class ConnectHouse(House):
    """carol's token behind PostgreSQL's protocol, on a port of its own."""

    def open_project(self, project):
        if not postgresql_warehouse.place():
            return super().open_project(project)
        self.must("project", "add", project, "--title", "Soins et médicaments", "--source", "snds", "--kind", "aggregate",
                  "--kind", "individual", "--kind", "work", "--max-rows", "100000", "--administrator", "alice")
        return None

    def begin_working(self):
        """At PostgreSQL: with a role that makes the agents' workspaces, which the gate's home names."""
        self.settle()
        role = "gate_work"
        postgresql_warehouse.psql(
            f"CREATE ROLE {role} NOLOGIN; GRANT {role} TO {postgresql_warehouse.ROLE}; ALTER ROLE {postgresql_warehouse.ROLE} NOINHERIT;"
            f"GRANT CREATE ON DATABASE postgres TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};")
        self.stop_gate()
        file = self.home / "sceau.toml"
        lines = file.read_text().splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("postgresql"))
        lines.insert(at + 1, f'workspace = "{role}"')
        file.write_text("\n".join(lines) + "\n")
        (self.home / "gate.url").unlink(missing_ok=True)
        self.start_gate()
        self.listen()

    def begin_connecting(self, *options, project="p-42"):
        self.settle()
        self.listen(*options, project=project)

    def listen(self, *options, project="p-42", token="carol"):
        self.connect_log = open(self.folder / "connect.log", "wb")
        self._connect = subprocess.Popen(
            [self.program, "connect", "--port", "0", "--project", project, "--purpose", PURPOSE, *options,
             *(["--token", token] if token else [])],
            env=self.environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=self.connect_log, text=True,
            stdin=subprocess.DEVNULL)
        ready, _, _ = select.select([self._connect.stdout], [], [], SECONDS)
        told = self._connect.stdout.readline() if ready else ""
        found = re.search(r"port=(\d+) .*password in (\S+)", told)
        if not found:
            raise RuntimeError("sceau connect did not start: " + told + self.said())
        self.port = int(found.group(1))
        self.password_file = found.group(2)
        with open(self.password_file, encoding="ascii") as file:
            self.password = file.read().strip()

    def stop_listening(self):
        if getattr(self, "_connect", None) is None:
            return
        self._connect.terminate()
        self._connect.wait(timeout=SECONDS)
        self._connect.stdout.close()
        self.connect_log.close()
        self._connect = None

    def __exit__(self, *reason):
        self.stop_listening()
        super().__exit__(*reason)

    def said(self):
        return (self.folder / "connect.log").read_text(errors="replace")

    def client_environment(self, **more):
        return {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGDATABASE": "sceau", "PGUSER": "carol",
                "PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "20", "HOME": str(self.folder), **more}

    def run(self, *command, text=None, **more):
        """A client to its end: its process, with what it printed."""
        return subprocess.run([str(part) for part in command], env=self.client_environment(**more), cwd=self.folder,
                              input=text, capture_output=True, text=True, timeout=SECONDS, check=False)

    def psql(self, *statements, **more):
        arguments = [part for statement in statements for part in ("-c", statement)]
        return self.run("psql", "-X", "-A", "-t", "-F", ",", *arguments, **more)
