#!/usr/bin/env bash
# Least-privilege ACLs of a cns namespace. Prints the commands; with --apply it runs them, which may be repeated.
set -euo pipefail

NAMESPACE="${CNS_KAFKA_NAMESPACE:-cns}"
BOOTSTRAP="${CNS_KAFKA_BROKERS:-localhost:9092}"
KAFKA_ACLS="${KAFKA_ACLS:-kafka-acls.sh}"

# The names of those who log in. Several producers or auditors: call it once for each.
OPERATOR="${OPERATOR:-User:cns-operator}"
WORKER="${WORKER:-User:cns-worker}"
API="${API:-User:cns-api}"
PRODUCER="${PRODUCER:-User:cns-producer}"
AUDITOR="${AUDITOR:-User:cns-auditor}"

TOPICS=(documents passages candidates verdicts facts audit requests dead-letters)
GROUPS_OF_STAGES=(chunk embed critique synthesize audit performer)
APPLY=no

usage() {
    cat <<'TEXT'
acls.sh [--apply] [role …]     roles: operator worker api producer auditor; without one, all

Variables: CNS_KAFKA_BROKERS, CNS_KAFKA_NAMESPACE, KAFKA_ACLS (the command, with `--command-config FILE` for
an administrator's login), and the principals OPERATOR, WORKER, API, PRODUCER, AUDITOR (`User:name`).
TEXT
}

# kafka-acls takes one principal, one resource and its operations at a time.
allow() {
    local principal="$1" operations="$2" operation command
    shift 2
    # It may come with options of its own.
    read -r -a command <<<"$KAFKA_ACLS"
    command+=(--bootstrap-server "$BOOTSTRAP" --add --allow-principal "$principal")
    for operation in ${operations//,/ }; do command+=(--operation "$operation"); done
    command+=("$@")
    if [ "$APPLY" = yes ]; then
        "${command[@]}" >/dev/null
        echo "done: $principal $operations $*"
    else
        echo "${command[*]@Q}"
    fi
}

# Options that name topics: `topics documents audit`.
topics() {
    local topic
    for topic in "$@"; do printf -- '--topic\n%s.%s\n' "$NAMESPACE" "$topic"; done
}

allow_topics() {
    local principal="$1" operations="$2" options
    shift 2
    mapfile -t options < <(topics "$@")
    allow "$principal" "$operations" "${options[@]}"
}

allow_groups() {
    local principal="$1" operations="$2" group options=()
    shift 2
    for group in "$@"; do options+=(--group "$NAMESPACE.$group"); done
    allow "$principal" "$operations" "${options[@]}"
}

# `cns topics plan | apply`, `cns config apply`, `cns doctor`. Settings go to every inbox in one transaction.
operator() {
    allow_topics "$OPERATOR" Create,Describe,DescribeConfigs "${TOPICS[@]}" installation "${GROUPS_OF_STAGES[@]/%/.changelog}"
    allow_topics "$OPERATOR" Read installation
    allow_topics "$OPERATOR" Write installation documents passages candidates verdicts
    allow_groups "$OPERATOR" Describe "${GROUPS_OF_STAGES[@]}" reader
    allow "$OPERATOR" Write,Describe --transactional-id "$NAMESPACE.append." --resource-pattern-type prefixed
}

# `cns serve` with all stages: reads and writes every topic and changelog, is a member of every group. To read or to
# write includes to describe. `<ns>.reader` names readers that never join a group and commit nothing.
worker() {
    allow_topics "$WORKER" Read,Write "${TOPICS[@]}" "${GROUPS_OF_STAGES[@]/%/.changelog}"
    allow_topics "$WORKER" Read installation
    allow_groups "$WORKER" Read "${GROUPS_OF_STAGES[@]}"
    allow_groups "$WORKER" Describe reader
    allow "$WORKER" Write,Describe --transactional-id "$NAMESPACE." --resource-pattern-type prefixed
}

# A process without stages: submits documents, folds the audit into views, shows how far the stages are.
api() {
    allow_topics "$API" Describe "${TOPICS[@]}"
    allow_topics "$API" Write documents
    allow_topics "$API" Read audit installation
    allow_groups "$API" Describe "${GROUPS_OF_STAGES[@]}" reader
    allow "$API" Write,Describe --transactional-id "$NAMESPACE.append." --resource-pattern-type prefixed
}

# Somebody else's program that sends documents, and nothing else.
producer() {
    allow_topics "$PRODUCER" Write documents
}

# Reads what happened and what was refused, with a group of its own.
auditor() {
    allow_topics "$AUDITOR" Read audit dead-letters
    allow_groups "$AUDITOR" Read auditor
}

main() {
    local role roles=()
    while [ $# -gt 0 ]; do
        case "$1" in
            --apply) APPLY=yes ;;
            operator | worker | api | producer | auditor) roles+=("$1") ;;
            -h | --help) usage && exit 0 ;;
            *) usage >&2 && exit 2 ;;
        esac
        shift
    done
    [ ${#roles[@]} -gt 0 ] || roles=(operator worker api producer auditor)
    for role in "${roles[@]}"; do "$role"; done
}

main "$@"
