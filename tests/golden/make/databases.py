#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Makes tests/garbage/database: small files that are no result file of ours, each with the words that
# answer it.  Python 3.11, its sqlite3 with SQLite 3.40.1.  Run by hand: databases.py FOLDER
import gzip
import os
import sqlite3
import sys

folder = sys.argv[1]
OURS = 0x71737765
SELF = 0x53454c46    # "SELF": the test puts the version of the schema at hand in its place


def database(application, version, *statements):
    path = os.path.join(folder, "making")
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA page_size = 1024")
    db.execute(f"PRAGMA application_id = {application}")
    db.execute(f"PRAGMA user_version = {version}")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()
    data = open(path, "rb").read()
    os.remove(path)
    return data


table = "CREATE TABLE run (run_id TEXT)"
ours = database(OURS, SELF, table, *[f"INSERT INTO run VALUES ('{'x' * 400}')"] * 6)
cases = {
    "empty": (b"", "bad.db: is empty, not a database*"),
    "text": (b"cell_key,label,mse\nx,y,0.25\n" * 40, "bad.db: is not a database*"),
    "json": (b'{"runs": []}\n', "bad.db: is not a database*"),
    "gzip": (gzip.compress(ours, mtime=0), "bad.db: is not a database*"),
    "zeros": (bytes(4096), "bad.db: is not a database*"),
    "wrong_magic": (b"SQLite format 4\0" + ours[16:], "bad.db: is not a database*"),
    "header_alone": (ours[:100], "bad.db: the database is damaged*"),
    "half": (ours[:2048], "bad.db: the database is damaged*"),
    "other_program": (database(0x0f055112, 1, table), "bad.db: is a database of another program*"),
    "no_application": (database(0, 1, table), "bad.db: is a database of another program*"),
    "newer": (database(OURS, 1000, table), "bad.db: has the schema of a newer quantsweep*"),
    "older": (database(OURS, 0, table), "bad.db: has the schema of an older quantsweep*"),
    "missing_tables": (database(OURS, SELF, table), "bad.db: the database is damaged*is missing*"),
    # the page size says 3, the tree of page 1 points behind the file's end
    "page_size": (ours[:16] + b"\0\3" + ours[18:], "bad.db: is not a database*"),
    "bad_tree": (ours[:100] + b"\x05" + ours[101:108] + b"\xff\xff\xff\xff" + ours[112:],
                 "bad.db: the database is damaged*"),
    "schema_format": (ours[:44] + b"\0\0\0\x63" + ours[48:], "bad.db: the database refused (unsupported file format)*"),
}
for name, (data, words) in cases.items():
    with open(os.path.join(folder, name + ".db"), "wb") as file:
        file.write(data)
    with open(os.path.join(folder, name + ".expect"), "w") as file:
        file.write(words + "\n")
