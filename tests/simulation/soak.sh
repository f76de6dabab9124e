#!/usr/bin/env bash
# Lives a range of seeds in parts, beside other work, and keeps what failed:
#
#     tests/simulation/soak.sh 3000001 3500000 &
#
# Seeds that failed are appended to target/soak/failed, what happened in each part to
# target/soak/log. A range that was broken off goes on from its last whole part.
set -euo pipefail
cd "$(dirname "$0")/../.."
first=${1:?first seed} last=${2:?last seed} part=5000
mkdir -p target/soak
done=target/soak/done-$first-$last
binary=$(cargo test --release --test simulation --no-run --message-format=json |
    grep -o '"executable":"[^"]*simulation-[^"]*"' | cut -d'"' -f4 | tail -n 1)
from=$(cat "$done" 2>/dev/null || echo "$first")
while ((from <= last)); do
    to=$((from + part - 1 < last ? from + part - 1 : last))
    echo "seeds $from-$to" >>target/soak/log
    if ! B24POST_SEEDS=$from-$to nice -n 10 "$binary" --nocapture no_row >target/soak/part 2>&1; then
        grep -o 'failing seeds: \[[^]]*\]' target/soak/part | tee -a target/soak/failed || {
            echo "seeds $from-$to: broke off" | tee -a target/soak/failed
            tail -n 20 target/soak/part >>target/soak/failed
        }
    fi
    grep -E '^ *[a-zA-Z0-9].* [0-9]+$' target/soak/part >>target/soak/log || true
    from=$((to + 1))
    echo "$from" >"$done"
done
