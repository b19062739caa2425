#!/usr/bin/env bash
# Kafka brokers and a schema registry for tests, from their Maven artefacts. Needed: Java 17 and Maven; no
# containers, no root. Only loopback addresses are served.
set -euo pipefail

KAFKA_VERSION=4.3.1
REGISTRY_VERSION=2.6.13.Final
PLUGIN=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

CACHE="${CNS_KAFKA_CACHE:-$HOME/.cache/cns/kafka}"
KAFKA_JARS="$CACHE/kafka-$KAFKA_VERSION"
REGISTRY_HOME="$CACHE/apicurio-$REGISTRY_VERSION"
# How long a broker or the registry may take to be ready.
WAIT_SECONDS="${CNS_KAFKA_WAIT_SECONDS:-180}"
BROKER_HEAP="${CNS_KAFKA_HEAP:-512m}"
REGISTRY_HEAP="${CNS_KAFKA_REGISTRY_HEAP:-256m}"

DIR="${TMPDIR:-/tmp}/cns-kafka"
PORT=9092
BROKERS=1
TRANSACTION_VERSION=
REGISTRY=no
NODE=

usage() {
    cat <<'TEXT'
Kafka brokers and a schema registry on this machine, for tests.

  scripts/kafka.sh fetch                     get what is needed by Maven (once, about 190 MB)
  scripts/kafka.sh start [options]           start a new cluster; prints KAFKA=… and REGISTRY=… when it is ready
      --brokers 1|3                          how many nodes, each of them broker and controller [1]
      --transaction-version 0|1|2            feature level of transactions [that of the release: 2]
      --registry                             also start a schema registry
      --port P                               brokers at P, P+10, P+20, their controllers one port above, the
                                             registry at P+5 [9092]
  scripts/kafka.sh kill N                    SIGKILL for node N (1, 2, 3) or for `registry`
  scripts/kafka.sh restart N                 start it again with the data it has
  scripts/kafka.sh status                    what runs; exit code 0 when all of it does
  scripts/kafka.sh stop                      SIGKILL for all of it, and remove its data; the logs stay

All but fetch take --dir DIR, the folder of the cluster [${TMPDIR:-/tmp}/cns-kafka]. Clusters with folders and ports
of their own run side by side.

Variables: CNS_KAFKA_CACHE (where artefacts are kept [~/.cache/cns/kafka]), CNS_KAFKA_HEAP [512m],
CNS_KAFKA_REGISTRY_HEAP [256m], CNS_KAFKA_WAIT_SECONDS [180].
Exit codes: 1 it failed, 2 wrong use, 4 something needed is not here, 7 not ready in time.
TEXT
}

say() {
    echo "$*" >&2
}

fail() {
    local code="$1"
    shift
    say "kafka.sh: $*"
    exit "$code"
}

# ---------------------------------------------------------------------------------------------- what is needed

need_java() {
    local hint="install Java 17 or newer (Debian, Ubuntu: apt-get install openjdk-17-jre-headless)" version
    command -v java >/dev/null || fail 4 "java is missing: $hint"
    version="$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)"
    [ "${version:-0}" -ge 17 ] || fail 4 "Java ${version:-of an unknown version} is too old: $hint"
}

need_maven() {
    command -v mvn >/dev/null ||
        fail 4 "mvn is missing: install Maven (Debian, Ubuntu: apt-get install maven), or fill $CACHE from another machine"
}

# A folder appears under its name when it is complete, so an interrupted fetch leaves nothing half done.
publish() {
    local from="$1" to="$2"
    # Somebody else may have been faster.
    [ -d "$to" ] || mv "$from" "$to"
    say "  done: $(du -sh "$to" | cut -f 1) in $to"
}

