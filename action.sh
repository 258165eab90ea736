#!/bin/sh
# What action.yml runs once tanets is installed.
#
# COMMAND         plan, deploy, or auto
# EXPECT          the digest of the plan that was looked at; empty, none is expected
# ARGUMENTS       more arguments, split at spaces
# DEFAULT_BRANCH  the branch that auto deploys; GitHub's own variables tell the event and the branch
set -euf

if [ "$COMMAND" = auto ]; then
    case $GITHUB_EVENT_NAME:$GITHUB_REF in
        "push:refs/heads/$DEFAULT_BRANCH") COMMAND=deploy ;;
        schedule:*) COMMAND=plan ARGUMENTS="--detailed-exitcode $ARGUMENTS" ;;
        *) COMMAND=plan ;;
    esac
fi

case $COMMAND in
    plan) set -- plan ;;
    deploy) set -- deploy --yes ${EXPECT:+--expect "$EXPECT"} ;;
    *)
        echo "::error title=tanets::command must be plan, deploy or auto, not $COMMAND" >&2
        exit 64
        ;;
esac
# Split at spaces, and no pattern expanded: `set -f` above.
# shellcheck disable=SC2086
exec tanets "$@" $ARGUMENTS
