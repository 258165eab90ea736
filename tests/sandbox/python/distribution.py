"""Fetches a distribution, a zip, from Maven Central and unpacks it with its permissions.

Usage: distribution.py GROUP ARTIFACT VERSION FOLDER

jgo's command line takes jars only, so this is its library.
"""

import os
import sys
import zipfile
from pathlib import Path

from jgo.maven import MavenContext, PythonResolver


def main(group, artifact, version, folder):
    context = MavenContext(repo_cache=Path(folder, "m2"), resolver=PythonResolver())
    component = context.project(group, artifact).at_version(version)
    with zipfile.ZipFile(component.artifact(packaging="zip").resolve()) as archive:
        for member in archive.infolist():
            path = archive.extract(member, folder)
            mode = member.external_attr >> 16
            if mode and not member.is_dir():
                os.chmod(path, mode & 0o777)


if __name__ == "__main__":
    main(*sys.argv[1:])