write_pom() {
    cat >"$1" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>cns</groupId>
  <artifactId>kafka-for-tests</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>$KAFKA_VERSION</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>$KAFKA_VERSION</version>
      <exclusions>
        <exclusion><groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId></exclusion>
        <exclusion><groupId>org.apache.kafka</groupId><artifactId>connect-api</artifactId></exclusion>
        <exclusion><groupId>org.apache.kafka</groupId><artifactId>connect-json</artifactId></exclusion>
      </exclusions>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
XML
}

maven() {
    mvn -q -B "$@" >&2 || fail 4 "Maven could not get it; its message is above"
}

fetch_kafka() {
    [ -d "$KAFKA_JARS" ] && return
    need_maven
    say "Fetching Apache Kafka $KAFKA_VERSION by Maven (53 jars, 45 MB) …"
    local work
    mkdir -p "$CACHE"
    work="$(mktemp -d "$CACHE/.fetch.XXXXXX")"
    write_pom "$work/pom.xml"
    maven -f "$work/pom.xml" "$PLUGIN:copy-dependencies" -DincludeScope=runtime -DoutputDirectory="$work/jars"
    publish "$work/jars" "$KAFKA_JARS"
    rm -rf "$work"
}

fetch_registry() {
    [ -d "$REGISTRY_HOME" ] && return
    need_maven
    say "Fetching the Apicurio schema registry $REGISTRY_VERSION by Maven (142 MB) …"
    local work
    mkdir -p "$CACHE"
    work="$(mktemp -d "$CACHE/.fetch.XXXXXX")"
    (
        # Away from the poms of whoever calls this.
        cd "$work"
        maven "$PLUGIN:copy" -Dartifact="io.apicurio:apicurio-registry-app:$REGISTRY_VERSION:tar.gz:all" \
            -DoutputDirectory="$work"
    )
    mkdir "$work/home"
    tar -xzf "$work/apicurio-registry-app-$REGISTRY_VERSION-all.tar.gz" -C "$work/home"
    publish "$work/home" "$REGISTRY_HOME"
    rm -rf "$work"
}

fetch() {
    need_java
    fetch_kafka
    fetch_registry
    say "Everything is in $CACHE"
}

# --------------------------------------------------------------------------------------------------- processes

broker_port() {
    echo $((PORT + 10 * ($1 - 1)))
}

controller_port() {
    echo $((PORT + 10 * ($1 - 1) + 1))
}

registry_port() {
    echo $((PORT + 5))
}

home_of() {
    case "$1" in
        registry) echo "$DIR/registry" ;;
        *) echo "$DIR/node-$1" ;;
    esac
}

command_of() {
    if [ -d /proc/self ]; then
        tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" || true
    else
        ps -ww -o args= -p "$1" || true
    fi
}

# The process of a node; nothing when it does not run. A number that another process has got meanwhile is not it.
pid_of() {
    local home pid
    home="$(home_of "$1")"
    [ -r "$home/pid" ] || return 0
    pid="$(cat "$home/pid")"
    case "$(command_of "$pid")" in
        *"cns.home=$home "*) echo "$pid" ;;
    esac
}

# Starts Java in the background, with its log and its number in its folder.
launch() {
    local part="$1" heap="$2" home
    home="$(home_of "$part")"
    shift 2
    nohup java "-Xmx$heap" "-Dcns.home=$home" "$@" >>"$home/log" 2>&1 </dev/null &
    echo "$!" >"$home/pid"
    # For a moment it still is this shell by name.
    until [ -n "$(pid_of "$part")" ] || ! kill -0 "$!" 2>/dev/null; do sleep 0.02; done
}

slay() {
    local pid
    pid="$(pid_of "$1")"
    [ -n "$pid" ] || return 0
    kill -KILL "$pid" 2>/dev/null || true
    # Its port is free only when it is gone.
    while [ -n "$(pid_of "$1")" ]; do sleep 0.05; done
}

parts() {
    seq "$BROKERS"
    [ "$REGISTRY" = no ] || echo registry
}

slay_all() {
    local part
    for part in $(parts); do slay "$part"; done
}

