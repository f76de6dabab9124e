#!/usr/bin/env bash
# Plants the bugs of tests/simulation/planted/, one after the other, in a copy of the tree, and says
# whether the simulation finds each:
#
#     tests/simulation/planted.sh                 # all of them
#     tests/simulation/planted.sh doubt-resent    # those named
#
# Each costs a build of the library, up to a minute and a half on two busy cores, and 26 took 23
# minutes there; the seeds that a patch names take seconds. A first run builds the dependencies too.
# The copy and what is built of it lie in target/planted, apart from the tree's own programs.
set -euo pipefail
cd "$(dirname "$0")/../.."
patches=tests/simulation/planted copy=target/planted/tree log=target/planted/log
binary=target/planted/simulation before=target/planted/before
export CARGO_TARGET_DIR=$PWD/target/planted/build
if (($# == 0)); then
    set -- $(cd $patches && ls | sed 's/\.patch$//')
fi

seeds_of() {
    sed -n 's/^Seeds: //p' "$patches/$1.patch"
}

# Builds the simulation of the copy. What is there from before it must not be taken for it.
build() {
    local built
    built=$(cargo test --manifest-path $copy/Cargo.toml --test simulation --no-run \
        --message-format=json-render-diagnostics 2>"$log" |
        grep -o '"executable":"[^"]*simulation-[^"]*"' | cut -d'"' -f4) || return 1
    cp "$built" $binary
    if cmp -s $binary $before; then
        echo "the program is the same as without it" >"$log"
        return 1
    fi
    cp $binary $before
}

# Lives seeds, and prints those that fail; says no where it breaks off otherwise.
live() {
    B24POST_SEEDS=$1 $binary no_row_is_lost_or_doubled_whatever_happens >"$log" 2>&1 ||
        grep -o 'failing seeds: \[[^]]*\]' "$log" | tr -dc '0-9 '
}

# What a build that was broken off has left is not to be relied on.
rm -rf $copy $before "$CARGO_TARGET_DIR/debug/incremental"
mkdir -p $copy
tar -c --exclude=./target --exclude=./.git . | tar -x -m -C $copy
build || {
    tail -n 40 "$log"
    exit 1
}
for seeds in $(for name; do seeds_of "$name"; done | sort -u); do
    failing=$(live "$seeds") && [[ -z $failing ]] || {
        echo "without a bug, seeds $seeds: ${failing:-it broke off, see $log}"
        exit 1
    }
done
echo "no bug planted: nothing found; $SECONDS s"

found=0
for name; do
    began=$SECONDS
    git apply --directory=$copy "$patches/$name.patch"
    if ! build; then
        verdict="not found, it could not be built:"$'\n'$(tail -n 20 "$log")
    elif ! failing=$(live "$(seeds_of "$name")"); then
        verdict="not found, the test broke off:"$'\n'$(tail -n 20 "$log")
    elif [[ -z $failing ]]; then
        verdict="not found"
    else
        verdict="found by $(wc -w <<<"$failing" | tr -d ' ') of seeds $(seeds_of "$name")"
        found=$((found + 1))
    fi
    echo "$name: $verdict; $((SECONDS - began)) s"
    git apply --directory=$copy -R "$patches/$name.patch"
done
echo "$found of $# found; $SECONDS s"
((found == $#))
