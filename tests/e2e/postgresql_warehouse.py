"""A generated warehouse copied from its SQLite file into PostgreSQL, for stories that tests/with_postgresql runs: tables as
the catalogue types them, and a role `gate` that may read them. Standard library and psql.

    postgresql_warehouse.py FILE CATALOGUE     copies it, for tools/demo
"""
import os
import sqlite3
import subprocess
import sys
import tomllib

TYPES = {"integer": "bigint", "real": "double precision", "text": "text"}
ROLE = "gate"


def place():
    """The superuser's connection string, or None where there is no server."""
    return os.environ.get("SCEAU_POSTGRESQL")


def gates_place():
    """What a gate is told: a URI for the role, on the same Unix socket."""
    folder = dict(word.split("=", 1) for word in place().split())["host"]
    return f"postgresql://{ROLE}@/postgres?host={folder}"


def psql(text):
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", place()], input=text, text=True, check=True,
                   stdout=subprocess.DEVNULL, timeout=120)


def field(value):
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def copy(file, catalogue):
    with open(catalogue, "rb") as text:
        tables = tomllib.load(text)["tables"]
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    script = [f"CREATE ROLE {ROLE} LOGIN;"]
    for name, table in tables.items():
        columns = ", ".join(f'"{column}"' for column in table["columns"])
        typed = ", ".join(f'"{column}" {TYPES[about["type"]]}' for column, about in table["columns"].items())
        script.append(f'CREATE TABLE "{name}" ({typed});\nCOPY "{name}" ({columns}) FROM STDIN;')
        script += ["\t".join(map(field, row)) for row in database.execute(f'SELECT {columns} FROM "{name}"')]
        script.append(f'\\.\nGRANT SELECT ON "{name}" TO {ROLE};')
    database.close()
    psql("\n".join(script) + "\nANALYZE;\n")


if __name__ == "__main__":
    copy(*sys.argv[1:])