# Fails with the end of the log when a process ended or took too long. What was begun is ended.
give_up() {
    local part="$1" code="$2" why="$3"
    tail -n 20 "$(home_of "$part")/log" >&2 || true
    [ "$part" = registry ] || part="node $part"
    say "kafka.sh: $part $why; the end of its log is above, the whole in $DIR"
    slay_all
    exit "$code"
}

# Waits until a command succeeds for a part, as long as its process runs.
wait_until() {
    local part="$1" deadline=$((SECONDS + WAIT_SECONDS))
    shift
    until "$@"; do
        [ -n "$(pid_of "$part")" ] || give_up "$part" 1 "ended"
        [ "$SECONDS" -lt "$deadline" ] || give_up "$part" 7 "was not ready in $WAIT_SECONDS s"
        sleep 0.1
    done
}

port_is_taken() {
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

refuse_taken_ports() {
    local part ports=()
    for part in $(parts); do
        case "$part" in
            registry) ports+=("$(registry_port)") ;;
            *) ports+=("$(broker_port "$part")" "$(controller_port "$part")") ;;
        esac
    done
    local port
    for port in "${ports[@]}"; do
        port_is_taken "$port" && fail 4 "port $port is taken: choose others with --port"
    done
    return 0
}

# ----------------------------------------------------------------------------------------------------- brokers

random_id() {
    # 16 bytes as Kafka writes them. A leading dash would be taken for an option.
    head -c 16 /dev/urandom | base64 | tr '+/' '-_' | sed 's/^[-_]/A/; s/=*$//'
}

bootstrap() {
    local node found=''
    for node in $(seq "$BROKERS"); do found="$found,127.0.0.1:$(broker_port "$node")"; done
    echo "${found#,}"
}

controllers() {
    local node found=''
    for node in $(seq "$BROKERS"); do found="$found,127.0.0.1:$(controller_port "$node")"; done
    echo "${found#,}"
}

properties_common() {
    local node="$1" home copies="$BROKERS" min_isr=1
    home="$(home_of "$node")"
    [ "$BROKERS" -eq 1 ] || min_isr=2
    cat <<PROPERTIES
process.roles=broker,controller
node.id=$node
controller.quorum.bootstrap.servers=$(controllers)
listeners=PLAINTEXT://127.0.0.1:$(broker_port "$node"),CONTROLLER://127.0.0.1:$(controller_port "$node")
advertised.listeners=PLAINTEXT://127.0.0.1:$(broker_port "$node")
controller.listener.names=CONTROLLER
log.dirs=$home/data
auto.create.topics.enable=false
default.replication.factor=$copies
min.insync.replicas=$min_isr
offsets.topic.replication.factor=$copies
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$min_isr
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$min_isr
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=6000
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=1500
PROPERTIES
}

# A node that died is noticed within seconds; the defaults take 19 seconds to go on, these 5.
properties_of_failover() {
    cat <<'PROPERTIES'
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.fetch.timeout.ms=1000
controller.quorum.election.timeout.ms=500
PROPERTIES
}

write_properties() {
    properties_common "$1"
    [ "$BROKERS" -eq 1 ] || properties_of_failover
}

format_node() {
    local home="$1" cluster="$2" voters="$3" options=()
    if [ "$BROKERS" -eq 1 ]; then
        options+=(--standalone)
    else
        options+=(--initial-controllers "$voters")
    fi
    [ -z "$TRANSACTION_VERSION" ] || options+=(--feature "transaction.version=$TRANSACTION_VERSION")
    java -XX:TieredStopAtLevel=1 -cp "$KAFKA_JARS/*" kafka.tools.StorageTool format \
        -t "$cluster" -c "$home/server.properties" "${options[@]}" >>"$home/log" 2>&1
}

