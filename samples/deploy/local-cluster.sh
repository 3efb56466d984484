#!/usr/bin/env bash
# Three storage nodes and two gateways on loopback, each a process of its own. Ctrl-C ends them.
#
#   samples/deploy/local-cluster.sh [FOLDER]
#
# PORT (7400) is the first gateway's port; the second gateway has the next one, the nodes have the three after it.
# SHARDS (3) and STORE (sqlite, rocksdb) shape the cluster. A folder that holds a cluster is served again.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${1:-$(mktemp -d -t shardsql-XXXXXX)}
port=${PORT:-7400}
shards=${SHARDS:-3}
store=${STORE:-sqlite}
host=127.0.0.1
start_seconds=60

server="$root/gateway/ShardSql.Gateway/bin/Release/net10.0/ShardSql.Gateway.dll"
gateways=("$host:$port" "$host:$((port + 1))")
nodes=("$host:$((port + 2))" "$host:$((port + 3))" "$host:$((port + 4))")
names=()
pids=()

# What was started last ends first: gateways finish their commits while the nodes are still there.
end() {
    trap - EXIT INT TERM
    local i
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill -TERM "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
    echo "Ended. The data is in $folder."
}

fail() {
    echo "local-cluster: $1" >&2
    exit 1
}

# start NAME ARGUMENT...: a server with its output in FOLDER/NAME.log.
start() {
    local name=$1
    shift
    : >"$folder/$name.log"
    # A session of its own: Ctrl-C reaches this script alone, which then ends the servers in order.
    setsid dotnet "$server" serve "$@" --data "$folder/$name" >"$folder/$name.log" 2>&1 &
    names+=("$name")
    pids+=($!)
}

# wait_ready FIRST: every server from that index on says so, or has ended.
wait_ready() {
    local i
    for ((i = $1; i < ${#pids[@]}; i++)); do
        local deadline=$((SECONDS + start_seconds))
        until grep -q "is ready" "$folder/${names[i]}.log"; do
            kill -0 "${pids[i]}" 2>/dev/null || fail "${names[i]} has ended: $(tail -n 3 "$folder/${names[i]}.log")"
            ((SECONDS < deadline)) || fail "${names[i]} is not ready after $start_seconds s; see $folder/${names[i]}.log"
            sleep 0.1
        done
        echo "${names[i]} is ready (process ${pids[i]})"
    done
}

[[ -f $server ]] || dotnet build -c Release "$root/gateway/ShardSql.Gateway" >&2
mkdir -p "$folder"
trap end EXIT
trap 'exit 0' INT TERM

if [[ ! -d $folder/node1 ]]; then
    dotnet "$server" init --data "$folder/node1" --shards "$shards" --replicas 3 --node "${nodes[@]}"
fi
for i in 1 2 3; do
    start "node$i" --role node --node-id "$i" --listen "${nodes[i - 1]}" --join "${nodes[0]}" --store "$store"
done
wait_ready 0
for i in 1 2; do
    start "gateway$i" --role gateway --listen "${gateways[i - 1]}" --join "${nodes[@]}"
done
wait_ready 3

echo "Connection string: Server=${gateways[0]},${gateways[1]};Database=shardsql"
echo "Data and logs: $folder. Ctrl-C ends the cluster."
wait -n "${pids[@]}" || true
fail "a server has ended; see the logs in $folder"