format_nodes() {
    local node home cluster voters='' jobs=()
    cluster="$(random_id)"
    for node in $(seq "$BROKERS"); do
        home="$(home_of "$node")"
        mkdir -p "$home"
        write_properties "$node" >"$home/server.properties"
        voters="$voters,$node@127.0.0.1:$(controller_port "$node"):$(random_id)"
    done
    for node in $(seq "$BROKERS"); do
        format_node "$(home_of "$node")" "$cluster" "${voters#,}" &
        jobs+=("$!")
    done
    for node in $(seq "$BROKERS"); do
        wait "${jobs[node - 1]}" || give_up "$node" 1 "could not be formatted"
    done
}

launch_node() {
    local home
    home="$(home_of "$1")"
    # Only what this start writes tells that it is ready.
    [ ! -f "$home/log" ] || mv "$home/log" "$home/log.before"
    launch "$1" "$BROKER_HEAP" -cp "$KAFKA_JARS/*" kafka.Kafka "$home/server.properties"
}

# The port is bound long before the broker serves; its log is what tells.
node_is_ready() {
    grep -q 'Kafka Server started' "$(home_of "$1")/log"
}

# ---------------------------------------------------------------------------------------------------- registry

registry_url() {
    echo "http://127.0.0.1:$(registry_port)/apis/ccompat/v7"
}

# Its schemas are in a file that is written at once, so they and their ids outlive a SIGKILL.
launch_registry() {
    local home
    home="$(home_of registry)"
    mkdir -p "$home/data"
    launch registry "$REGISTRY_HEAP" -XX:TieredStopAtLevel=1 \
        -Dquarkus.http.host=127.0.0.1 "-Dquarkus.http.port=$(registry_port)" \
        "-Dquarkus.datasource.jdbc.url=jdbc:h2:file:$home/data/registry;WRITE_DELAY=0" \
        -jar "$REGISTRY_HOME/apicurio-registry-app-$REGISTRY_VERSION-runner.jar"
}

# One request to the registry, without the need for curl. Succeeds when the answer is 200.
ask_registry() (
    method="$1" path="$2" body="${3:-}"
    exec 3<>"/dev/tcp/127.0.0.1/$(registry_port)" || exit 1
    printf '%s /apis/ccompat/v7%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' "$method" "$path" >&3
    printf 'Content-Type: application/vnd.schemaregistry.v1+json\r\nContent-Length: %d\r\n\r\n%s' \
        "${#body}" "$body" >&3
    read -r -t 10 _ status _ <&3 && [ "$status" = 200 ]
) 2>/dev/null

# Its own default is to check nothing; Confluent's is BACKWARD.
start_registry() {
    launch_registry
    wait_until registry ask_registry GET /subjects
    wait_until registry ask_registry PUT /config '{"compatibility":"BACKWARD"}'
}

# ------------------------------------------------------------------------------------------------- subcommands

is_cluster() {
    [ -f "$DIR/cluster" ]
}

# What the folder's cluster was started with.
recall() {
    is_cluster || fail 2 "there is no cluster in $DIR"
    read -r BROKERS PORT REGISTRY <"$DIR/cluster"
}

# Only files of this script are ever removed.
clear_away() {
    local part
    for part in 1 2 3 registry; do
        rm -rf "$(home_of "$part")"
    done
    rm -f "$DIR/cluster"
}

refuse_used_folder() {
    local running
    if is_cluster; then
        running="$(
            recall
            for part in $(parts); do pid_of "$part"; done
        )"
        [ -z "$running" ] || fail 2 "a cluster runs in $DIR: stop it, or name another folder with --dir"
    elif [ -n "$(ls -A "$DIR")" ]; then
        fail 2 "$DIR holds something else: name another folder with --dir"
    fi
}

start() {
    need_java
    fetch_kafka
    [ "$REGISTRY" = no ] || fetch_registry
    refuse_used_folder
    refuse_taken_ports
    clear_away
    echo "$BROKERS $PORT $REGISTRY" >"$DIR/cluster"
    # Whoever interrupts the start leaves nothing running.
    trap 'slay_all; exit 1' INT TERM
    format_nodes
    local node
    for node in $(seq "$BROKERS"); do launch_node "$node"; done
    [ "$REGISTRY" = no ] || start_registry
    for node in $(seq "$BROKERS"); do wait_until "$node" node_is_ready "$node"; done
    addresses
}

addresses() {
    echo "KAFKA=$(bootstrap)"
    [ "$REGISTRY" = no ] || echo "REGISTRY=$(registry_url)"
}

stop() {
    # Nothing to stop is as good as stopped.
    is_cluster || return 0
    recall
    slay_all
    local part
    for part in $(parts); do rm -rf "$(home_of "$part")/data"; done
}

check_node() {
    local part
    for part in $(parts); do
        [ "$part" != "$NODE" ] || return 0
    done
    fail 2 "there is no '$NODE' in $DIR; there are: $(parts | xargs)"
}

kill_one() {
    recall
    check_node
    slay "$NODE"
}

restart_one() {
    recall
    check_node
    need_java
    slay "$NODE"
    if [ "$NODE" = registry ]; then
        start_registry
    else
        [ -d "$(home_of "$NODE")/data" ] || fail 2 "the cluster in $DIR was stopped: start a new one"
        launch_node "$NODE"
        wait_until "$NODE" node_is_ready "$NODE"
    fi
}

status() {
    recall
    local part port pid runs all=0
    for part in $(parts); do
        port="$(registry_port)"
        [ "$part" = registry ] || port="$(broker_port "$part")"
        pid="$(pid_of "$part")"
        runs="process $pid"
        if [ -z "$pid" ]; then
            runs="does not run"
            all=1
        fi
        printf '%-8s  port %-5s  %s\n' "$part" "$port" "$runs"
    done
    addresses
    return "$all"
}

# ------------------------------------------------------------------------------------------------ command line

read_options() {
    while [ $# -gt 0 ]; do
        case "$1" in
            --registry) REGISTRY=yes ;;
            --dir | --port | --brokers | --transaction-version)
                [ $# -ge 2 ] || fail 2 "$1 needs a value"
                read_value "$1" "$2"
                shift
                ;;
            -*) fail 2 "there is no option $1; see scripts/kafka.sh help" ;;
            *)
                [ -z "$NODE" ] || fail 2 "'$1' is too much; see scripts/kafka.sh help"
                NODE="$1"
                ;;
        esac
        shift
    done
}

read_value() {
    case "$1=$2" in
        --dir=?*) DIR="$2" ;;
        --port=[1-9]*[!0-9]* | --port=[!1-9]*) fail 2 "--port takes a number" ;;
        --port=?*)
            [ "$2" -le 65500 ] || fail 2 "--port goes up to 65500"
            PORT="$2"
            ;;
        --brokers=[13]) BROKERS="$2" ;;
        --brokers=*) fail 2 "--brokers is 1 or 3" ;;
        --transaction-version=[012]) TRANSACTION_VERSION="$2" ;;
        --transaction-version=*) fail 2 "--transaction-version is 0, 1 or 2" ;;
        *) fail 2 "$1 needs a value" ;;
    esac
}

main() {
    local command="${1:-help}"
    [ $# -eq 0 ] || shift
    read_options "$@"
    case "$command" in
        kill | restart) [ -n "$NODE" ] || fail 2 "$command needs the number of a node, or 'registry'" ;;
        *) [ -z "$NODE" ] || fail 2 "'$NODE' is too much; see scripts/kafka.sh help" ;;
    esac
    [ "$command" != start ] || mkdir -p "$DIR"
    # Processes are recognized by this path, so each folder has one spelling only.
    [ ! -d "$DIR" ] || DIR="$(cd "$DIR" && pwd -P)"
    case "$command" in
        fetch) fetch ;;
        start) start ;;
        stop) stop ;;
        kill) kill_one ;;
        restart) restart_one ;;
        status) status ;;
        help | -h | --help) usage ;;
        *) fail 2 "there is no subcommand $command; see scripts/kafka.sh help" ;;
    esac
}

main "$@"
